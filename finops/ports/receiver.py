"""Who is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from finops.model.notice import Notice


class Receiver(Protocol):
    """Construction does no I/O. A secret never appears in an error."""

    name: str
    kind: str

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """Delivers one message; returns what the receiver answered, in one line.

        Raises ``DeliveryFailed`` (worth trying again) or ``DeliveryRefused`` (for good).
        """
        ...
