"""What receivers over HTTP share: their address, their secrets, and one bounded POST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from finops.deferred import httpx
from finops.errors import AccessDenied, DeliveryFailed, DeliveryRefused, Terminal, Transient
from finops.http_client import HttpOptions, check_address, http_session, is_header_value, parse_url, trust
from finops.http_client.failures import answer_failure, server_words, status_line
from finops.http_client.session import BodyEnd
from finops.model.secret import Secret

Reveal = Callable[[Secret], str]
"""The value of a secret, which no answer repeats from then on."""

_LARGEST_BYTES = 4096
_RETRIED = "It is retried automatically"


class SenderOptions(HttpOptions):
    """``url`` by reference where it holds a token."""

    reserved: ClassVar[frozenset[str]] = HttpOptions.reserved | {
        "idempotency-key",
        "x-finops-signature",
        "x-finops-timestamp",
    }

    url: str | Secret = Field(
        union_mode="left_to_right",
        description="URL that messages are posted to; by reference if it contains a token",
        examples=["https://hooks.example.com/finops", {"env": "HOOK_URL"}],
    )
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="Timeout of a delivery", examples=[10])

    @field_validator("url")
    @classmethod
    def _plain_address(cls, url: str | Secret) -> str | Secret:
        return url if isinstance(url, Secret) else check_address(url)


class HttpSender:
    """Posts to the address of ``options``. Construction does no I/O; secrets are read for each message.

    2xx is taken; 408, 425, 429, 5xx, time-outs and broken connections are retried; all else is refused, redirects too.
    """

    def __init__(self, name: str, options: SenderOptions, *, base: Path) -> None:
        """``name``: the receiver's; ``base``: relative paths count from it."""
        self._name = name
        self._options = options
        self._base = base

    def post(
        self,
        body: bytes,
        *,
        idempotency_key: str,
        now: datetime,
        path: str = "",
        more_headers: Callable[[Reveal], Mapping[str, str]] = lambda _reveal: {},
    ) -> str:
        """The status in one line. ``path`` is added to the configured one. Raises ``DeliveryFailed``,
        ``DeliveryRefused``."""
        options, where = self._options, self.where
        secrets: list[str] = []
        try:
            url = self._url(secrets)
            headers = self._headers(secrets)
            verify = trust(self._base / options.ca_file if options.ca_file else None, where)
            headers |= more_headers(lambda secret: self._reveal(secret, secrets))
        except AccessDenied as error:
            # an operator can repair it, and the message is still wanted then
            at = where if error.where == where else f"{where}, {error.where}"
            raise DeliveryFailed(error.what, where=at, remedy=error.remedy) from None
        ours = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        try:
            with http_session(options.timeout_seconds, verify=verify) as session:
                answer = session.request(
                    "POST",
                    url.copy_with(path=url.path.rstrip("/") + path) if path else url,
                    where=where,
                    headers={"User-Agent": "finops", **headers, **ours},
                    content=body,
                    largest_bytes=_LARGEST_BYTES,
                    reads_success=False,
                )
            if answer.is_success:
                return status_line(answer.status)
            said = server_words(answer.body, secrets, complete=answer.end is BodyEnd.COMPLETE)
            permission = "Check the credentials in headers: and url:"
            raise answer_failure(answer.status, answer.headers, said, where=where, permission=permission, now=now)
        except Transient as error:
            raise DeliveryFailed(
                error.what, where=where, remedy=error.remedy, retry_after_seconds=error.retry_after_seconds
            ) from None
        except Terminal as error:
            raise DeliveryRefused(error.what, where=where, remedy=error.remedy) from None

    @property
    def where(self) -> str:
        """The receiver and its address, without credentials and query; of an address that is a secret only its name."""
        url = self._options.url
        if isinstance(url, Secret):
            return f"receiver {self._name} ({url})"
        parsed = httpx.URL(url)
        return f"receiver {self._name} ({parsed.scheme}://{parsed.netloc.decode('ascii')}{parsed.path})"

    def _url(self, secrets: list[str]) -> httpx.URL:
        if isinstance(self._options.url, str):
            return httpx.URL(self._options.url)
        url = parse_url(self._reveal(self._options.url, secrets))
        if url is None:
            remedy = "Set it to an address like https://hooks.example.com/finops"
            raise AccessDenied("the secret for url is not a web address", where=self.where, remedy=remedy)
        secrets += [url.path, url.query.decode("ascii"), url.username, url.password]
        return url

    def _headers(self, secrets: list[str]) -> dict[str, str]:
        headers = {
            name: value if isinstance(value, str) else self._reveal(value, secrets)
            for name, value in self._options.headers.items()
        }
        for name, value in headers.items():
            if not is_header_value(value):
                what = f"the secret for the header '{name}' contains more than printable ASCII"
                raise AccessDenied(what, where=self.where, remedy="Check the secret: it must be one line of text")
        return headers

    def _reveal(self, secret: Secret, secrets: list[str]) -> str:
        secrets.append(secret.reveal(self._base))
        return secrets[-1]
