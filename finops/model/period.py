"""Spans of whole days, ends exclusive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

PeriodKind = Literal["day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from ``start`` up to, not including, ``end``."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period must end after it starts: {self.start} to {self.end}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    def __iter__(self) -> Iterator[date]:
        return (self.start + timedelta(days=offset) for offset in range(self.days))

    def __str__(self) -> str:
        """As people say it, the last day included: ``2026-03-01 to 2026-03-31``; a single day is itself."""
        return f"{self.start} to {self.last_day}" if self.days > 1 else f"{self.start}"


def month_start(day: date, months: int = 0) -> date:
    """The first day of ``day``'s month, ``months`` later (or earlier)."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def period_of(kind: PeriodKind, day: date, *, fiscal_year_starts: int = 1) -> Period:
    """The period of ``kind`` that holds ``day``. Weeks start on Monday (ISO 8601).

    Quarters and years are fiscal: they are counted from the month ``fiscal_year_starts`` (1 to 12).
    """
    if kind == "day":
        return Period(day, day + timedelta(days=1))
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=7))
    if kind == "month":
        return Period(month_start(day), month_start(day, 1))
    length = 3 if kind == "quarter" else 12
    into_year = (day.month - fiscal_year_starts) % 12
    start = month_start(day, -(into_year % length))
    return Period(start, month_start(start, length))
