"""Days that are unlike all others of their weekday: an invoice, a runaway job, a counter that broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.statistics.weeks import WEEK, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

AROUND_DAYS = 10
"""A day is held against the days up to this many before and after it."""

AT_LEAST = 0.5
"""A one-off is at least this share off what was expected."""

SPREADS = 6.0
"""And at least this many times the usual deviation (a robust standard deviation) off."""

MOST = 0.05
"""Where more days than this share of all stand out, standing out is usual, and nothing is a one-off."""

_TO_STANDARD_DEVIATION = 1.4826
"""Of a normal distribution, ÷ its median absolute deviation."""


def one_offs(values: Floats, weekdays: NDArray[np.int64]) -> Floats:
    """For each day how many times its expected value it has, where that makes it a one-off; nan elsewhere."""
    usual = np.array([_median(values[weekdays == weekday]) for weekday in range(WEEK)])
    level = float(usual.mean()) if len(values) else 0.0
    factors = np.full(len(values), np.nan)
    if level <= 0:
        return factors
    profile = (usual / level)[weekdays]
    known = profile > 0
    flat = np.where(known, values / np.where(known, profile, 1.0), np.nan)
    expected = _medians_around(flat)
    known &= expected > 0
    factors[known] = flat[known] / expected[known]
    off = np.abs(factors - 1)
    spread = _TO_STANDARD_DEVIATION * _median(off[known])
    standing_out = off > max(AT_LEAST, SPREADS * spread)  # not a number is never larger
    if standing_out.sum() > MOST * len(values):
        return np.full(len(values), np.nan)
    return np.where(standing_out, factors, np.nan)


def _medians_around(values: Floats) -> Floats:
    """The median of the known values around each day; 0 where there is none."""
    beyond = np.full(AROUND_DAYS, np.inf)
    padded = np.concatenate((beyond, np.where(np.isfinite(values), values, np.inf), beyond))
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND_DAYS + 1), axis=1)
    known = np.isfinite(ordered).sum(axis=1)
    rows, most = np.arange(len(values)), np.maximum(known, 1)
    low, high = ordered[rows, (most - 1) // 2], ordered[rows, most // 2]
    return np.where(known > 0, (np.where(known > 0, low, 0.0) + np.where(known > 0, high, 0.0)) / 2, 0.0)


def _median(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else 0.0
