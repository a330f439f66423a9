"""What an overrun is compared with, so that its drivers can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import ComparedDays
from finops.evaluate.kinds.budget.options import BudgetOptions, Flexed
from finops.model.period import Period, PeriodKind, month_start

_DAY = timedelta(days=1)
_PERIODS_BEFORE: Mapping[PeriodKind, int] = {"day": 3, "week": 3, "month": 3, "quarter": 1, "year": 1}
"""Three of the shorter periods: one odd month is no measure, and an overrun shows for longer than one month."""


def compared(options: BudgetOptions, period: Period, through: date | None, data: GroupData) -> ComparedDays | None:
    """The settled days of ``period``, up to and with ``through``, against the same days of the periods before it: fees
    of the first of a month, weekdays and months' ends stand against their like. None without a settled day.

    A day is held against the same weekday of the three weeks before, a period of its own (``{from, to}``) against as
    many days before it. A budget flexed by demand says how much that grew.
    """
    if through is None:
        return None
    kind = options.period if isinstance(options.period, str) else None
    before, after = _days(kind, period, through)
    per = options.amount.per if isinstance(options.amount, Flexed) else None
    growth = _growth(data.demand.get(per, {}), before, after) if per is not None else None
    return ComparedDays(before, after, demand_growth=growth)


@lru_cache(maxsize=256)  # of every group the same few
def _days(kind: PeriodKind | None, period: Period, through: date) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """Those before, and those of the period up to and with ``through``; both ascending."""
    after = Period(period.start, min(period.end, through + _DAY))
    before = sorted(_before(kind, period.start, after.days), key=lambda span: span.start)
    return tuple(day for span in before for day in span), tuple(after)


def _before(kind: PeriodKind | None, start: date, days: int) -> Iterator[Period]:
    """Spans of as many days, no two of which overlap."""
    if kind is None:
        yield Period(start - days * _DAY, start)
        return
    for nth in range(1, _PERIODS_BEFORE[kind] + 1):
        if kind in ("day", "week"):
            first = start - nth * 7 * _DAY
            yield Period(first, first + days * _DAY)
        else:
            months = {"month": 1, "quarter": 3, "year": 12}[kind]
            first, end = month_start(start, -nth * months), month_start(start, -(nth - 1) * months)
            yield Period(first, min(end, first + days * _DAY))


def _growth(demand: Mapping[date, Decimal], before: tuple[date, ...], after: tuple[date, ...]) -> float | None:
    """Of the mean of the days before to that of the days after; None where a day is missing or there was none."""
    if any(day not in demand for day in (*before, *after)):
        return None
    old = sum((demand[day] for day in before), Decimal(0)) / len(before)
    new = sum((demand[day] for day in after), Decimal(0)) / len(after)
    return float(new / old - 1) if old > 0 else None
