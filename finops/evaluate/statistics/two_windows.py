"""How much one window of weeks lies above the window before it, with an interval."""

from __future__ import annotations

from dataclasses import dataclass

from finops.deferred import numpy as np
from finops.evaluate.statistics.low_frequency import Movements, movements
from finops.evaluate.statistics.serial import autocorrelation, covariance, deviations
from finops.evaluate.statistics.student import t90
from finops.evaluate.statistics.weeks import Days, Floats, Shares, Weeks

FEWEST_WEEKS = 4
"""A window: with fewer there is no telling a trend inside it from noise."""


@dataclass(frozen=True, slots=True)
class Error:
    """``error``: the standard error of a difference of logarithms; ``t`` of them make a 90 % interval."""

    error: float
    rho: float
    freedom: int

    @property
    def t(self) -> float:
        return t90(self.freedom)


@dataclass(frozen=True, slots=True)
class Joined:
    """The weeks of two windows that follow one another. ``contrast``: how each counts in the difference of their means.
    ``moves``: a line through each window is named; what is left is noise."""

    weeks: Weeks
    contrast: Floats
    moves: Movements


def join(before: Weeks, after: Weeks) -> Joined | None:
    """None where there are too few weeks to tell a change from noise.

    What a line through each window explains is no noise: a window that grows has a mean all the same.
    """
    if min(len(before), len(after)) < FEWEST_WEEKS:
        return None
    both = _joined(before, after)
    late = np.arange(len(both)) >= len(before)
    at = both.at - float(both.at.mean())
    moves = movements(both.at, both.weight, [np.ones(len(both)), late.astype(np.float64), at, at * late])
    if moves is None or moves.freedom < 2:
        return None
    contrast = np.where(late, 1.0, -1.0) * both.weight
    contrast /= np.where(late, after.weight.sum(), before.weight.sum())
    return Joined(both, contrast, moves)


def error_of_change(joined: Joined, *, cost: float, demand: float) -> Error:
    """Of ``cost`` · (mean log cost after - before) + ``demand`` · (the same of demand)."""
    both, moves, contrast = joined.weeks, joined.moves, joined.contrast
    noise = moves.of(cost * np.log(both.cost) + demand * np.log(both.demand))[moves.named :]
    rho = autocorrelation(both.days, _off(both, moves, cost, demand))
    weeks = covariance(both.days, both.places, rho)
    variance = float(contrast @ weeks @ contrast)
    scale = variance / moves.variances(weeks)[moves.named :]
    error = float(np.sqrt((noise * noise * scale).mean()))
    return Error(error, rho, moves.freedom - 1)  # one is given for rho, which was estimated, too


def _joined(before: Weeks, after: Weeks) -> Weeks:
    offset = len(before.days.days)
    days = Days(
        before.days.days + after.days.days,
        np.concatenate([before.days.cost, after.days.cost]),
        np.concatenate([before.days.demand, after.days.demand]),
    )
    return Weeks(
        days=days,
        shares=Shares(before.shares.cost, before.shares.demand),
        places=(*before.places, *(places + offset for places in after.places)),
        cost=np.concatenate([before.cost, after.cost]),
        demand=np.concatenate([before.demand, after.demand]),
        weight=np.concatenate([before.weight, after.weight]),
        at=np.concatenate([before.at, after.at]),
    )


def _off(weeks: Weeks, moves: Movements, cost: float, demand: float) -> Floats:
    off_cost = deviations(weeks, weeks.days.cost, np.exp(moves.fitted(np.log(weeks.cost))), weeks.shares.cost)
    off_demand = deviations(weeks, weeks.days.demand, np.exp(moves.fitted(np.log(weeks.demand))), weeks.shares.demand)
    return cost * off_cost + demand * off_demand
