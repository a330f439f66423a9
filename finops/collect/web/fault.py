"""What a web server says, or that it says nothing -> our errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from finops.errors import AccessDenied, FinopsError, NotFound, RefusedBatch, Throttled, Unreachable

_LONGEST_WORDS = 200


def answer_fault(response: httpx.Response, where: str, permission: str, secrets: Sequence[str]) -> FinopsError:
    """The error for an answer that is no success. ``permission`` is the remedy of a refused caller."""
    status = response.status_code
    if status in {401, 403}:
        # the server's own words are left out: they tend to repeat the key
        what = "the credentials are not accepted" if status == httpx.codes.UNAUTHORIZED else "access is not allowed"
        return AccessDenied(f"{what} (HTTP {status})", where=where, remedy=permission)
    said = one_line(_message(response), secrets)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Throttled(
            f"the server asks to slow down (HTTP 429: {said})",
            where=where,
            remedy="It is tried again with the next collection; collect less often (every:) if it comes back",
            retry_after_seconds=retry_after_seconds(response),
        )
    if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in {408, 425}:
        return Unreachable(
            f"the server failed (HTTP {status}: {said})",
            where=where,
            remedy="It is tried again with the next collection",
            retry_after_seconds=retry_after_seconds(response),
        )
    if status == httpx.codes.NOT_FOUND:
        return NotFound(f"there is no such page (HTTP 404: {said})", where=where, remedy="Check the address")
    if response.is_redirect:
        return RefusedBatch(f"the server redirects (HTTP {status})", where=where, remedy="Configure the final address")
    return RefusedBatch(f"the request is refused (HTTP {status}: {said})", where=where, remedy="Check the options")


def connection_fault(error: httpx.HTTPError, where: str, timeout_seconds: float) -> FinopsError:
    """The error for a request that got no whole answer."""
    if isinstance(error, httpx.TimeoutException):
        what = f"no answer within {timeout_seconds:g} s"
    elif isinstance(error, httpx.ConnectError):
        what = f"no connection ({error})"
    elif isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return RefusedBatch("the request cannot be made", where=where, remedy="Check the address and the headers")
    else:
        what = f"the connection broke ({type(error).__name__})"
    return Unreachable(what, where=where, remedy="Check address and network; it is tried again")


def retry_after_seconds(response: httpx.Response) -> float | None:
    """RFC 9110 ``Retry-After``, as seconds or as a date; None where it is missing or unreadable."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(response.headers["date"])  # the server's clock, as the wish is in its terms
    except (ValueError, KeyError):
        return None
    return max(0.0, (_aware(until) - _aware(now)).total_seconds())


def one_line(text: str, secrets: Sequence[str]) -> str:
    """The first words of what a server says, in one line, without any of ``secrets``."""
    for secret in secrets:
        for part in (secret, secret.removeprefix("Bearer ").removeprefix("Basic ")):
            text = text.replace(part, "***") if part else text
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}…"


def _message(response: httpx.Response) -> str:
    """The words inside ``{"error": {"message": …}}`` or ``{"error": "…"}``, else the body."""
    try:
        error = json.loads(response.text)["error"]
    except (ValueError, KeyError, TypeError):
        return response.text or "no words"
    return str(error["message"]) if isinstance(error, dict) and "message" in error else str(error)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
