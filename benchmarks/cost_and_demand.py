"""Invented histories of a cost and the demand that it serves, whose elasticity is known.

Demand stands still for one window and then grows along an exponential through the next. Cost is demand to the power of
the elasticity, and then everything happens to both that happens to real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FIRST = date(2025, 6, 2)

_DEMAND_WEEK = np.array([1.10, 1.12, 1.10, 1.08, 1.05, 0.80, 0.75])
_OTHER_WEEK = np.array([0.90, 0.90, 0.95, 1.00, 1.10, 1.20, 0.95])


@dataclass(frozen=True, slots=True)
class Scenario:
    """Noise is the standard deviation of a day's logarithm; ``persistence`` its autocorrelation from day to day.

    ``follows``: cost answers a day's noise of demand on the same day, by the elasticity. ``week``: the pattern of the
    week of demand, and whether cost has the ``same``, ``none`` or one of its ``own``. ``capacity_step``: cost moves in
    steps of this share. ``shift_*``: a step of demand (cost follows it by the elasticity) or of cost alone, in the
    middle of the window. ``late_days``: cost of so many last days is not complete. ``restated``: the last week before
    that was delivered a tenth too low and is then put right. ``credits``: days with a credit twice the day's cost.
    """

    name: str
    elasticity: float = 1.0
    days: int = 60
    growth: float = 0.5
    noise_cost: float = 0.1
    noise_demand: float = 0.0
    persistence: float = 0.0
    follows: bool = False
    week: Literal["no", "same", "none", "own"] = "no"
    capacity_step: float = 0.0
    shift_demand: float = 0.0
    shift_cost: float = 0.0
    missing_demand: float = 0.0
    credits: int = 0
    late_days: int = 0
    restated: bool = False
    fixed_share: float = 0.0


@dataclass(frozen=True, slots=True)
class History:
    """``excess``: by how much cost grew more than demand from the first window to the second, without any noise."""

    cost: Mapping[date, Decimal]
    demand: Mapping[date, Decimal]
    last: date
    excess: float


def history(scenario: Scenario, seed: int, *, restated: bool = True) -> History:
    """The same for the same seed. ``restated``: what is known after the restatement, if there is one."""
    rng = np.random.default_rng(seed)
    count, window = 2 * scenario.days, scenario.days
    at = np.arange(count)
    demand = np.log1p(scenario.growth) * np.clip((at - window) / (window - 1), 0, 1)
    demand = demand + np.where(at >= window * 1.5, np.log1p(scenario.shift_demand), 0.0)
    noise = autocorrelated(rng, count, scenario.persistence) * scenario.noise_demand
    cost = scenario.elasticity * demand
    if scenario.capacity_step:
        step = np.log1p(scenario.capacity_step)
        cost = (np.floor(cost / step + rng.uniform()) - 0.5) * step
    if scenario.fixed_share:
        cost = np.log(scenario.fixed_share + (1 - scenario.fixed_share) * np.exp(cost))
    cost = cost + np.where(at >= window * 1.5, np.log1p(scenario.shift_cost), 0.0)
    excess = _ratio(np.exp(cost), window) - _ratio(np.exp(demand), window)
    if scenario.follows:
        cost = cost + scenario.elasticity * noise
    cost = cost + autocorrelated(rng, count, scenario.persistence) * scenario.noise_cost
    demand_values, cost_values = 10_000 * np.exp(demand + noise), 500 * np.exp(cost)
    if scenario.week != "no":
        demand_values = demand_values * _DEMAND_WEEK[at % 7]
        cost_values = (
            cost_values * {"same": _DEMAND_WEEK, "own": _OTHER_WEEK, "none": np.ones(7)}[scenario.week][at % 7]
        )
    for day in rng.choice(np.arange(window, count - 7), scenario.credits, replace=False):
        cost_values[day] *= -1
    if scenario.restated and not restated:
        cost_values[count - 7 :] *= 0.9
    known = rng.uniform(size=count) >= scenario.missing_demand
    known[[0, -1]] = True
    days = [FIRST + timedelta(days=int(offset)) for offset in range(count + scenario.late_days)]
    late = np.resize(cost_values[-7:], scenario.late_days) * 0.3
    return History(
        cost=decimals(days, np.concatenate([cost_values, late])),
        demand={
            day: value for day, value, is_known in zip(days, _list(demand_values), known, strict=False) if is_known
        },
        last=days[count - 1],
        excess=excess,
    )


def autocorrelated(rng: np.random.Generator, count: int, persistence: float) -> Floats:
    steps = rng.normal(size=count)
    noise = np.empty(count)
    noise[0] = steps[0]
    for place in range(1, count):
        noise[place] = persistence * noise[place - 1] + (1 - persistence**2) ** 0.5 * steps[place]
    return noise


def _ratio(values: Floats, window: int) -> float:
    return float(values[window:].mean() / values[:window].mean())


def _list(values: Floats) -> list[Decimal]:
    return [Decimal(f"{value:.6f}") for value in values]


def decimals(days: list[date], values: Floats) -> dict[date, Decimal]:
    return dict(zip(days, _list(values), strict=True))
