"""Posts notices as JSON, signed, with an idempotency key.

The body is ``{"version": 1, "idempotency_key": "…", "sent_at": "…", "test": false, "notices": [{"alert_id": "…",
"reason": "first", "since": "…", "at": "…", "link": "…", "note": "…", "finding": {…}}]}``, a finding as
``finops evaluate --format json`` prints it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from finops.model.notice import Notice, NoticeReason
from finops.ports.clock import Clock
from finops_exporters.http_sender import HttpSender, Reveal
from finops_exporters.webhook.options import WebhookOptions
from finops_exporters.webhook.signature import sign

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
