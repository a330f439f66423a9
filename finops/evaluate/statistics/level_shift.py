"""A day on which a series stepped to another level and stayed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from finops.deferred import numpy as np
from finops.evaluate.statistics.serial import autocorrelation
from finops.evaluate.statistics.weeks import Days, Floats

FEWEST_DAYS = 14
"""On either side of a step: less would take a busy week for a new level."""

CERTAIN = 3.5
"""Standard errors that the largest of all possible steps must have. Of trending series without a step about 1 in
100 has such a one by chance, 5 in 100 where deviations last for days (``benchmarks/elasticity.py``)."""


@dataclass(frozen=True, slots=True)
class Step:
    """``day``: the first on the new level. ``size``: the jump as a share of the level, 0.2 for 20 %."""

    day: date
    size: float


def step_in(days: Days, off: Floats) -> Step | None:
    """The clearest step in ``off`` (a day's deviation from its trend, as a share) that is larger than chance, and tells
    more than a trend that bends would."""
    known = np.isfinite(off)
    used = Days(tuple(day for day, is_known in zip(days.days, known, strict=True) if is_known), off[known], off[known])
    numbers, values = used.numbers, off[known]
    if len(values) <= 2 * FEWEST_DAYS:
        return None
    ones, trend = np.ones(len(values)), numbers - numbers.mean()
    starts = np.arange(FEWEST_DAYS, len(values) - FEWEST_DAYS + 1)
    steps = (np.arange(len(values))[:, None] >= starts[None, :]).astype(np.float64)
    bends = steps * (numbers[:, None] - numbers[starts - 1][None, :])
    for column in (ones, trend):
        steps, bends = (lines - np.outer(column, column @ lines) / float(column @ column) for lines in (steps, bends))
        values = values - column * float(column @ values) / float(column @ column)
    sizes = (values @ steps) / (steps * steps).sum(axis=0)
    rho = 0.0
    best = 0
    for _ in range(2):  # days have less in common once the step is told apart, and that tells it better
        errors = _errors(steps, numbers, rho)
        best = int(np.argmax(np.abs(sizes) / errors))
        left = values - sizes[best] * steps[:, best]
        rho = autocorrelation(used, left)
    if _explained(values, bends).max() > _explained(values, steps).max():
        return None
    deviation = float(np.sqrt((left * left).sum() / (len(left) - 3)))
    if abs(sizes[best]) < CERTAIN * deviation * float(_errors(steps[:, [best]], numbers, rho)[0]):
        return None
    return Step(used.days[int(starts[best])], float(sizes[best]))


def _explained(values: Floats, lines: Floats) -> Floats:
    """How much of the squares of ``values`` each of ``lines`` explains."""
    result: Floats = (values @ lines) ** 2 / (lines * lines).sum(axis=0)
    return result


def _errors(steps: Floats, numbers: Floats, rho: float) -> Floats:
    """Of the size of each step, where the days' deviations have variance 1."""
    powers = rho ** np.arange(numbers[-1] - numbers[0] + 1)
    correlation = powers[np.abs(numbers[:, None] - numbers[None, :]).astype(np.int64)]
    variances = (steps * (correlation @ steps)).sum(axis=0)
    result: Floats = np.sqrt(variances) / (steps * steps).sum(axis=0)
    return result
