"""Receiver ``webhook``: notices as signed JSON over HTTP.

The signature, an HMAC-SHA256 over the timestamp, a full stop and the raw body, proves that a message is recent and
comes from finops. Verify it in constant time, and reject timestamps that are more than a few minutes off::

    import hashlib, hmac, time

    def is_genuine(secret: str, headers, body: bytes) -> bool:
        timestamp = headers["X-Finops-Timestamp"]
        expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        is_ours = hmac.compare_digest("sha256=" + expected, headers["X-Finops-Signature"])
        return is_ours and abs(time.time() - int(timestamp)) < 300

A retried message has the same ``Idempotency-Key``, and a new timestamp and signature.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from finops.model.notice import Notice, NoticeReason
from finops.model.secret import Secret
from finops.ports.clock import Clock
from finops_exporters.http_sender import HttpSender, Reveal, SenderOptions


class WebhookOptions(SenderOptions):
    """``url`` by reference where it holds a token. ``secret`` signs every message."""

    secret: Secret | None = Field(default=None, description="Signs each message: HMAC-SHA256 in X-Finops-Signature")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the hexadecimal HMAC. ``timestamp``: whole seconds since 1970, UTC."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


# Posts notices as JSON, signed, with an idempotency key.
#
# The body is ``{"version": 1, "idempotency_key": "…", "sent_at": "…", "test": false, "notices": [{"alert_id": "…",
# "reason": "first", "since": "…", "at": "…", "link": "…", "note": "…", "finding": {…}}]}``, a finding as
# ``finops evaluate --format json`` prints it.

_VERSION = 1


class Webhook:
    """Kind ``webhook``."""

    kind: str = "webhook"
    most_notices: ClassVar[int | None] = 100
    Options: ClassVar[type[WebhookOptions]] = WebhookOptions

    def __init__(self, name: str, options: WebhookOptions, *, base: Path, clock: Clock) -> None:
        self.name = name
        self._options = options
        self._sender = HttpSender(name, options, base=base)
        self._clock = clock

    @classmethod
    def from_options(cls, name: str, options: WebhookOptions, *, base: Path, clock: Clock) -> Webhook:
        return cls(name, options, base=base, clock=clock)

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """See ``HttpSender``."""
        now = self._clock.now()
        timestamp = str(int(now.timestamp()))
        body = _body(notices, idempotency_key, now.isoformat())

        def signed(reveal: Reveal) -> dict[str, str]:
            headers = {"X-Finops-Timestamp": timestamp}
            if self._options.secret is not None:
                headers["X-Finops-Signature"] = sign(reveal(self._options.secret), timestamp, body)
            return headers

        return self._sender.post(body, idempotency_key=idempotency_key, now=now, more_headers=signed)


def _body(notices: Sequence[Notice], idempotency_key: str, sent_at: str) -> bytes:
    message = {
        "version": _VERSION,
        "idempotency_key": idempotency_key,
        "sent_at": sent_at,
        "test": all(notice.reason is NoticeReason.TEST for notice in notices),
        "notices": [notice.to_json() for notice in notices],
    }
    return json.dumps(message, separators=(",", ":")).encode("ascii")


__all__ = ["Webhook", "WebhookOptions"]
