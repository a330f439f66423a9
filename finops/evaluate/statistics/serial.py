"""How much a day's deviation is like the day's before it, and what that does to sums over weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.statistics.weeks import Days, Floats, Weeks

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 0.9
"""Deviations that last longer than this says look like a trend in any window that a policy has."""


def deviations(weeks: Weeks, values: Floats, fitted: Floats, shares: Floats) -> Floats:
    """How far each day lies off what its weekday and its week's ``fitted`` level let expect, as a share of that; nan
    where nothing is expected, and on days of no week."""
    off = np.full(len(weeks.days.days), np.nan)
    if not weeks.places:
        return off
    places = np.concatenate(weeks.places)
    expected = np.repeat(fitted, [len(of_week) for of_week in weeks.places]) * shares[weeks.days.weekdays[places]]
    off[places] = np.where(expected > 0, values[places] / np.where(expected > 0, expected, 1.0) - 1, np.nan)
    return off


def autocorrelation(days: Days, off: Floats) -> float:
    """Of the deviations of one day and the next, from 0 to ``MOST``.

    The plain estimate is too low in short series whose mean and trend were fitted, by about (1 + 3ρ)/n (Marriott and
    Pope 1954) and (2 + 2ρ)/n for the trend; a standard error is added, since too low a value makes intervals too
    narrow and too high a one only makes them wide.
    """
    known = np.isfinite(off)
    numbers, values = days.numbers[known], off[known]
    count = len(values)
    values = values - values.mean()
    variance = float((values * values).mean())
    neighbours = np.diff(numbers) == 1
    if not neighbours.any() or variance <= 0:
        return 0.0
    plain = float((values[1:] * values[:-1])[neighbours].mean()) / variance
    corrected = plain + (3 + 5 * plain) / count
    guarded = corrected + float(np.sqrt(max(0.0, 1 - corrected * corrected) / count))
    return min(max(guarded, 0.0), MOST)


def covariance_of_days(days: Days, rho: float) -> Floats:
    """Of days that have variance 1 and are correlated by ``rho`` to the power of the days between them."""
    numbers = days.numbers
    powers = rho ** np.arange(numbers[-1] - numbers[0] + 1)
    result: Floats = powers[np.abs(numbers[:, None] - numbers[None, :]).astype(np.int64)]
    return result


def covariance(days: Days, weeks: Sequence[NDArray[np.int64]], rho: float) -> Floats:
    """Of the means over each of ``weeks`` (places of days), of days as in ``covariance_of_days``."""
    means = np.zeros((len(weeks), len(days.days)))
    for row, places in enumerate(weeks):
        means[row, places] = 1 / len(places)
    result: Floats = means @ covariance_of_days(days, rho) @ means.T
    return result
