"""GET requests that answer with JSON: retried where that may help, else an error with place and remedy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops.deferred import stamina
from finops.errors import AccessDenied, RefusedBatch, Transient
from finops.http_client.failures import answer_failure, broken_off, server_words, timed_out, too_large
from finops.http_client.options import is_header_value
from finops.http_client.session import LARGEST_BYTES, BodyEnd, HttpSession, http_session, trust
from finops.ports.source import Usage

Parameters = Sequence[tuple[str, str]]
_LONGEST_WAIT_SECONDS = 120.0
"""A server that asks for more patience than this is asked again by the next collection."""


@dataclass(frozen=True, slots=True)
class JsonApi:
    """``where``: how errors call it, without secrets. ``headers`` reveals credentials on each use, so that a rotated
    secret is picked up; ``permission`` says what a caller who is denied access needs.

    ``attempts``: how often one question is asked at most; each attempt has ``timeout_seconds``
    in all. Requests and throttled answers are counted in ``usage``. An answer larger than ``largest_bytes`` is refused.
    """

    where: str
    address: str
    permission: str
    headers: Callable[[], Mapping[str, str]] = dict
    usage: Usage = field(default_factory=Usage)
    timeout_seconds: float = 60.0
    attempts: int = 5
    ca_file: Path | None = None
    largest_bytes: int = LARGEST_BYTES

    @contextmanager
    def session(self) -> Iterator[Answers]:
        """One connection for several questions. Raises ``AccessDenied`` for credentials that cannot be read."""
        headers = dict(self.headers())
        for name, value in headers.items():
            if not is_header_value(value):
                what = f"the secret for the header {name} contains more than printable ASCII"
                raise AccessDenied(what, where=self.where, remedy="Check the secret: it must be one line of text")
        with http_session(self.timeout_seconds, verify=trust(self.ca_file, self.where)) as session:
            yield Answers(self, session, {"User-Agent": "finops", "Accept": "application/json", **headers})


@dataclass(frozen=True, slots=True)
class Answers:
    """An open connection."""

    api: JsonApi
    session: HttpSession = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def get(self, path: str, parameters: Parameters) -> Any:
        """The answer's JSON, numbers with a fraction as ``Decimal``.

        Raises ``AccessDenied`` (401, 403), ``NotFound`` (404), ``Throttled`` (429), ``Unreachable`` (no connection,
        time-out, 5xx) after ``attempts``, ``RefusedBatch`` for any other answer.
        """
        for attempt in stamina.retry_context(
            on=_pause, attempts=self.api.attempts, timeout=None, wait_initial=1.0, wait_max=30.0
        ):
            with attempt:
                return self._once(path, parameters)
        raise AssertionError("stamina raises the last error itself")  # pragma: no cover - tells the type checker

    def _once(self, path: str, parameters: Parameters) -> Any:
        api, url = self.api, f"{self.api.address.rstrip('/')}{path}"
        where = f"{api.where} ({url})"
        api.usage.requests += 1
        answer = self.session.request(
            "GET", url, where=where, headers=self.headers, parameters=parameters, largest_bytes=api.largest_bytes
        )
        if answer.status == 429:
            api.usage.throttled += 1
        said = server_words(answer.body, self.headers.values(), complete=answer.end is BodyEnd.COMPLETE)
        if not answer.is_success:
            raise answer_failure(answer.status, answer.headers, said, where=where, permission=api.permission)
        match answer.end:
            case BodyEnd.TOO_LARGE:
                raise too_large(where, api.largest_bytes)
            case BodyEnd.TIMED_OUT:
                raise timed_out(where, api.timeout_seconds)
            case BodyEnd.BROKEN:
                raise broken_off(where)
        try:
            return json.loads(answer.body, parse_float=Decimal)
        except (ValueError, RecursionError):
            remedy = "Check that the address is the API's own, not a login page's"
            raise RefusedBatch(f"the response is not valid JSON: '{said}'", where=where, remedy=remedy) from None


def _pause(error: Exception) -> bool | float:
    """Whether to ask again, or after how many seconds where the server says so."""
    if not isinstance(error, Transient):
        return False
    wished = error.retry_after_seconds
    if wished is None:
        return True
    return max(0.1, wished) if wished <= _LONGEST_WAIT_SECONDS else False
