"""What botocore raises -> our errors, with the permission that is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from finops.errors import AccessDenied, FinopsError, NotFound, Throttled, Transient, Unreachable
from finops.http_client import retry_after_seconds

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

THROTTLED = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes by which a service of AWS asks to wait."""

_DENIED = {"AccessDenied", "AccessDeniedException", "Forbidden", "AllAccessDisabled", "UnauthorizedOperation"}
_SIGN_IN = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
_MISSING = {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}
_NAMED = re.compile(r"not authorized to perform: ?(?P<action>[\w-]+:\w+)")


@contextmanager
def aws_failures(where: str, permission: str) -> Iterator[None]:
    """Maps what a call may raise to ``AccessDenied``, ``NotFound``, ``Throttled`` or ``Unreachable``.

    ``permission``: the IAM action that the call needs, like ``s3:GetObject``; where AWS names another one (a key of
    KMS that must not be used), that one is shown.
    """
    from botocore import exceptions as raised  # noqa: PLC0415 - slow to import, and only for AWS

    unsigned = (
        raised.NoCredentialsError,
        raised.PartialCredentialsError,
        raised.CredentialRetrievalError,
        raised.ProfileNotFound,
        raised.TokenRetrievalError,
    )
    try:
        yield
    except raised.ClientError as error:
        raise _of_answer(error, where, permission) from error
    except unsigned as error:
        raise AccessDenied(
            "no AWS credentials were found", where=where, remedy="Set AWS_PROFILE or give the machine a role"
        ) from error
    except raised.NoRegionError as error:
        raise AccessDenied("no AWS region was found", where=where, remedy="Set AWS_REGION") from error
    except (raised.ConnectionError, raised.HTTPClientError) as error:
        raise Unreachable(
            f"AWS did not answer ({type(error).__name__})", where=where, remedy="Check network and endpoint"
        ) from error
    except raised.BotoCoreError as error:
        raise Unreachable(
            f"the AWS SDK failed ({type(error).__name__})", where=where, remedy="Check profile and region"
        ) from error


def error_code(error: ClientError) -> str:
    """AWS's own word for the error, like ``NoSuchKey``; a number for an answer without a body."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _of_answer(error: ClientError, where: str, permission: str) -> FinopsError:
    code = error_code(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _SIGN_IN:
        return AccessDenied(
            f"AWS rejects the credentials ({code})", where=where, remedy="Renew them, and check the machine's clock"
        )
    if code in _DENIED or status == 403:
        named = _NAMED.search(str(error.response.get("Error", {}).get("Message", "")))
        action = named["action"] if named else permission
        return AccessDenied(f"AWS does not allow {action}", where=where, remedy=f"Grant {action} on it")
    if code in _MISSING:
        return NotFound(
            "the bucket, file or resource does not exist", where=where, remedy="Check the names in finops.yaml"
        )
    if code in THROTTLED or status in {429, 503}:
        return _wait(error, f"AWS is throttling requests ({code})", where)
    return Unreachable(f"AWS answered {status} {code}", where=where, remedy="Try again; the service may have a problem")


def _wait(error: ClientError, what: str, where: str) -> Transient:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return Throttled(
        what,
        where=where,
        remedy="It is retried automatically",
        retry_after_seconds=retry_after_seconds(headers),
    )
