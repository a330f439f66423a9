"""The demo's days, and how spend and demand move along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal

from finops.model.period import month_start

DAYS_IN_A_MONTH = 30.4375
"""Mean length of a month: what a monthly level is divided by to become a daily one."""

Shape = Literal["steady", "shop", "office", "batch"]

_WEEKDAYS: Mapping[Shape, Sequence[float]] = MappingProxyType(
    {  # Monday first; each has the mean 1
        "steady": (1.0,) * 7,
        "shop": (1.00, 0.98, 0.99, 1.01, 1.06, 1.00, 0.96),
        "office": (1.12, 1.14, 1.14, 1.13, 1.09, 0.69, 0.69),
        "batch": (1.04, 1.04, 1.04, 1.04, 1.04, 0.90, 0.90),
    }
)
_MONTH_END_DAYS = 2
_MONTH_END_FACTOR = 1.7
"""Closing the books: batch work on the last days of a month."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The ``days`` days before ``until``: the last one is ``until``'s yesterday."""

    until: date
    length_days: int

    @property
    def start(self) -> date:
        return self.until - timedelta(days=self.length_days)

    @property
    def yesterday(self) -> date:
        return self.until - timedelta(days=1)

    @property
    def days(self) -> Sequence[date]:
        return [self.start + timedelta(days=offset) for offset in range(self.length_days)]

    @property
    def months(self) -> Sequence[date]:
        """The first day of every month that the timeline touches."""
        months = [month_start(self.start)]
        while (following := month_start(months[-1], 1)) < self.until:
            months.append(following)
        return months

    def ago(self, days: int) -> date:
        """``days`` days before ``until``, but never before the first day."""
        return max(self.start, self.until - timedelta(days=days))

    def growth(self, per_month: float) -> list[float]:
        """Compound growth that reaches 1 on ``until``: the level of today is what the demo is tuned to."""
        return [(1 + per_month) ** (-(self.until - day).days / DAYS_IN_A_MONTH) for day in self.days]

    def shape(self, shape: Shape) -> list[float]:
        """The week's pattern, and for batch work the month's end."""
        return [_WEEKDAYS[shape][day.weekday()] * _month_end(shape, day) for day in self.days]


def _month_end(shape: Shape, day: date) -> float:
    closing = day >= month_start(day, 1) - timedelta(days=_MONTH_END_DAYS)
    return _MONTH_END_FACTOR if shape == "batch" and closing else 1.0


def midnight(day: date) -> datetime:
    """The moment that ``day`` starts, in UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)
