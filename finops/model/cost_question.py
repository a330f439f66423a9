"""What somebody wants to know about costs, and the address of the page that shows it: the address is the view."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from finops.model.columns import sql_text
from finops.model.period import Period, PeriodKind, month_start, period_of

DEFAULT_COST = "EffectiveCost"
ALLOCATED_COST = "AllocatedCost"
"""EffectiveCost after the rules of ``allocations:``."""
LONGEST = timedelta(days=1100)
"""Days that one question may ask for."""
_SEPARATOR = re.compile(r",(?![^\[]*\])")
"""A comma, except inside the brackets of ``tags['a,b']``."""


class Every(StrEnum):
    """What one sum spans. Quarters and years are fiscal."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


_KINDS: Mapping[Every, PeriodKind] = {
    Every.DAY: "day",
    Every.WEEK: "week",
    Every.MONTH: "month",
    Every.QUARTER: "quarter",
    Every.YEAR: "year",
}


class Compare(StrEnum):
    """What a period is compared with: the one before it, the same days a month earlier, or a year earlier."""

    PREVIOUS = "previous"
    MONTH = "month"
    YEAR = "year"


class Conversion(StrEnum):
    """Converted to the currency of finops.yaml at each day's rate, or left in each bill's own currency."""

    CONVERTED = "converted"
    BILLING = "billing"


@dataclass(frozen=True, slots=True)
class CostQuestion:
    """As people type it. ``by``: FOCUS columns, dimensions, ``tags['key']``. ``end``: exclusive. None: the default,
    the 30 days through today. ``scope``: an SQL condition, as in policies."""

    start: date | None = None
    end: date | None = None
    by: tuple[str, ...] = ()
    every: Every = Every.DAY
    costs: tuple[str, ...] = (DEFAULT_COST,)
    scope: str = ""
    compare: Compare | None = None
    conversion: Conversion = Conversion.CONVERTED

    @property
    def address(self) -> str:
        """``/costs?…``: the only place that builds addresses of costs."""
        return f"/costs{self.query}"

    @property
    def query(self) -> str:
        """``?…``, or empty; the defaults of the page Costs are left out."""
        values = {
            "from": self.start.isoformat() if self.start else "",
            "to": self.end.isoformat() if self.end else "",
            "by": ",".join(self.by),
            "every": "" if self.every is Every.DAY else self.every.value,
            "cost": "" if self.costs == (DEFAULT_COST,) else self.costs[0],
            "scope": self.scope,
            "compare": self.compare.value if self.compare else "",
            "currency": "" if self.conversion is Conversion.CONVERTED else self.conversion.value,
        }
        told = {key: value for key, value in values.items() if value}
        return f"?{urlencode(told)}" if told else ""


def columns_of(texts: Sequence[str]) -> tuple[str, ...]:
    """``["team,ServiceName", "tags['a,b']"]`` -> the three columns."""
    return tuple(name.strip() for text in texts for name in _SEPARATOR.split(text) if name.strip())


def scope_of(*parts: str) -> str:
    """Conditions joined with AND; empty ones are left out."""
    told = [part for part in parts if part.strip()]
    return told[0] if len(told) == 1 else " AND ".join(f"({part})" for part in told)


def equals(column: str, value: str) -> str:
    """The condition that a column has a value; ``''`` stands for none, as in groups."""
    return f"{column} = {sql_text(value)}" if value else f"({column} IS NULL OR {column} = '')"


def compared_period(period: Period, compare: Compare) -> Period:
    """What ``period`` is compared with.

    ``previous``: as many whole months before it where it consists of whole months, else as many days. ``month`` and
    ``year``: the same days of the month or year before, where a day that a month does not have becomes its last one.
    """
    whole = period.start.day == 1 and period.end.day == 1
    if compare is Compare.PREVIOUS:
        if not whole:
            return Period(period.start - timedelta(days=period.days), period.start)
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
        return Period(month_start(period.start, -months), period.start)
    months = 1 if compare is Compare.MONTH else 12
    start = _earlier(period.start, months)
    if period.end.day == 1:
        return Period(start, month_start(period.end, -months))
    return Period(start, _earlier(period.end - timedelta(days=1), months) + timedelta(days=1))


def spans(period: Period, every: Every, *, fiscal_year_starts: int = 1) -> tuple[Period, ...]:
    """The parts of ``period`` that are summed; the first and the last may be shorter than the others."""
    if every is Every.ALL:
        return (period,)
    found, start = [], period.start
    while start < period.end:
        end = min(period_of(_KINDS[every], start, fiscal_year_starts=fiscal_year_starts).end, period.end)
        found.append(Period(start, end))
        start = end
    return tuple(found)


def _earlier(day: date, months: int) -> date:
    first = month_start(day, -months)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))
