"""How far days in a row, none of them unusual alone, must all lie from what is expected to be unusual together.

A scan statistic (Naus, JASA 60, 1965): the least score of ``IN_A_ROW`` days in a row, each held against what the days
before the first of them let expect. Its threshold comes from the same statistic of all past rows of the series, so that
days that follow one another, a pool that runs dry each month, or a scaler that stays up raise it.
"""

from __future__ import annotations

from datetime import date

from finops.deferred import numpy as np
from finops.evaluate.forecasting.calibration import tails
from finops.evaluate.forecasting.rows import Bools, Floats
from finops.evaluate.forecasting.two_part import two_part

IN_A_ROW = 3
REACH, LEAST = 2.5, 1.15
"""The least score must exceed so many times what 4 in 1,000 past rows do, which overlap and are few; and so many
deviations, as 2 in 1,000 rows of independent normal days do."""


def held_errors(plain: Floats, told: Floats, slopes: Floats, shares: Floats, size: Floats, sizes: Floats) -> Floats:
    """Errors of each day (last axis) as the first, second and third day of a row (first axis), NaN where no row begins
    early enough. ``told`` and ``slopes``: of each way, as known before each day; ``size``: what an error on the first
    day is a share of, as known before it; ``sizes``: what the calendar makes of that on each day."""
    held = np.full((IN_A_ROW, *plain.shape), np.nan)
    mixed, rising = ((shares[:, :, np.newaxis] * of).sum(axis=0) for of in (told, slopes))
    for ago in range(IN_A_ROW):
        before = slice(0, plain.shape[1] - ago)
        expected = mixed[:, before] + ago * rising[:, before]
        held[ago, :, ago:] = (plain[:, ago:] - expected) / (size[:, before] * sizes[:, ago:])
    return held


def rows_exceed(held: Floats, size: Floats, known: Bools) -> Floats:
    """The threshold of each series, from ``held`` errors and the ``size`` of a deviation, from days ``known``."""
    scores = np.where(known, held / size[:, np.newaxis], np.nan)
    count = scores.shape[2] - (IN_A_ROW - 1)
    least = np.min([scores[ago, :, ago : ago + count] for ago in range(IN_A_ROW)], axis=0)
    there = ~np.isnan(least)
    return np.maximum(REACH * tails(np.where(there, least, 0.0), there), LEAST)


def sparse_rows_exceed(first: date, amounts: Floats, calibrated: float, least: float) -> tuple[float, float]:
    """The thresholds above and below of a sparse series, whose days are held against their weekday's expectation.

    ``calibrated``: so many deviations reach the ends of a weekday's range; ``least``: the smallest deviation."""
    scores = np.full((2, len(amounts)), np.nan)
    for ahead in range(7):
        parts = two_part(first, np.concatenate([amounts, np.full(ahead, np.nan)]))
        if parts is not None:
            days = slice((len(amounts) + ahead) % 7, None, 7)
            off = amounts[days] - parts.mean
            scores[0, days] = off / max((parts.high - parts.mean) / calibrated, least)
            scores[1, days] = -off / max((parts.mean - parts.low) / calibrated, least)
    each = np.broadcast_to(scores, (IN_A_ROW, *scores.shape))
    above, below = rows_exceed(each, np.ones(2), ~np.isnan(scores)).tolist()
    return above, below
