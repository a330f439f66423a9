"""GET requests that answer with JSON: tried again where that may help, else an error with place and remedy."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import stamina

from finops.collect.web.fault import answer_fault, connection_fault, one_line
from finops.errors import AccessDenied, RefusedBatch, Transient
from finops.ports.source import Usage

Parameters = Sequence[tuple[str, str]]
_LONGEST_WAIT_SECONDS = 120.0
"""A server that asks for more patience than this is asked again by the next collection."""


@dataclass(frozen=True, slots=True)
class JsonApi:
    """``where``: how errors call it, without secrets. ``headers`` reveals credentials on each use, so that a rotated
    secret is picked up; ``permission`` says what a refused caller needs.

    ``attempts``: how often one question is asked at most. Requests and throttled answers are counted in ``usage``.
    """

    where: str
    address: str
    permission: str
    headers: Callable[[], Mapping[str, str]] = dict
    usage: Usage = field(default_factory=Usage)
    timeout_seconds: float = 60.0
    attempts: int = 5
    ca_file: Path | None = None

    @contextmanager
    def session(self) -> Iterator[Answers]:
        """One connection for several questions. Raises ``AccessDenied`` for credentials that cannot be read."""
        headers = dict(self.headers())
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                what = f"the secret of the header {name} holds more than printable ASCII"
                raise AccessDenied(what, where=self.where, remedy="Check the secret: it is one line of text")
        with httpx.Client(
            base_url=self.address,
            headers={"User-Agent": "finops", "Accept": "application/json", **headers},
            timeout=self.timeout_seconds,
            verify=self._trust(),
            follow_redirects=False,  # credentials are meant for the address that is configured
        ) as client:
            yield Answers(self, client, tuple(headers.values()))

    def _trust(self) -> ssl.SSLContext | bool:
        if self.ca_file is None:
            return True
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # ssl.SSLError is one too
            what = f"its ca_file {self.ca_file} cannot be read ({error.strerror})"
            raise AccessDenied(what, where=self.where, remedy="Check the file: certificates in PEM") from None


@dataclass(frozen=True, slots=True)
class Answers:
    """An open connection."""

    api: JsonApi
    client: httpx.Client = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

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
        where = f"{self.api.where} ({self.api.address.rstrip('/')}{path})"
        self.api.usage.requests += 1
        try:
            response = self.client.get(path, params=list(parameters))
        except httpx.HTTPError as error:
            raise connection_fault(error, where, self.api.timeout_seconds) from None
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self.api.usage.throttled += 1
        if not response.is_success:
            raise answer_fault(response, where, self.api.permission, self.secrets)
        try:
            return json.loads(response.text, parse_float=Decimal)
        except ValueError:
            said = one_line(response.text, self.secrets)
            remedy = "Check that the address is the interface's own, not a login page's"
            raise RefusedBatch(f"the answer is no JSON: '{said}'", where=where, remedy=remedy) from None


def _pause(error: Exception) -> bool | float:
    """Whether to ask again, or after how many seconds where the server says so."""
    if not isinstance(error, Transient):
        return False
    wished = error.retry_after_seconds
    if wished is None:
        return True
    return max(0.1, wished) if wished <= _LONGEST_WAIT_SECONDS else False
