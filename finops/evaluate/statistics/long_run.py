"""Elasticity in the long run: the trend of cost ÷ the trend of demand, with an interval.

Both trends are slopes of logarithms over weeks. Time is the instrument (Wald 1940; Anderson and Rubin 1949): whatever
cost and demand do together or apart from day to day, week to week or along the week, is noise around the trends and
cannot bias their ratio, where a regression of one on the other measures the short run and is pulled to zero by noise of
demand. The interval is Fieller's (Supplement to the Journal of the Royal Statistical Society 7, 1940; JRSS B 16, 1954):
every elasticity b for which the trend of log cost - b · log demand is no larger than its noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finops.deferred import numpy as np
from finops.evaluate.statistics.low_frequency import Movements, movements
from finops.evaluate.statistics.serial import autocorrelation, covariance, deviations
from finops.evaluate.statistics.student import t90, t99
from finops.evaluate.statistics.weeks import Floats, Weeks

FEWEST_WEEKS = 6
_PLAUSIBLE = 3.0
"""What days have in common is judged by the deviations of cost - b · demand with b from 0 to this."""


@dataclass(frozen=True, slots=True)
class LongRun:
    """``cost_slope`` and ``demand_slope``: of the logarithms, a week. ``rho``: autocorrelation from day to day.
    ``freedom``: degrees of freedom. ``demand_moved``: whether the trend of demand is larger than its noise, with 99 %.
    ``interval``: None where no end can be told."""

    estimate: float
    interval: tuple[float, float] | None
    cost_slope: float
    demand_slope: float
    cost_error: float
    demand_error: float
    mixed_error: float
    rho: float
    freedom: int
    demand_moved: bool
    off: Floats


def long_run(weeks: Weeks, beside: Sequence[Floats] = ()) -> LongRun | None:
    """``beside``: further columns, a number a week, whose effect is told apart from the trend.

    None where there are too few weeks.
    """
    if len(weeks) < FEWEST_WEEKS:
        return None
    trend = weeks.at - float(weeks.at.mean())
    moves = movements(weeks.at, weeks.weight, [np.ones(len(weeks)), *beside, trend])
    if moves is None or moves.freedom < 2:
        return None
    cost, demand = moves.of(np.log(weeks.cost)), moves.of(np.log(weeks.demand))
    place = moves.named - 1
    slope_cost, slope_demand = float(cost[place]), float(demand[place])
    estimate = slope_cost / slope_demand if slope_demand else float("inf")
    off = unexplained(weeks, moves, estimate)
    rho = autocorrelation(weeks.days, off)
    variances = moves.variances(covariance(weeks.days, weeks.places, rho))
    scale = variances[place] / variances[moves.named :]
    noise_cost, noise_demand = cost[moves.named :], demand[moves.named :]
    cc, cd, dd = (
        float((one * other * scale).mean())
        for one, other in ((noise_cost, noise_cost), (noise_cost, noise_demand), (noise_demand, noise_demand))
    )
    freedom = moves.freedom - 1  # one is given for rho, which was estimated, too
    # the movement of the trend is a unit vector: its length in weeks turns it back into a slope
    length = float(moves.basis[place] @ (np.sqrt(weeks.weight) * trend))
    return LongRun(
        estimate=estimate,
        interval=fieller(slope_cost, slope_demand, cc, cd, dd, t90(freedom)),
        cost_slope=slope_cost / length,
        demand_slope=slope_demand / length,
        cost_error=cc**0.5 / length,
        demand_error=dd**0.5 / length,
        mixed_error=cd / length**2,
        rho=rho,
        freedom=freedom,
        demand_moved=abs(slope_demand) > t99(freedom) * dd**0.5,
        off=off,
    )


def fieller(cost: float, demand: float, cc: float, cd: float, dd: float, t: float) -> tuple[float, float] | None:
    """Every b with (cost - b · demand)² <= t² · (cc - 2 b cd + b² dd); None where that is no finite interval."""
    square = demand * demand - t * t * dd
    if square <= 0:
        return None
    middle = cost * demand - t * t * cd
    rest = cost * cost - t * t * cc
    root = max(0.0, middle * middle - square * rest) ** 0.5
    return (middle - root) / square, (middle + root) / square


def unexplained(weeks: Weeks, moves: Movements, estimate: float) -> Floats:
    """Each day's deviation of cost from its trend, less ``estimate`` times that of demand."""
    off = [
        deviations(weeks, values, np.exp(moves.fitted(np.log(levels))), shares)
        for values, levels, shares in (
            (weeks.days.cost, weeks.cost, weeks.shares.cost),
            (weeks.days.demand, weeks.demand, weeks.shares.demand),
        )
    ]
    return off[0] - min(max(estimate, 0.0), _PLAUSIBLE) * off[1]
