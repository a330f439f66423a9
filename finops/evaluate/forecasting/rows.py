"""Many series at once: one row a series, one column a day. No row's result depends on the rows beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from finops.deferred import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"
Bools: TypeAlias = "NDArray[np.bool_]"

NORMAL_MAD = 1.4826
"""A normal distribution's standard deviation, in median absolute deviations."""


def medians(values: Floats, known: Bools) -> Floats:
    """The median of each row's known values; each row has at least one."""
    ordered = np.sort(np.where(known, values, np.inf), axis=1)
    count = known.sum(axis=1)
    rows = np.arange(len(values))
    return np.asarray((ordered[rows, (count - 1) // 2] + ordered[rows, count // 2]) / 2)


def running(values: Floats) -> Floats:
    """Sums of each row up to, not including, each column; one column more than ``values``."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def around(values: Floats, days: int) -> Floats:
    """Sums over ``days`` days to each side of every day, as far as there are any."""
    sums, at = running(values), np.arange(values.shape[1])
    return np.asarray(sums[:, np.minimum(at + days + 1, values.shape[1])] - sums[:, np.maximum(at - days, 0)])


def by_place(places: NDArray[np.int64], weights: Floats, count: int) -> Floats:
    """For each row, the sums of ``weights`` by place (0 … ``count`` - 1)."""
    offset = count * np.arange(len(places))[:, np.newaxis]
    summed = np.bincount((places + offset).ravel(), weights.ravel(), count * len(places))
    return np.asarray(summed.reshape(len(places), count), dtype=np.float64)
