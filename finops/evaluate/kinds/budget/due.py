"""By which day how much of a budget is due: evenly, or as the complete months before were spent; and from when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import accumulate
from statistics import median

from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.kinds.budget.allowance import Allowance
from finops.evaluate.kinds.budget.options import BudgetOptions, Due, Flexed
from finops.model.money import EXACT, quantise
from finops.model.period import Period, month_start
from finops.model.wording import count_text

MONTHS = 6
"""Complete months before the period that a profile is made of, as far as there are so many."""

_NEW = timedelta(days=92)
"""Without a row for so long before the period, a group is new: a charge each quarter is not."""

_DAY = timedelta(days=1)


def days_needed(options: BudgetOptions, period: Period) -> Period:
    """The period and the days before it that tell whether a group is new, and how months went."""
    if options.period in ("day", "week"):
        return period
    back = month_start(period.start, -MONTHS - 1) if options.due is Due.PROFILE else period.start - _NEW
    return Period(back, period.end)


def dated(allowed: Allowance, options: BudgetOptions, period: Period, data: GroupData) -> Allowance:
    """``allowed`` with ``due`` as ``options`` ask for. Raises ``Unknowable`` where a rate is missing."""
    if isinstance(options.amount, Flexed):
        return allowed
    if options.due is Due.PROFILE:
        allowed = _profiled(allowed, options.currency, period, data)
    return _begun(allowed, options, period, data)


def _begun(allowed: Allowance, options: BudgetOptions, period: Period, data: GroupData) -> Allowance:
    begins, why = options.starts, "as the policy says"
    if begins is None:
        if options.period in ("day", "week"):
            return allowed
        begins, why = (
            min((day for day, of_day in data.daily.items() if of_day), default=None),
            "its first day with costs",
        )
    if begins is None or begins not in period or begins == period.start:
        return allowed
    before, whole = allowed.due[(begins - period.start).days - 1], allowed.due[-1]
    if before >= whole:
        return allowed
    with localcontext(EXACT):  # the amount is that of the period: all of it falls due on the days that are left
        due = tuple(quantise(whole * max(total - before, Decimal(0)) / (whole - before)) for total in allowed.due)
    step = f"due from {begins} on, {why}"
    return replace(allowed, due=due, begins=begins, steps=(*allowed.steps, step), told=f"{allowed.told}, {step}")


def _profiled(allowed: Allowance, currency: str, period: Period, data: GroupData) -> Allowance:
    months = list(_months_before(period.start, data))
    shapes = [shape for month in months if (shape := _shape(data.by_day(list(_month(month)), currency)))]
    if not shapes:
        step = "due evenly: no complete month with costs before"
        return replace(allowed, steps=(*allowed.steps, step), told=f", {step}")
    due: list[Decimal] = []
    with localcontext(EXACT):
        daily = [now - before for before, now in zip((Decimal(0), *allowed.due), allowed.due, strict=False)]
        start = 0
        for month in sorted({month_start(day) for day in period}):
            days = [day for day in _month(month) if day in period]
            total = sum(daily[start : start + len(days)], Decimal(0))
            paid = due[-1] if due else Decimal(0)
            due += [quantise(paid + total * share) for share in _spread(shapes, _month(month).days, days)]
            start += len(days)
    told = f"due as in the {count_text(len(shapes), 'month')} before"
    step = f"{told}, medians of what was spent by each day: {_some(period, due)}"
    return replace(allowed, due=tuple(due), steps=(*allowed.steps, step), told=f", {told}")


def _months_before(start: date, data: GroupData) -> Iterator[date]:
    """The first days of the complete months before ``start``: those after the first one with a row."""
    days = [day for day, of_day in data.daily.items() if of_day and day < start]
    if not days:
        return
    complete = month_start(min(days), 0 if min(days).day == 1 else 1)
    for back in range(MONTHS, 0, -1):
        month = month_start(start, -back)
        if month >= complete:
            yield month


def _shape(costs: Sequence[Decimal]) -> list[Decimal]:
    """What part of the month falls on each day; empty where the month cost nothing."""
    total = sum(costs, Decimal(0))
    return [EXACT.divide(cost, total) for cost in costs] if total > 0 else []


def _spread(shapes: Sequence[Sequence[Decimal]], length: int, days: Sequence[date]) -> list[Decimal]:
    """What part of a month of ``length`` days is due by the end of each of ``days``: the median of the months, which a
    single odd one does not move. It never falls, and ends with 1."""
    paths = []
    for shape in shapes:
        parts = [shape[_place(day.day, length, len(shape)) - 1] for day in days]
        total = sum(parts, Decimal(0))
        if total > 0:
            paths.append([part / total for part in accumulate(parts)])
    if not paths:
        return [Decimal(nth + 1) / len(days) for nth in range(len(days))]
    middle = [min(max(median(path[nth] for path in paths), Decimal(0)), Decimal(1)) for nth in range(len(days))]
    return [*accumulate(middle[:-1], max), Decimal(1)]


def _place(day: int, length: int, other: int) -> int:
    """The day of a month of ``other`` days that is like ``day`` of one of ``length``: the same number, or the last."""
    return other if day == length else min(day, other - 1)


def _month(start: date) -> Period:
    return Period(start, month_start(start, 1))


def _some(period: Period, due: Sequence[Decimal]) -> str:
    """A few of them, for an explanation."""
    places = range(4, len(due), max(5, len(due) // 5))
    shares = (f"{due[place] / due[-1]:.1%} by {period.start + place * _DAY}" for place in places if due[-1])
    return ", ".join(shares)
