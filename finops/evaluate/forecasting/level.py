"""Where a series stands, and where it is heading, as every past day would have said it.

Levels are means and slopes those of straight lines, with weights that halve every so many days (discounted least
squares, Brown 1963). Every way of looking is computed for all origins at once, so that its past errors are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from finops.deferred import numpy as np
from finops.evaluate.forecasting.rows import running

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

DAMPING = 0.99
"""A trend loses so much of its speed a day (Gardner and McKenzie 1985)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way of looking: how long the memory is, and whether a trend is followed."""

    memory_days: float
    trend: bool


WAYS = (
    Way(4, trend=False),
    Way(12, trend=False),
    Way(40, trend=False),
    Way(120, trend=False),
    Way(7, trend=True),
    Way(16, trend=True),
    Way(40, trend=True),
)


def levels(
    calm: Floats, way: Way, starts: NDArray[np.int64] | None = None, size: Floats | None = None
) -> tuple[Floats, Floats]:
    """Level and slope a day as seen at the end of each day, from the days up to it; NaN in ``calm`` is missing.

    One row a series. ``starts``: for each day the first one (a column) that is looked back to; the first of all where
    it is left out. ``size``: how large each day's noise is against an ordinary day's; by its square a larger one counts
    less. Where nothing is known yet, both are 0.
    """
    known = ~np.isnan(calm)
    at, growing = _days(calm.shape[1], way.memory_days)
    weights = known * growing if size is None else known * growing / np.maximum(size, 1.0) ** 2
    values = np.where(known, calm, 0.0) * weights

    def discounted(terms: Floats) -> Floats:
        sums = running(terms)
        before = 0.0 if starts is None else np.take_along_axis(sums, starts, axis=1)
        return np.asarray((sums[:, 1:] - before) / growing)

    w0, v0 = discounted(weights), discounted(values)
    mean = v0 / np.maximum(w0, 1e-12)
    if not way.trend:
        return mean, np.zeros_like(mean)
    t1, t2, tv = discounted(weights * at), discounted(weights * at * at), discounted(values * at)
    w1, w2, v1 = at * w0 - t1, at * at * w0 - 2 * at * t1 + t2, at * v0 - tv
    determinant = w0 * w2 - w1 * w1
    spread = np.maximum(determinant, 1e-12)
    # a line needs days to lean on: the fewer, the flatter
    trust = determinant / np.maximum(determinant + 50.0 * w0, 1e-12)
    slope = trust * (w1 * v0 - w0 * v1) / spread
    return mean + slope * w1 / np.maximum(w0, 1e-12), slope


@lru_cache(maxsize=512)
def _days(count: int, memory_days: float) -> tuple[Floats, Floats]:
    """The numbers of ``count`` days, and weights that double every ``memory_days``."""
    at = np.arange(count, dtype=np.float64)
    return at, np.exp2((at - count / 2) / memory_days)


@lru_cache(maxsize=512)
def trend_reach(gap: int, count: int) -> float:
    """How many days' slopes a damped trend adds up to over ``count`` days that begin ``gap`` days from now."""
    steps = np.cumsum(DAMPING ** np.arange(1, gap + count + 1))
    return float(steps[gap:].sum())


def trend_steps(count: int) -> Floats:
    """The damped trend's distance, in days' slopes, on each of the next ``count`` days."""
    return np.cumsum(DAMPING ** np.arange(1, count + 1))
