"""How much of a budget is due by the end of each day: the four forms of ``amount``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache
from itertools import accumulate

from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.kinds.budget.options import Flexed, Growth
from finops.model.money import EXACT, Money, quantise
from finops.model.period import Period, PeriodKind, month_start, period_of
from finops.model.wording import days_text, exact_text

Form = Money | Mapping[str, Money] | Growth | Flexed
"""One amount, amounts by the period's start, an amount a month that grows, an amount for each unit of demand."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """``due[i]``: what may be spent up to the end of the period's day ``i``, half-even at 15 digits.

    ``limit``: the whole period's amount; of a flexed budget what demand has earned so far, up to the last day whose
    demand is known (then ``due`` ends with that day). ``steps`` say how, for an explanation, and ``told`` in a reason.
    ``begins``: the first day on which anything is due, where that is not the period's first. ``carried``: what of the
    limit carries forward from earlier periods, negative for an overrun.
    """

    due: tuple[Decimal, ...]
    limit: Decimal
    last_day: date
    steps: tuple[str, ...]
    told: str = ""
    begins: date | None = None
    carried: Decimal = Decimal(0)


def allowance(amount: Form, kind: PeriodKind | None, period: Period, data: GroupData) -> Allowance:
    """The budget of ``period``; ``kind`` is None for a period of its own. Raises ``Unknowable`` with the reason."""
    if isinstance(amount, Flexed):
        return _flexed(amount, period, data)
    if isinstance(amount, Growth):
        return _monthly(period, amount.base.currency, lambda month: _grown(amount, month))
    if isinstance(amount, Money):
        return _linear(period, amount)
    fiscal_year_starts = data.moment.settings.fiscal_year_starts
    if kind is None:
        whole = set(amount) == {f"{period.start:%Y-%m}"}
    else:
        whole = all(_starts_period(_day(key), kind, fiscal_year_starts) for key in amount)
    if whole:
        return _linear(period, _entry(amount, period.start, daily=kind in ("day", "week")))
    currency = next(iter(amount.values())).currency
    return _monthly(period, currency, lambda month: _entry(amount, month, daily=False).amount)


@lru_cache(maxsize=4096)  # every group of a policy has the same line
def _linear(period: Period, money: Money) -> Allowance:
    with localcontext(EXACT):
        due = tuple(quantise(money.amount * (index + 1) / period.days) for index in range(period.days))
    step = f"budget: {exact_text(money.amount, money.currency)}, the same for each of {period.days} days"
    return Allowance(due, money.amount, period.end - timedelta(days=1), (step,))


def _monthly(period: Period, currency: str, amount_of: Callable[[date], Decimal]) -> Allowance:
    """Each month's own amount, spread evenly over the days of that month."""
    months: dict[date, Decimal] = {}
    shares = []
    with localcontext(EXACT):
        for day in period:
            month = month_start(day)
            if month not in months:
                months[month] = amount_of(month)
            shares.append(months[month] / (month_start(month, 1) - month).days)
        due = tuple(quantise(total) for total in accumulate(shares))
    steps = [
        f"budget of {month:%Y-%m}: {exact_text(total, currency)}, the same for each day"
        for month, total in months.items()
    ]
    return Allowance(due, due[-1], period.end - timedelta(days=1), tuple(steps))


def _grown(growth: Growth, month: date) -> Decimal:
    start = _day(growth.start)
    months = (month.year - start.year) * 12 + month.month - start.month
    if months < 0:
        raise Unknowable(f"the budget starts with {growth.start} and has no amount for {month:%Y-%m}")
    with localcontext(EXACT):
        return quantise(growth.base.amount * (1 + growth.growth_per_month) ** months)


def _flexed(amount: Flexed, period: Period, data: GroupData) -> Allowance:
    demand = data.demand.get(amount.per, {})
    settled = data.settled_through
    last = min(period.end - timedelta(days=1), data.moment.today)
    missing = [day for day in period if day not in demand and settled is not None and day <= settled]
    if missing:
        raise Unknowable(f"no demand '{amount.per}' for {days_text(missing)}")
    due, steps, total = [], [], Decimal(0)
    with localcontext(EXACT):
        for day in period:
            if day > last or day not in demand:
                break
            total += demand[day] * amount.amount.amount
            due.append(quantise(total))
            steps.append(f"  {day}  {demand[day].normalize():f} {amount.per} × {amount.amount} = {total.normalize():f}")
    if not due:
        raise Unknowable(f"no demand '{amount.per}' for {period.start}")
    steps = ["budget, earned by demand, cumulative:", *steps]
    return Allowance(tuple(due), due[-1], period.start + timedelta(days=len(due) - 1), tuple(steps))


def _entry(amounts: Mapping[str, Money], start: date, *, daily: bool) -> Money:
    key = start.isoformat() if daily else f"{start:%Y-%m}"
    if key not in amounts:
        raise Unknowable(f"the budget has no amount for {key}")
    return amounts[key]


def _starts_period(day: date, kind: PeriodKind, fiscal_year_starts: int) -> bool:
    return period_of(kind, day, fiscal_year_starts=fiscal_year_starts).start == day


def _day(key: str) -> date:
    return date.fromisoformat(key if len(key) > len("2026-01") else f"{key}-01")
