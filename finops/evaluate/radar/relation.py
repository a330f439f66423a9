"""Which demand series plausibly drive a group's cost, told by the weeks before the window that is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from finops.deferred import numpy as np
from finops.evaluate.statistics.student import upper_tail
from finops.evaluate.statistics.weeks import WEEK, Floats

FEWEST_WEEKS = 12
_FEWEST_DAYS = 5
"""Of a week of demand: what the others had would be a guess."""

SURE = 0.05
"""The chance that a series without any relation passes for one with a positive relation."""

COMPARABLE = 0.5
"""A series that explains less than this share of what the best one explains is no rival of it."""


@dataclass
class Relations:
    """``last``: the last day of the history, whose weeks end on it and on every seventh day before."""

    last: date
    weeks: int
    _demand: dict[int, tuple[object, Floats]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def days(self) -> tuple[date, ...]:
        return tuple(self.last - timedelta(days=age) for age in range(self.weeks * WEEK - 1, -1, -1))

    def weekly(self, cost: Floats) -> Floats:
        """``cost``: of each of ``days``. Logarithms of the weeks' sums; nan for a week without a positive one."""
        return _logarithm(cost.reshape(self.weeks, WEEK).sum(axis=1))

    def of(self, weekly: Floats, demand: Mapping[date, Decimal]) -> float | None:
        """The share of the variance of ``weekly`` that a positive relation to ``demand`` explains, 0 where there is
        none that chance would not make as well; None where fewer than ``FEWEST_WEEKS`` weeks have both."""
        served = self._weekly_demand(demand)
        both = np.isfinite(weekly) & np.isfinite(served)
        count = int(both.sum())
        if count < FEWEST_WEEKS:
            return None
        x, y = served[both] - served[both].mean(), weekly[both] - weekly[both].mean()
        size = float(np.sqrt((x @ x) * (y @ y)))
        r = float(x @ y) / size if size > 0 else 0.0
        if r <= 0:
            return 0.0
        freedom = count - 2
        t = r * (freedom / max(1 - r * r, 1e-12)) ** 0.5
        return r * r if upper_tail(t, freedom) < SURE else 0.0

    def _weekly_demand(self, demand: Mapping[date, Decimal]) -> Floats:
        """Groups that agree in the dimensions of a series share it: it is summed once."""
        key = id(demand)
        if key not in self._demand:
            days = np.array([float(demand.get(day, np.nan)) for day in self.days]).reshape(self.weeks, WEEK)
            known = np.isfinite(days).sum(axis=1)
            sums = np.nansum(days, axis=1) / np.maximum(known, 1) * WEEK
            self._demand[key] = demand, _logarithm(np.where(known >= _FEWEST_DAYS, sums, np.nan))
        return self._demand[key][1]


def rivals(relations: Mapping[str, float | None]) -> dict[str, float]:
    """Of series by name: those that plausibly drive the cost."""
    best = max((one for one in relations.values() if one), default=0.0)
    return {name: one for name, one in sorted(relations.items()) if one and one >= COMPARABLE * best}


def _logarithm(sums: Floats) -> Floats:
    positive = sums > 0
    return np.where(positive, np.log(np.where(positive, sums, 1.0)), np.nan)
