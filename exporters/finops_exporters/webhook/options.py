"""What finops.yaml says of a webhook."""

from __future__ import annotations

from pydantic import Field

from finops.model.secret import Secret
from finops_exporters.http_sender import SenderOptions


class WebhookOptions(SenderOptions):
    """``url`` by reference where it holds a token. ``secret`` signs every message."""

    secret: Secret | None = Field(default=None, description="Signs each message: HMAC-SHA256 in X-Finops-Signature")
