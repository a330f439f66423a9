"""Invented histories that a verdict of Growth or UnitCost should fire on, or stay quiet on: levels, weekday shapes,
noise and where the window ends differ from draw to draw.

Cost is what demand asks for times what a unit costs; each family says how the two went.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import numpy as np

from benchmarks.cost_and_demand import Floats, History, autocorrelated, decimals

Kind = Literal["Growth", "UnitCost"]
WINDOW_DAYS: Mapping[Kind, int] = {"Growth": 84, "UnitCost": 28}
THRESHOLD: Mapping[Kind, float] = {"Growth": 0.2, "UnitCost": 0.1}
"""Of ``excess_growth`` and of ``unit_cost_change``."""

COUNT = 200
"""Days of a history: more than both windows of Growth."""

_FIRST = date(2025, 1, 6)
_WEEKS = (
    np.ones(7),
    np.array([1.1, 1.12, 1.1, 1.08, 1.05, 0.8, 0.75]),
    np.array([1.25, 1.3, 1.25, 1.2, 1.1, 0.5, 0.4]),
    np.array([0.85, 0.85, 0.9, 0.95, 1.1, 1.25, 1.1]),
)


@dataclass(slots=True)
class Draw:
    """``demand`` and ``unit`` (what one costs) are multiplied by a level, weekdays and noise when the draw is made."""

    rng: np.random.Generator
    kind: Kind
    at: Floats = field(init=False)
    demand: Floats = field(init=False)
    unit: Floats = field(init=False)
    noise: float = field(init=False)
    persistence: float = field(init=False)
    demand_noise: float = field(init=False)
    missing: Floats = field(init=False)
    shared_week: bool = field(init=False)

    def __post_init__(self) -> None:
        rng = self.rng
        self.at = np.arange(COUNT, dtype=np.float64)
        self.demand, self.unit = np.ones(COUNT), np.ones(COUNT)
        self.missing = np.zeros(COUNT)
        self.noise, self.persistence = rng.uniform(0.03, 0.08), rng.uniform(0.0, 0.5)
        self.demand_noise = rng.uniform(0.0, 0.05)
        self.shared_week = rng.uniform() < 0.7

    @property
    def window(self) -> int:
        return WINDOW_DAYS[self.kind]

    def grow(self, to: float) -> Floats:
        """1 until the window begins, then exponentially to ``to``."""
        begins = COUNT - self.window
        return np.asarray(to ** np.clip((self.at - begins) / (self.window - 1), 0, 1))

    def since(self, days: float) -> Floats:
        return (self.at >= COUNT - days).astype(np.float64)

    def step(self, times: float, *, slack: int) -> Floats:
        """A lasting step of the unit cost, ``slack`` to ``slack`` + 10 days after arithmetic passes the threshold."""
        days = needed(self.kind, times) + slack + int(self.rng.integers(0, 11))
        return 1 + (times - 1) * self.since(min(days, self.window))

    def made(self) -> History:
        rng = self.rng
        first = _FIRST + timedelta(days=int(rng.integers(0, 300)))
        days = [first + timedelta(days=place) for place in range(COUNT)]
        weekdays = np.array([day.weekday() for day in days])
        week = _WEEKS[rng.integers(len(_WEEKS))]
        own = week if self.shared_week else _WEEKS[rng.integers(len(_WEEKS))]
        noise = np.exp(autocorrelated(rng, COUNT, self.persistence) * self.noise - self.noise**2 / 2)
        served = self.demand * np.exp(rng.normal(size=COUNT) * self.demand_noise)
        demand = 10 ** rng.uniform(2, 6) * served * week[weekdays]
        cost = 10 ** rng.uniform(1.5, 4.5) * served * self.unit * own[weekdays] * noise
        kept = np.flatnonzero(self.missing == 0)
        chosen = [days[place] for place in kept]
        return History(decimals(chosen, cost[kept]), decimals(days, demand), days[-1], 0.0)


def needed(kind: Kind, times: float) -> int:
    """Days that a lasting step must last until the means of the two windows differ by more than the threshold."""
    return int(np.floor(WINDOW_DAYS[kind] * THRESHOLD[kind] / (times - 1))) + 1


Change = Callable[[Draw], None]


@dataclass(frozen=True, slots=True)
class Family:
    """``growth`` and ``unit_cost``: whether a policy should fire, None where either is right."""

    name: str
    change: Change
    growth: bool | None
    unit_cost: bool | None

    def should(self, kind: Kind) -> bool | None:
        return self.growth if kind == "Growth" else self.unit_cost

    def draw(self, kind: Kind, seed: int) -> History:
        draw = Draw(np.random.default_rng(seed), kind)
        self.change(draw)
        return draw.made()


def _stepping(times: float, slack: int) -> Change:
    def change(draw: Draw) -> None:
        draw.unit = draw.step(times, slack=slack)

    return change


def _growing(demand: float, elasticity: float, noise: float | None = None, persistence: float | None = None) -> Change:
    def change(draw: Draw) -> None:
        draw.demand = draw.grow(demand)
        draw.unit = draw.demand ** (elasticity - 1)
        draw.noise = draw.noise if noise is None else noise
        draw.persistence = draw.persistence if persistence is None else persistence

    return change


def _proportional(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(0.6, 2.0))


def _noisy(draw: Draw) -> None:
    _proportional(draw)
    draw.noise, draw.persistence = 0.15, draw.rng.uniform(0.3, 0.7)


def _weekday_free(draw: Draw) -> None:
    _proportional(draw)
    draw.shared_week = False


def _heavy_tails(draw: Draw) -> None:
    _proportional(draw)
    draw.unit = np.exp(0.06 * draw.rng.standard_t(3, size=COUNT))


def _fixed_base(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(1.1, 2.0))
    share = draw.rng.uniform(0.2, 0.6)
    draw.unit = (share + (1 - share) * draw.demand) / draw.demand


def _discounts(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(1.2, 2.5))
    draw.unit = draw.demand ** -draw.rng.uniform(0.1, 0.3)


def _lagging(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(1.1, 2.0))
    lag = int(draw.rng.integers(1, 6))
    smooth = np.convolve(np.concatenate([np.full(lag, draw.demand[0]), draw.demand]), np.ones(lag + 1) / (lag + 1))
    draw.unit = smooth[lag : lag + COUNT] / draw.demand


def _promotions(draw: Draw) -> None:
    for start in draw.rng.choice(np.arange(5, COUNT - 10, 12), 5, replace=False):
        draw.demand[start : start + int(draw.rng.integers(2, 6))] *= draw.rng.uniform(1.5, 3.0)


def _invoice(draw: Draw) -> None:
    draw.unit[COUNT - int(draw.rng.integers(2, 25))] *= draw.rng.uniform(5, 15)


def _gaps(draw: Draw) -> None:
    _proportional(draw)
    places = draw.rng.choice(np.arange(COUNT - 28, COUNT - 2), 3, replace=False)
    draw.missing[places] = 1


def _weekend(draw: Draw) -> None:
    _proportional(draw)
    draw.shared_week = True
    weekdays = (np.arange(COUNT)) % 7
    draw.demand = draw.demand * np.where(weekdays >= 5, 1.0, 0.02)


def _wandering(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(1.0, 1.5))
    draw.unit = np.exp(np.cumsum(draw.rng.normal(size=COUNT)) * 0.01)


def _cheaper(draw: Draw) -> None:
    draw.unit = 1 - draw.rng.uniform(0.2, 0.6) * draw.since(int(draw.rng.integers(3, draw.window)))


def _both_fall(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(0.5, 0.8))
    draw.unit = draw.demand ** draw.rng.uniform(0.5, 1.2)


def _fall_together(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(0.4, 0.8))


def _rises_as_demand_falls(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(0.5, 0.75))
    draw.unit = draw.grow(draw.rng.uniform(1.2, 1.5)) / draw.demand


def _falls_as_demand_rises(draw: Draw) -> None:
    draw.demand = draw.grow(draw.rng.uniform(1.2, 1.8))
    draw.unit = draw.grow(draw.rng.uniform(0.6, 0.9)) / draw.demand


def _ten_days_twice(draw: Draw) -> None:
    ended = int(draw.rng.integers(0, 10))
    draw.unit = 1 + draw.since(10 + ended) - draw.since(ended)


def _ramp(draw: Draw) -> None:
    draw.unit = draw.grow(draw.rng.uniform(1.9, 2.5))


FAMILIES = (
    Family("proportional", _proportional, growth=False, unit_cost=False),
    Family("proportional, 15 % noise that lasts for days", _noisy, growth=False, unit_cost=False),
    Family("proportional, cost has weekdays of its own", _weekday_free, growth=False, unit_cost=False),
    Family("proportional, heavy tails", _heavy_tails, growth=False, unit_cost=False),
    Family("proportional, three days without rows", _gaps, growth=False, unit_cost=False),
    Family("at weekends only", _weekend, growth=False, unit_cost=False),
    Family("fixed base", _fixed_base, growth=False, unit_cost=False),
    Family("discounts by volume", _discounts, growth=False, unit_cost=False),
    Family("autoscaling with lag", _lagging, growth=False, unit_cost=False),
    Family("promotions", _promotions, growth=False, unit_cost=False),
    Family("one invoice", _invoice, growth=False, unit_cost=False),
    Family("cheaper model", _cheaper, growth=False, unit_cost=False),
    Family("efficiency wanders 1 % a day", _wandering, growth=False, unit_cost=False),
    Family("both fall, cost falls faster", _both_fall, growth=False, unit_cost=False),
    Family("both fall in proportion", _fall_together, growth=False, unit_cost=False),
    Family("demand rises, cost falls", _falls_as_demand_rises, growth=False, unit_cost=False),
    Family("demand falls, cost rises", _rises_as_demand_falls, growth=True, unit_cost=True),
    Family("true elasticity 2, demand × 1.5", _growing(1.5, 2.0), growth=True, unit_cost=True),
    Family("true elasticity 1.5, demand × 2", _growing(2.0, 1.5), growth=True, unit_cost=True),
    Family("credits end (× 1.67)", _stepping(1.67, 5), growth=True, unit_cost=True),
    Family("commitment ends (× 1.4)", _stepping(1.4, 6), growth=True, unit_cost=True),
    Family("migration runs twice (× 1.8)", _stepping(1.8, 5), growth=True, unit_cost=True),
    Family("dearer model (× 2.5)", _stepping(2.5, 3), growth=True, unit_cost=True),
    Family("new service (× 1.6)", _stepping(1.6, 5), growth=True, unit_cost=True),
    Family("ten days at twice the cost", _ten_days_twice, growth=None, unit_cost=True),
    Family("unit cost ramps to twice", _ramp, growth=True, unit_cost=True),
)
HARD = (
    Family("true elasticity 1.5, demand × 1.5, 12 % noise, autocorrelation 0.5", _growing(1.5, 1.5, 0.12, 0.5),
           growth=True, unit_cost=None),
)  # fmt: skip
