"""What of a budget carries forward from the settled periods of the fiscal year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal, localcontext

from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.kinds.budget.allowance import Allowance, allowance
from finops.evaluate.kinds.budget.options import BudgetOptions, Rollover
from finops.model.money import EXACT, quantise
from finops.model.period import Period, PeriodKind, period_of
from finops.model.wording import change_text, exact_text

_BEFORE = timedelta(days=31)
"""A row so long before a year tells that costs were known when it began."""


def rollover_days(options: BudgetOptions, period: Period, moment: Moment) -> Period:
    """The days that decide what carries forward into ``period``, and its own."""
    if options.rollover is Rollover.NONE:
        return period
    return Period(_year_of(period, moment).start - _BEFORE, period.end)


def with_rollover(allowed: Allowance, options: BudgetOptions, period: Period, data: GroupData) -> Allowance:
    """``allowed`` with what carries forward, spread evenly over the days of ``period``.

    Period by period of the fiscal year, from the first one with an amount: what was left, of the amount and of what
    had been carried forward, goes on. An overrun is deducted with ``balance`` and forgotten with ``unspent``; the limit
    is never below zero. A period counts once it has settled. Raises ``Unknowable`` where a rate is missing.
    """
    if options.rollover is Rollover.NONE:
        return allowed
    carried, steps = Decimal(0), []
    with localcontext(EXACT):
        for earlier, limit in _earlier(options, period, data):
            spent = data.spent(earlier, earlier.last_day, options.currency)
            left = limit + carried - spent
            carried = left if options.rollover is Rollover.BALANCE else max(left, Decimal(0))
            told = exact_text(spent, options.currency), exact_text(limit, options.currency)
            steps.append(
                f"{earlier}: {told[0]} of {told[1]} spent, {exact_text(carried, options.currency)} carry forward"
            )
        carried = max(carried, -allowed.limit)
        days = len(allowed.due)
        due = tuple(quantise(total + carried * (at + 1) / days) for at, total in enumerate(allowed.due))
    if not carried:
        return replace(allowed, steps=(*allowed.steps, *steps))
    told_as = f"{change_text(carried, options.currency)} carried forward"
    return replace(
        allowed,
        due=due,
        limit=allowed.limit + carried,
        carried=carried,
        steps=(*allowed.steps, *steps, told_as),
        told=f"{allowed.told}, {told_as}",
    )


def _earlier(options: BudgetOptions, period: Period, data: GroupData) -> Iterator[tuple[Period, Decimal]]:
    """The settled periods of the fiscal year before ``period``, each with its own amount."""
    kind: PeriodKind = "quarter" if options.period == "quarter" else "month"
    day = _year_of(period, data.moment).start
    settled, first = data.settled_through, min(data.daily, default=None)
    while day < period.start:
        earlier = period_of(kind, day, fiscal_year_starts=data.moment.settings.fiscal_year_starts)
        day = earlier.end
        if settled is None or settled < earlier.last_day or first is None or first > earlier.start:
            continue  # it can still change, or costs are known of a part of it only
        try:
            limit = allowance(options.in_force, kind, earlier, data).limit
        except Unknowable:
            continue  # the budget begins later
        yield earlier, limit


def _year_of(period: Period, moment: Moment) -> Period:
    return period_of("year", period.start, fiscal_year_starts=moment.settings.fiscal_year_starts)
