"""Changes that no single day shows: a cost that creeps up or down, and one that is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from finops.deferred import numpy as np
from finops.evaluate.forecasting.history import Floats
from finops.evaluate.forecasting.pattern import pattern
from finops.evaluate.forecasting.recurring import recurring

AGO_DAYS, AGO_SPAN_DAYS = 28, 28
"""The level that a cost has crept from: the median of the four weeks that ended four weeks ago."""
SLACK = 0.05
"""Growth by this share in four weeks is no drift."""
ALLOWANCE = 1.0
"""So many deviations a day add nothing to the sum."""
SURE, USUAL, TIMES_USUAL = 15.0, 0.8, 4.0
"""The sum is clear of chance above so many deviations, and above so many times what it is on four days of five."""
NOISE_FLOOR = 0.01
RECENT_DAYS = 7
DRIFT_DAYS = 84
LONGER = 1.5
"""A gap is an absence once it is so many times as long as any before."""
SHARE_OF_USUAL = 0.01
"""A day costs nothing where it costs less than this share of a day's mean."""


@dataclass(frozen=True, slots=True)
class Drift:
    """``share``: the last week's mean above the level of four weeks before it (negative: below); 0 while that may be
    chance. ``level``: what it crept from; ``since``: the day on which the sum that tells it began to rise."""

    share: float
    level: float
    since: date


def drift(first: date, amounts: Floats) -> Drift | None:
    """``amounts``: one a day from ``first``, NaN where missing. None where there are fewer than twelve weeks.

    A cumulative sum (Page 1954) of how far each day, without its weekday, lies beyond the level of four weeks before,
    in deviations; its limit is learnt from the series' own past, in which days may follow one another.
    """
    if len(amounts) < DRIFT_DAYS:
        return None
    usage = np.where(recurring(first, amounts).days, np.nan, amounts)
    found = pattern(first, usage)
    plain = np.where(np.isnan(found.calm), found.level, found.calm)
    windows = np.lib.stride_tricks.sliding_window_view(plain, AGO_SPAN_DAYS)
    start = AGO_DAYS + AGO_SPAN_DAYS
    ago = np.median(windows[: len(plain) - start], axis=1)
    now = plain[start:]
    size = np.maximum(np.abs(ago), found.floor)
    off = (now - ago) / size
    level = float(ago[-1])
    share = float(now[-RECENT_DAYS:].mean() - level) / float(size[-1])
    sign = 1 if share >= 0 else -1
    z = (sign * off - SLACK) / max(found.noise, NOISE_FLOOR) - ALLOWANCE
    sums = _sums(z)
    usual = float(np.quantile(sums[: -2 * RECENT_DAYS], USUAL)) if len(sums) > 4 * RECENT_DAYS else 0.0
    if sums[-1] <= max(SURE, TIMES_USUAL * usual) or abs(share) <= SLACK:
        return Drift(0.0, level, first)
    rising = int(np.flatnonzero(sums[:-1] == 0)[-1]) + 1 if (sums[:-1] == 0).any() else 0
    return Drift(share, level, first + timedelta(days=start + rising))


def _sums(z: Floats) -> Floats:
    sums = np.zeros(len(z))
    total = 0.0
    for at, one in enumerate(z.tolist()):
        total = max(0.0, total + one)
        sums[at] = total
    return sums


@dataclass(frozen=True, slots=True)
class Absence:
    """``days``: so many last days cost nothing, 0 where that is usual. ``since``: the first of them. ``usual``: a day's
    mean cost in the four weeks before it."""

    days: int
    since: date
    usual: float


def absence(first: date, amounts: Floats) -> Absence:
    """``amounts``: one a day from ``first``, NaN where missing (which is no absence)."""
    known = np.where(np.isnan(amounts), np.inf, amounts)
    mean = float(np.nanmean(np.abs(amounts)))
    at = np.flatnonzero(np.abs(known) > SHARE_OF_USUAL * mean)
    if not mean or not len(at):
        return Absence(0, first, 0.0)
    gap = len(amounts) - 1 - int(at[-1])
    longest = int(np.diff(at).max()) - 1 if len(at) > 1 else len(amounts)
    since = int(at[-1]) + 1
    usual = float(np.nanmean(amounts[max(0, since - 28) : since]))
    return Absence(gap if gap > LONGER * longest else 0, first + timedelta(days=since), usual)
