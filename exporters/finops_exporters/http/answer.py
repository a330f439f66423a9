"""What an HTTP answer means for a message."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from finops.errors import DeliveryFailed, DeliveryRefused

_AGAIN = frozenset({408, 425, 429})
_EXCERPT = 200
"""Characters of an answer that are kept: enough for a sentence, too few for a page."""


def judge(response: httpx.Response, excerpt: str, *, where: str, now: datetime) -> str:
    """The answer in one line, or the error that it amounts to."""
    status = response.status_code
    line = f"HTTP {status}{_phrase(status)}"
    if response.is_success:
        return line
    if excerpt:
        line += f": {excerpt}"
    if status in _AGAIN or status >= 500:
        raise DeliveryFailed(
            line,
            where=where,
            remedy="It is tried again; see the server's log",
            retry_after_seconds=_retry_after_seconds(response, now),
        )
    if response.is_redirect:
        raise DeliveryRefused(line, where=where, remedy="Redirects are not followed: configure the final address")
    raise DeliveryRefused(line, where=where, remedy="Check the address, the token and what the server expects")


def one_line(content: bytes, secrets: Iterable[str]) -> str:
    """The start of a body, harmless in a log: printable, short, without what we sent in confidence."""
    text = content.decode("utf-8", "replace")
    for secret in secrets:
        if len(secret) > 1:
            text = text.replace(secret, "***")
    printable = "".join(character if character.isprintable() else " " for character in text)
    line = " ".join(printable.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _retry_after_seconds(response: httpx.Response, now: datetime) -> float | None:
    """Both forms, seconds and a date: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after"""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value).astimezone(UTC) - now).total_seconds())
    except ValueError:
        return None
