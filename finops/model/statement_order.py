"""Statements that are sent by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from finops.model.period import month_start


@dataclass(frozen=True, slots=True)
class StatementOrder:
    """On the day ``day`` of each month the statement of the month before goes ``to`` these receivers, by ``by`` (None:
    the first dimension), as files of these ``formats``. With ``weekday`` (Monday: 0), what happened goes out each week
    from that day on."""

    name: str
    to: tuple[str, ...]
    day: int
    by: str | None
    formats: tuple[str, ...]
    weekday: int | None = None

    def due(self, today: date) -> date | None:
        """The first day of the month, or the weekday, whose message is to be sent by now; None: none yet this month.

        One that was missed for longer (a month, a week) is not made up for: the next one has taken its place.
        """
        if self.weekday is not None:
            return today - timedelta(days=(today.weekday() - self.weekday) % 7)
        return month_start(today, -1) if today.day >= self.day else None


@dataclass(frozen=True, slots=True)
class StatementDelivery:
    """One statement for one receiver, not sent yet. ``month``: the first day of the month, or the day of the week, that
    it was due for. ``attempts``: how often it was tried before."""

    order: str
    month: date
    receiver: str
    attempts: int
    created_at: datetime

    @property
    def idempotency_key(self) -> str:
        """The same on every try: a mailbox drops the repeat."""
        of = f"{self.month:%Y-%m}" if self.month.day == 1 else self.month.isoformat()
        return f"statement-{self.order}-{of}-{self.receiver}"
