"""Posts notices as JSON, signed, with an idempotency key.

The body is ``{"version": 1, "idempotency_key": "…", "sent_at": "…", "test": false, "notices": [{"alert_id": "…",
"reason": "first", "since": "…", "at": "…", "link": "…", "note": "…", "finding": {…}}]}``, a finding as
``finops evaluate --format json`` prints it.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import httpx

from finops.errors import AccessDenied, DeliveryFailed, DeliveryRefused
from finops.model.notice import Notice, NoticeReason
from finops.model.secret import Secret
from finops.ports.clock import Clock
from finops_exporters.webhook.answer import judge, one_line
from finops_exporters.webhook.options import WebhookOptions, is_header_value, parse_url
from finops_exporters.webhook.signature import sign

_VERSION = 1


class Webhook:
    """Kind ``webhook``."""

    kind: str = "webhook"
    Options: ClassVar[type[WebhookOptions]] = WebhookOptions

    def __init__(self, name: str, options: WebhookOptions, *, base: Path, clock: Clock) -> None:
        self.name = name
        self._options = options
        self._base = base
        self._clock = clock

    @classmethod
    def from_options(cls, name: str, options: WebhookOptions, *, base: Path, clock: Clock) -> Webhook:
        return cls(name, options, base=base, clock=clock)

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """2xx is taken; 408, 425, 429, 5xx, time-outs and broken connections are tried again; all else is refused.

        A redirect is refused: the signed message was meant for the address that is configured.
        """
        url, secrets = self._url()
        headers = self._headers(secrets)
        trust = self._trust()
        now = self._clock.now()
        body = _body(notices, idempotency_key, now.isoformat())
        timestamp = str(int(now.timestamp()))
        headers |= {
            "Content-Type": "application/json",
            "User-Agent": headers.get("User-Agent", "finops"),
            "Accept-Encoding": "identity",
            "Idempotency-Key": idempotency_key,
            "X-Finops-Timestamp": timestamp,
        }
        if self._options.secret is not None:
            headers["X-Finops-Signature"] = sign(self._reveal(self._options.secret, secrets), timestamp, body)
        try:
            with (
                httpx.Client(timeout=self._options.timeout_seconds, follow_redirects=False, verify=trust) as client,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                # what one read brings is enough to explain a refusal; a long or slow body is not waited for
                excerpt = "" if response.is_success else one_line(next(response.iter_raw(), b""), secrets)
                return judge(response, excerpt, where=self._where, now=now)
        except httpx.TimeoutException:
            raise self._failed(f"no answer within {self._options.timeout_seconds:g} s") from None
        except httpx.ConnectError as error:
            raise self._failed(_connect_fault(error)) from None
        except httpx.TransportError as error:
            if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
                remedy = "Check the URL and the headers of the receiver"
                raise DeliveryRefused("the request cannot be made", where=self._where, remedy=remedy) from None
            raise self._failed(f"the connection broke ({type(error).__name__})") from None

    @property
    def _where(self) -> str:
        """The receiver and its address, without credentials and query; of an address that is a secret only its name."""
        url = self._options.url
        if isinstance(url, Secret):
            return f"receiver {self.name} ({url})"
        parsed = httpx.URL(url)
        return f"receiver {self.name} ({parsed.scheme}://{parsed.netloc.decode('ascii')}{parsed.path})"

    def _url(self) -> tuple[httpx.URL, list[str]]:
        if isinstance(self._options.url, str):
            return httpx.URL(self._options.url), []
        secrets: list[str] = []
        url = parse_url(self._reveal(self._options.url, secrets))
        if url is None:
            remedy = "Set it to an address like https://hooks.example.com/finops"
            raise DeliveryFailed("the URL's secret holds no web address", where=self._where, remedy=remedy)
        return url, [*secrets, url.path, url.query.decode("ascii")]

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
            raise DeliveryFailed(error.what, where=f"{self._where}, {error.where}", remedy=error.remedy) from None
        secrets.append(value)
        return value

    def _failed(self, what: str) -> DeliveryFailed:
        return DeliveryFailed(what, where=self._where, remedy="It is tried again; check that the server runs")


def _body(notices: Sequence[Notice], idempotency_key: str, sent_at: str) -> bytes:
    message = {
        "version": _VERSION,
        "idempotency_key": idempotency_key,
        "sent_at": sent_at,
        "test": all(notice.reason is NoticeReason.TEST for notice in notices),
        "notices": [notice.to_json() for notice in notices],
    }
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def _connect_fault(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        cause = cause.__cause__ or cause.__context__
    return f"no connection ({error})"
