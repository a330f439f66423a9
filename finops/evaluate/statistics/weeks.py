"""Daily pairs of cost and demand -> weeks. A week holds each weekday once, so no pattern of the week is left in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from finops.deferred import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

WEEK = 7
FEWEST_DAYS = 3
"""A week with fewer days than this is left out: what the others cost would be a guess."""


@dataclass(frozen=True, slots=True)
class Days:
    """``cost[i]`` and ``demand[i]`` belong to ``days[i]``; days are ascending, and some may be missing. ``numbers``: of
    the days, a day apart."""

    days: tuple[date, ...]
    cost: Floats
    demand: Floats
    numbers: Floats = field(init=False, compare=False)
    weekdays: NDArray[np.int64] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        ordinals = np.array([day.toordinal() for day in self.days], dtype=np.int64)
        object.__setattr__(self, "numbers", ordinals.astype(np.float64))
        object.__setattr__(self, "weekdays", (ordinals - 1) % WEEK)  # day 1 was a Monday

    def between(self, first: date, last: date) -> Days:
        """Both ends included."""
        chosen = [place for place, day in enumerate(self.days) if first <= day <= last]
        return Days(tuple(self.days[place] for place in chosen), self.cost[chosen], self.demand[chosen])


@dataclass(frozen=True, slots=True)
class Shares:
    """What part of a week's ``cost`` and ``demand`` falls on each weekday, Monday first; each adds up to 1."""

    cost: Floats
    demand: Floats


@dataclass(frozen=True, slots=True)
class Weeks:
    """``places[i]``: where the days of week ``i`` stand in ``days``. ``cost`` and ``demand``: what a whole week would
    have had, sums divided by the share of a week that falls on the days used. ``weight``: days used ÷ 7. ``at``: the
    mean of the days used, in weeks."""

    days: Days
    shares: Shares
    places: tuple[NDArray[np.int64], ...]
    cost: Floats
    demand: Floats
    weight: Floats
    at: Floats

    def __len__(self) -> int:
        return len(self.places)

    @property
    def last_days(self) -> list[date]:
        return [self.days.days[int(places[-1])] for places in self.places]


def shares_of(days: Days, last: date) -> Shares:
    """From the whole weeks that end on ``last`` and every seventh day before it; without any, each day is a seventh."""
    complete = [places for places in _places(days, last) if len(places) == WEEK]
    chosen = np.concatenate(complete) if complete else np.array([], dtype=np.int64)
    weekdays = days.weekdays[chosen]
    return Shares(_shares(weekdays, days.cost[chosen]), _shares(weekdays, days.demand[chosen]))


def weeks_of(days: Days, last: date, shares: Shares) -> Weeks:
    """The weeks of 7 days that end on ``last`` and every seventh day before it, oldest first.

    Left out are weeks with fewer than ``FEWEST_DAYS`` days, and those without any cost or demand: growth has no
    logarithm there.
    """
    weekdays, numbers = days.weekdays, days.numbers
    kept, costs, demands = [], [], []
    for places in _places(days, last):
        cost_share, demand_share = (float(part[weekdays[places]].sum()) for part in (shares.cost, shares.demand))
        cost, demand = float(days.cost[places].sum()), float(days.demand[places].sum())
        if len(places) >= FEWEST_DAYS and min(cost, demand, cost_share, demand_share) > 0:
            kept.append(places)
            costs.append(cost / cost_share)
            demands.append(demand / demand_share)
    return Weeks(
        days=days,
        shares=shares,
        places=tuple(kept),
        cost=np.array(costs),
        demand=np.array(demands),
        weight=np.array([len(places) / WEEK for places in kept]),
        at=np.array([float(numbers[places].mean()) / WEEK for places in kept]),
    )


def _places(days: Days, last: date) -> Sequence[NDArray[np.int64]]:
    ages = np.array([(last - day).days // WEEK for day in days.days], dtype=np.int64)
    return [np.flatnonzero(ages == age) for age in sorted(set(ages.tolist()), reverse=True)]


def _shares(weekdays: NDArray[np.int64], values: Floats) -> Floats:
    sums = np.bincount(weekdays, weights=values, minlength=WEEK)
    total = float(sums.sum())
    return sums / total if total > 0 else np.full(WEEK, 1 / WEEK)
