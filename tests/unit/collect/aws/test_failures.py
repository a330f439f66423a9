"""Every exception of botocore becomes one of ours, with the permission that is missing, and no secret comes along."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as botocore

from finops.collect.aws.failures import THROTTLED, aws_failures
from finops.errors import AccessDenied, FinopsError, NotFound, Throttled, Unreachable


def answer(code: str, status: int = 400, message: str = "no", **headers: str) -> botocore.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers},
    }
    return botocore.ClientError(response, "GetObject")


def mapped(error: Exception) -> FinopsError:
    with pytest.raises(FinopsError) as caught, aws_failures("s3://bucket/key", "s3:GetObject"):
        raise error
    assert caught.value.where == "s3://bucket/key"
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (answer("ExpiredToken"), AccessDenied),
        (answer("SignatureDoesNotMatch", 403), AccessDenied),
        (answer("AccessDenied", 403), AccessDenied),
        (answer("403", 403), AccessDenied),
        (answer("NoSuchKey", 404), NotFound),
        (answer("404", 404), NotFound),
        (answer("InternalError", 500), Unreachable),
        *[(answer(code), Throttled) for code in sorted(THROTTLED)],
        (answer("503", 503), Throttled),
        (botocore.NoCredentialsError(), AccessDenied),
        (botocore.ProfileNotFound(profile="bills"), AccessDenied),
        (botocore.NoRegionError(), AccessDenied),
        (botocore.EndpointConnectionError(endpoint_url="http://s3"), Unreachable),
        (botocore.ReadTimeoutError(endpoint_url="http://s3"), Unreachable),
        (botocore.ParamValidationError(report="x"), Unreachable),
    ],
    ids=lambda value: str(value)[:50],
)
def test_it_is_ours(error: Exception, expected: type[FinopsError]) -> None:
    assert type(mapped(error)) is expected


def test_every_exception_of_the_library_is_mapped() -> None:
    kinds = [kind for kind in vars(botocore).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    ours = [kind for kind in kinds if issubclass(kind, botocore.BotoCoreError)]
    assert len(ours) > 50
    for kind in ours:
        error = kind.__new__(kind)
        assert isinstance(mapped(error), FinopsError)


def test_a_refusal_names_the_permission() -> None:
    assert "Grant s3:GetObject" in str(mapped(answer("AccessDenied", 403)))
    said = "User: arn:aws:iam::1:role/finops is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:key"
    assert "Grant kms:Decrypt" in str(mapped(answer("AccessDenied", 403, said)))


def test_the_wait_that_is_asked_for_is_handed_on() -> None:
    found = mapped(answer("SlowDown", 503, **{"retry-after": "7"}))
    assert isinstance(found, Throttled)
    assert found.retry_after_seconds == 7
