"""Cost that comes on some days only: how likely a day has any, and how large it then is, each told by itself.

After Croston (Operational Research Quarterly 23, 1972), whose rate and size are smoothed apart; sizes are log-normal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, sqrt
from statistics import NormalDist, fmean, stdev
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.forecasting.calibration import FALSE_ALARMS
from finops.evaluate.forecasting.month import weekdays
from finops.evaluate.forecasting.rows import Bools, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

RECENT_DAYS = 182
"""So many days tell how often cost comes, and how large it is."""
FEWEST = 3
"""Fewer days with cost tell nothing of its size."""
APART = 12.0
"""Weekdays have rates of their own where their squared distances, as shares of their variances, sum to more."""
PRIOR = 1.0
LEAST_SPREAD = 0.05
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class TwoPart:
    """``chance``: of any cost on the next day. ``mean``: its expected cost. ``low`` and ``high``: the range that all
    but ``FALSE_ALARMS`` of days on each side keep to."""

    chance: float
    mean: float
    low: float
    high: float


def sparse(amounts: Floats) -> bool:
    """Whether fewer than half of the last ``RECENT_DAYS`` have a cost, but some have."""
    recent = amounts[-RECENT_DAYS:]
    known = recent[~np.isnan(recent)]
    return bool(FEWEST <= 2 * np.count_nonzero(known > 0) < len(known)) and not (known < 0).any()


def two_part(first: date, amounts: Floats) -> TwoPart | None:
    """For the day after ``amounts``, one a day from ``first``, NaN where missing. None where too few have a cost."""
    start = max(0, len(amounts) - RECENT_DAYS)
    recent = amounts[start:]
    known = ~np.isnan(recent)
    sizes = recent[known & (recent > 0)]
    if len(sizes) < FEWEST:
        return None
    days = weekdays(first + timedelta(days=start), len(recent))
    chance = _chance(int((first + timedelta(days=len(amounts))).weekday()), days[known], recent[known] > 0)
    logs = np.log(sizes).tolist()
    spread = max(stdev(logs), LEAST_SPREAD) * (1 + 2 / len(logs))
    middle = fmean(logs)
    spread = sqrt(spread**2 * (1 + 1 / len(logs)))
    rare = FALSE_ALARMS / chance
    high = exp(middle + spread * _NORMAL.inv_cdf(1 - rare)) if rare < 1 else 0.0
    rest = FALSE_ALARMS - (1 - chance)
    low = exp(middle + spread * _NORMAL.inv_cdf(min(rest / chance, 0.5))) if rest > 0 else 0.0
    return TwoPart(chance, chance * float(sizes.mean()), low, high)


def _chance(weekday: int, days: NDArray[np.int64], with_cost: Bools) -> float:
    whole = (float(with_cost.sum()) + PRIOR / 2) / (len(days) + PRIOR)
    seen = list(_by_weekday(days, with_cost))
    apart = sum((hits - whole * count) ** 2 / (whole * (1 - whole) * count) for hits, count in seen if count)
    hits, count = seen[weekday]
    if apart < APART or not count:
        return whole
    return (hits + PRIOR / 4) / (count + PRIOR / 2)


def _by_weekday(days: NDArray[np.int64], with_cost: Bools) -> Iterator[tuple[float, int]]:
    for day in range(7):
        of_day = with_cost[days == day]
        yield float(of_day.sum()), len(of_day)
