"""One group against one series: the arithmetic of a Growth policy, as a p-value and as money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from finops.deferred import numpy as np
from finops.evaluate.forecasting.history import as_decimal
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import ComparedDays
from finops.evaluate.statistics.student import upper_tail
from finops.evaluate.statistics.two_windows import Error
from finops.evaluate.statistics.weeks import WEEK, Floats, Weeks
from finops.evaluate.windows.two_windows import Change, windows

WINDOW_DAYS = 84
RECENT_WEEKS = 4
"""What a month costs beyond demand is told by the last weeks of the window: what has ended costs nothing any more."""

DAYS_IN_A_MONTH = 365.25 / 12

MARGIN = 0.03
"""Growth up to this is none: the daily rate of a flat monthly fee differs by up to 2.4 % between two windows, since
months have 28 to 31 days."""

_MAIN_STEP = 0.5
"""Of the largest step: smaller ones are not what a growth began with."""


@dataclass(frozen=True, slots=True)
class PairNumbers:
    """``p``: how likely noise alone makes cost grow so much, or so much more than demand, whichever is likelier.
    ``error``: of the excess; None where cost did not outgrow demand, and nothing had to be told from noise.
    ``per_day``: at the rate of the last weeks, beyond demand."""

    cost_growth: float
    demand_growth: float
    p: float
    error: Error | None
    per_day: float
    compared: ComparedDays

    @property
    def interval(self) -> tuple[float, float] | None:
        """90 %, of ``cost_growth - demand_growth``."""
        if self.error is None:
            return None
        excess, half = self.cost_growth - self.demand_growth, self.error.t * self.error.error
        return excess - half, excess + half

    @property
    def since(self) -> date | None:
        """The first of the large steps upwards; None for a gradual growth."""
        breaks = self.error.breaks if self.error is not None else ()
        largest = max((step.size for step in breaks), default=0.0)
        return min((step.day for step in breaks if step.size >= max(_MAIN_STEP * largest, MARGIN)), default=None)


def pair_numbers(data: GroupData, demand: str, currency: str, *, worth_asking: float) -> PairNumbers:
    """``worth_asking``: a p-value above it is as good as 1. Raises ``Unknowable``."""
    two = windows(data, days=WINDOW_DAYS, demand=demand, lag_days=0, currency=currency, recurring=True)
    change = two.change()
    cost, served = change.cost_ratio, change.demand_ratio
    p, error = 1.0, None
    per_day = _beyond(change) / WEEK
    if cost > max(1.0, served) + MARGIN and per_day > 0:
        error = change.error(cost, -served)
        p = _chance(cost - served - MARGIN, error)
        if p <= worth_asking:
            p = max(p, _chance(float(np.log(cost / (1 + MARGIN))), change.error(1, 0)))
    return PairNumbers(cost - 1, served - 1, p, error, per_day, two.compared(served - 1))


def alone(data: GroupData) -> GroupData:
    """``data`` with a demand ``""`` that never moves: what is beyond it is the growth of cost."""
    today = data.moment.today
    return replace(data, demand={"": {today - timedelta(days=age): Decimal(1) for age in range(3 * WINDOW_DAYS)}})


def amount_of(per_day: float, days: float) -> Decimal:
    return as_decimal(per_day * days)


def _chance(size: float, error: Error) -> float:
    if error.error <= 0:
        return 0.0 if size > 0 else 1.0
    return upper_tail(size / error.error, error.freedom)


def _beyond(change: Change) -> float:
    """What a recent week costs beyond the weeks of the window before, had those followed demand; a demand that fell
    lets expect no less."""
    now, (usual, _, served, _) = change.now, change.levels
    return _recent(now, now.cost) - usual * max(1.0, _recent(now, now.demand) / served)


def _recent(weeks: Weeks, values: Floats) -> float:
    """Of a mean week of the last ones."""
    weight = weeks.weight[-RECENT_WEEKS:]
    return float((values[-RECENT_WEEKS:] * weight).sum() / weight.sum())
