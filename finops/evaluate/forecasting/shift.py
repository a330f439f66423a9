"""Since when a series stands where it stands, or heads where it heads."""

from __future__ import annotations

from dataclasses import dataclass

from finops.deferred import numpy as np
from finops.evaluate.forecasting.rows import NORMAL_MAD, Floats

WINDOW_DAYS = 91
FEWEST_AFTER = 3
"""A step is believed after so many days: fewer are a spike."""
FEWEST_RISING = 7
"""A new slope is believed after so many days."""
FEWEST_BEFORE = 4
SURE = 4.5
"""Standard errors between before and after."""
CHANCE = 1.5
"""Days look as alike as this ÷ the root of their number by chance."""
_MOST_ALIKE = 0.98
MOST_STEPS = 6
"""Steps within steps are looked for so many times at most."""


@dataclass(frozen=True, slots=True)
class Regime:
    """``since``: the first day (an index) of the newest level or slope; 0 where nothing stands out. ``trending``: it
    rises or falls since then."""

    since: int
    trending: bool


def regime(calm: Floats, noise: Floats) -> Regime:
    """Whichever fits the last 13 weeks best by least squares: one level, a step from one level to another (Hinkley
    1970), or a level that bends into a straight line (Hinkley 1971).

    ``calm``: NaN is missing. ``noise``: the standard deviation of each day.
    """
    start = max(0, len(calm) - WINDOW_DAYS)
    at = np.flatnonzero(~np.isnan(calm[start:]))
    if len(at) < FEWEST_BEFORE + FEWEST_AFTER + 3:
        return Regime(0, trending=False)
    needed = (SURE * float(np.mean(noise[start:][at]))) ** 2
    steps, bends = _gains(calm[start:][at])
    step, bend = int(np.argmax(steps)), int(np.argmax(bends))
    if max(steps[step], bends[bend]) <= needed:
        return Regime(0, trending=False)
    if steps[step] >= bends[bend]:
        return Regime(start + int(at[step + 1]), trending=False)
    return Regime(start + int(at[bend]) if bend > 0 else 0, trending=True)


def lasting(z: Floats) -> float:
    """How many times as large the noise of a mean is as it would be if no day went with the day before it: how much
    they do, and how large noise is, is told by differences of one day and of two, which no step disturbs.

    ``z``: in standard deviations, NaN is missing.
    """
    known = z[~np.isnan(z)]
    near, far = np.median(np.abs(np.diff(known))), np.median(np.abs(known[2:] - known[:-2]))
    if not near > 0:
        return 1.0
    alike = float(np.clip((far / near) ** 2 - 1 - CHANCE / np.sqrt(len(known)), 0.0, _MOST_ALIKE))
    apart = max(1.0, NORMAL_MAD * float(near) / np.sqrt(2 * (1 - alike)))
    return float(apart * np.sqrt((1 + alike) / (1 - alike)))


def steps_of(calm: Floats, noise: float) -> list[int]:
    """The first day (an index) of every new level, in order: binary segmentation (Scott and Knott 1974), which goes on
    in each part as long as a step fits it better than a straight line and stands out.

    ``calm``: NaN is missing. ``noise``: a day's standard deviation, larger where days go with the days before them.
    """
    at = np.flatnonzero(~np.isnan(calm))
    found: list[int] = []
    _split(calm[at], (SURE * noise) ** 2, 0, MOST_STEPS, found)
    return [int(at[place]) for place in found]


def _split(z: Floats, needed: float, offset: int, more: int, found: list[int]) -> None:
    if len(z) < FEWEST_BEFORE + FEWEST_AFTER + 3 or not more:
        return
    steps, bends = _gains(z)
    step = int(np.argmax(steps))
    if steps[step] <= needed or steps[step] < bends.max():
        return
    _split(z[: step + 1], needed, offset, more - 1, found)
    found.append(offset + step + 1)
    _split(z[step + 1 :], needed, offset + step + 1, more - 1, found)


def _gains(z: Floats) -> tuple[Floats, Floats]:
    """What a step behind each day but the last, and a bend there, take off the sum of squares."""
    count = len(z)
    z = z - z.mean()
    before = np.arange(1, count)
    after = count - before
    sums = np.cumsum(z)[:-1]
    steps = sums * sums * count / (before * after)
    steps[(after < FEWEST_AFTER) | (before < FEWEST_BEFORE)] = 0.0
    later = np.cumsum(z[::-1])[::-1]
    rises = np.cumsum(later[:0:-1])[::-1] ** 2  # for each bend: the sum of the distance behind it times z, squared
    distance = after * (after + 1) / 2
    bends = rises / (distance * (2 * after + 1) / 3 - distance * distance / count)
    bends[after < FEWEST_RISING] = 0.0
    return steps, bends
