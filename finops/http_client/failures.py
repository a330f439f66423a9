"""What a server answers, or that it does not answer -> our errors, without secrets."""

from __future__ import annotations

import json
import re
import ssl
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import quote

from finops.deferred import httpx
from finops.errors import AccessDenied, FinopsError, NotFound, RefusedBatch, Throttled, Unreachable
from finops.model.untrusted import one_line

_LONGEST_WORDS = 200
"""Characters of an answer that are kept: enough for a sentence, too few for a page."""

_LONGEST_SECONDS = 366 * 86_400.0
_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)
_RETRIED = "It is retried automatically; check the server if this persists"


def answer_failure(
    status: int,
    headers: Mapping[str, str],
    said: str,
    *,
    where: str,
    permission: str,
    now: datetime | None = None,
) -> FinopsError:
    """The error for an answer that is not a success. ``said``: see ``server_words``; ``permission``: the remedy of a
    caller who is denied access; ``now``: see ``retry_after_seconds``."""
    line = status_line(status)
    if status in {401, 403}:
        # the server's own words are left out: they tend to repeat the key
        what = f"{line}: " + ("the credentials are rejected" if status == 401 else "access is denied")
        return AccessDenied(what, where=where, remedy=permission)
    if said:
        line += f": {said}"
    wish = retry_after_seconds(headers, now)
    if status == 429:
        return Throttled(line, where=where, remedy="It is retried automatically", retry_after_seconds=wish)
    if status >= 500 or status in {408, 425}:
        return Unreachable(line, where=where, remedy=_RETRIED, retry_after_seconds=wish)
    if status == 404:
        return NotFound(line, where=where, remedy="Check the address")
    if 300 <= status < 400:
        return RefusedBatch(line, where=where, remedy="Redirects are not followed: configure the final address")
    return RefusedBatch(line, where=where, remedy="Check the address and the options")


def status_line(status: int) -> str:
    """Like ``HTTP 503 Service Unavailable``."""
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def connection_failure(error: httpx.HTTPError, where: str) -> FinopsError:
    """The error for a request that got no answer."""
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return RefusedBatch("the request cannot be sent", where=where, remedy="Check the address and the headers")
    chain = tuple(causes(error))
    untrusted = next((one for one in chain if isinstance(one, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        what = f"the server's certificate is not trusted ({untrusted.verify_message})"
        return Unreachable(what, where=where, remedy="Name the authority that signed it in ca_file:")
    what = "no connection" if isinstance(error, httpx.ConnectError | httpx.ProxyError) else "the connection was closed"
    reason = next((one.strerror for one in chain if isinstance(one, OSError) and one.strerror), type(error).__name__)
    return Unreachable(f"{what} ({reason})", where=where, remedy=_RETRIED)


def broken_off(where: str) -> FinopsError:
    return Unreachable("the connection was closed within the response", where=where, remedy=_RETRIED)


def timed_out(where: str, timeout_seconds: float) -> FinopsError:
    return Unreachable(f"no complete response within {timeout_seconds:g} s", where=where, remedy=_RETRIED)


def too_large(where: str, largest_bytes: int) -> FinopsError:
    what = f"the response is larger than {largest_bytes:,} bytes"
    return RefusedBatch(what, where=where, remedy="Request fewer days, or check the address")


def compressed(where: str, coding: str) -> FinopsError:
    what = f"the response is compressed ({one_line(coding, 20)}) although that was not requested"
    return RefusedBatch(what, where=where, remedy="Turn compression off in the proxy before the server")


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The longest wish of ``Retry-After`` and the headers named like it, in seconds or as a date (RFC 9110, 10.2.3).

    Azure's Cost Management has several, such as ``x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after``. ``now``:
    what a date counts from, by default the answer's own ``Date``. None where there is no wish, or none that is
    readable.
    """
    if now is None:
        now = next((_date(value) for name, value in headers.items() if name.lower() == "date"), None)
    wishes = [_wish(value.strip(), now) for name, value in headers.items() if name.lower().endswith("retry-after")]
    return max((wish for wish in wishes if wish is not None), default=None)


def server_words(body: bytes, secrets: Iterable[str], *, complete: bool = True) -> str:
    """The start of a body in one harmless line: printable, short, without any of ``secrets``; of JSON the words inside
    ``{"error": {"message": …}}`` or ``{"error": …}``."""
    forms = sorted({form for secret in secrets for form in _forms(secret) if len(form) > 1}, key=len, reverse=True)
    text = body.decode("utf-8", "replace")
    if not complete and forms:
        text = text[: -len(forms[0])]  # it may end within a secret
    try:
        error = json.loads(text)["error"]
        text = str(error["message"]) if isinstance(error, dict) and "message" in error else str(error)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    for form in forms:
        text = text.replace(form, "***")
    return one_line(" ".join(text.split()), _LONGEST_WORDS)


def _forms(secret: str) -> Iterator[str]:
    """How a server may repeat a secret."""
    bare = secret.removeprefix("Bearer ").removeprefix("Basic ")
    forms = [secret, bare]
    if secret.startswith("Basic "):
        user_and_password = b64decode(bare).decode("utf-8", "replace")
        forms += [user_and_password, user_and_password.partition(":")[2]]
    for form in forms:
        yield form
        yield quote(form, safe="")
        yield json.dumps(form)[1:-1]


def _wish(value: str, now: datetime | None) -> float | None:
    if _SECONDS.fullmatch(value):
        seconds = float(value)
        return seconds if seconds <= _LONGEST_SECONDS else None
    until = _date(value)
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())


def _date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it; of several addresses that were tried, each."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from causes(one)
        error = error.__cause__ or error.__context__
