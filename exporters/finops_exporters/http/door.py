"""The way to one server: its address, its secrets, and what its silence or its answer means."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import httpx

from finops.errors import AccessDenied, DeliveryFailed, DeliveryRefused
from finops.model.secret import Secret
from finops_exporters.http.answer import judge, one_line
from finops_exporters.http.options import HttpOptions, is_header_value, parse_url

Reveal = Callable[[Secret], str]
"""The value of a secret, which no answer repeats from then on."""


class Door:
    """Posts to the address of ``options``. Construction does no I/O; secrets are read for each message.

    2xx is taken; 408, 425, 429, 5xx, time-outs and broken connections are tried again; all else is refused. A redirect
    is refused: the message was meant for the address that is configured.
    """

    def __init__(self, name: str, options: HttpOptions, *, base: Path) -> None:
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
        """The answer in one line. ``path`` is added to the configured one. Raises ``DeliveryFailed``,
        ``DeliveryRefused``."""
        url, secrets = self._url(path)
        headers = self._headers(secrets)
        trust = self._trust()
        headers |= {
            "Content-Type": "application/json",
            "User-Agent": headers.get("User-Agent", "finops"),
            "Accept-Encoding": "identity",
            "Idempotency-Key": idempotency_key,
            **more_headers(lambda secret: self._reveal(secret, secrets)),
        }
        try:
            with (
                httpx.Client(timeout=self._options.timeout_seconds, follow_redirects=False, verify=trust) as client,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                # what one read brings is enough to explain a refusal; a long or slow body is not waited for
                excerpt = "" if response.is_success else one_line(next(response.iter_raw(), b""), secrets)
                return judge(response, excerpt, where=self.where, now=now)
        except httpx.TimeoutException:
            raise self._failed(f"no answer within {self._options.timeout_seconds:g} s") from None
        except httpx.ConnectError as error:
            raise self._failed(_connect_fault(error)) from None
        except httpx.TransportError as error:
            if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
                remedy = "Check the URL and the headers of the receiver"
                raise DeliveryRefused("the request cannot be made", where=self.where, remedy=remedy) from None
            raise self._failed(f"the connection broke ({type(error).__name__})") from None

    @property
    def where(self) -> str:
        """The receiver and its address, without credentials and query; of an address that is a secret only its name."""
        url = self._options.url
        if isinstance(url, Secret):
            return f"receiver {self._name} ({url})"
        parsed = httpx.URL(url)
        return f"receiver {self._name} ({parsed.scheme}://{parsed.netloc.decode('ascii')}{parsed.path})"

    def _url(self, path: str) -> tuple[httpx.URL, list[str]]:
        if isinstance(self._options.url, str):
            return _longer(httpx.URL(self._options.url), path), []
        secrets: list[str] = []
        url = parse_url(self._reveal(self._options.url, secrets))
        if url is None:
            remedy = "Set it to an address like https://hooks.example.com/finops"
            raise DeliveryFailed("the URL's secret holds no web address", where=self.where, remedy=remedy)
        return _longer(url, path), [*secrets, url.path, url.query.decode("ascii")]

    def _headers(self, secrets: list[str]) -> dict[str, str]:
        headers = {
            name: value if isinstance(value, str) else self._reveal(value, secrets)
            for name, value in self._options.headers.items()
        }
        for name, value in headers.items():
            if not is_header_value(value):
                raise self._failed(f"the secret of the header '{name}' holds more than printable ASCII")
        return headers

    def _trust(self) -> ssl.SSLContext | bool:
        if self._options.ca_file is None:
            return True
        try:
            return ssl.create_default_context(cafile=self._base / self._options.ca_file)
        except OSError as error:  # ssl.SSLError is one too
            raise self._failed(f"its ca_file {self._options.ca_file} cannot be read ({error.strerror})") from None

    def _reveal(self, secret: Secret, secrets: list[str]) -> str:
        try:
            value = secret.reveal(self._base)
        except AccessDenied as error:
            # an operator can mend it, and the message is still wanted then
            raise DeliveryFailed(error.what, where=f"{self.where}, {error.where}", remedy=error.remedy) from None
        secrets.append(value)
        return value

    def _failed(self, what: str) -> DeliveryFailed:
        return DeliveryFailed(what, where=self.where, remedy="It is tried again; check that the server runs")


def _longer(url: httpx.URL, path: str) -> httpx.URL:
    return url.copy_with(path=url.path.rstrip("/") + path) if path else url


def _connect_fault(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        cause = cause.__cause__ or cause.__context__
    return f"no connection ({error})"
