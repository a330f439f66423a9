"""Statements that are sent by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class StatementOrder:
    """On the day ``day`` of each month the statement of the month before goes ``to`` these receivers, by ``by`` (None:
    the first dimension), as files of these ``formats``."""

    name: str
    to: tuple[str, ...]
    day: int
    by: str | None
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementDelivery:
    """One statement for one receiver, not sent yet. ``attempts``: how often it was tried before."""

    order: str
    month: date
    receiver: str
    attempts: int
    created_at: datetime

    @property
    def idempotency_key(self) -> str:
        """The same on every try: a mailbox drops the repeat."""
        return f"statement-{self.order}-{self.month:%Y-%m}-{self.receiver}"
