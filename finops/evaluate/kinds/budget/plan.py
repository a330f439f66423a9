"""One budget's year: each month's share of the budget, beside what it cost and what it will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from finops.evaluate.forecasting.foresee import foresee
from finops.evaluate.forecasting.history import as_decimal
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.kinds.budget.allowance import Form, allowance
from finops.evaluate.kinds.budget.options import BudgetOptions, Span
from finops.model.budget_year import PlannedMonth
from finops.model.money import EXACT
from finops.model.period import Period, month_start, period_of


def months_of(year: Period) -> list[Period]:
    """The calendar months of ``year``."""
    starts = [start for at in range(13) if (start := month_start(year.start, at)) < year.end]
    return [Period(start, month_start(start, 1)) for start in starts]


def planned_months(
    options: BudgetOptions, cost: str, data: GroupData, year: Period, first: date | None, *, foretell: bool
) -> tuple[Sequence[PlannedMonth], Sequence[str]]:
    """``year`` month by month, and what is not known. ``first``: the first day of which the lake holds a bill: what was
    spent before it is not known. ``foretell``: whether months that are not over are forecast."""
    notes: list[str] = []
    coming = _coming(cost, options.currency, data, year, notes) if foretell else {}
    found = []
    for month in months_of(year):
        original = _share(options, options.amount, month, data, [])
        plan = _share(options, options.in_force, month, data, notes) if options.revisions else original
        found.append(
            PlannedMonth(
                month.start, original, plan, _spent(options, data, month, first, notes), coming.get(month.start)
            )
        )
    return found, tuple(dict.fromkeys(notes))


def _share(options: BudgetOptions, amount: Form, month: Period, data: GroupData, notes: list[str]) -> Decimal | None:
    """What of the budget of the period that holds ``month`` falls on it."""
    if isinstance(options.period, Span):
        kind, whole = None, options.period.period
    else:
        kind = options.period
        whole = period_of(kind, month.start, fiscal_year_starts=data.moment.settings.fiscal_year_starts)
    first, last = max(month.start, whole.start), min(month.last_day, whole.last_day)
    if first > last:
        return None
    try:
        due = allowance(amount, kind, whole, data).due
    except Unknowable as error:
        notes.append(error.reason)
        return None
    if len(due) < whole.days:  # of a budget flexed by demand that is still to come
        return None
    before = due[(first - whole.start).days - 1] if first > whole.start else Decimal(0)
    return EXACT.subtract(due[(last - whole.start).days], before)


def _spent(
    options: BudgetOptions, data: GroupData, month: Period, first: date | None, notes: list[str]
) -> Decimal | None:
    if data.moment.today < month.start or first is None or month.start < first:
        return None
    if (why := data.unreached(month)) is not None:
        notes.append(why)
        return None
    try:
        return data.spent(month, min(month.last_day, data.moment.today), options.currency)
    except Unknowable as error:
        notes.append(error.reason)
        return None


def _coming(cost: str, currency: str, data: GroupData, year: Period, notes: list[str]) -> Mapping[date, Decimal]:
    """The running month as its budget is forecast, and the months of the year after it."""
    running = period_of("month", data.moment.today)
    if running.start not in year:
        return {}
    found: dict[date, Decimal] = {}
    try:
        found[running.start] = foresee(data, cost, currency, running).total
        if running.end < year.end:
            later = foresee(data, cost, currency, Period(running.start, year.end))
            for day, amount in zip(later.days, later.amounts, strict=True):
                if day >= running.end:
                    month = month_start(day)
                    found[month] = EXACT.add(found.get(month, Decimal(0)), as_decimal(amount))
    except Unknowable as error:
        notes.append(error.reason)
    return found
