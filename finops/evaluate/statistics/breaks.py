"""Days on which a noisy daily series moved to another level, whether it stayed there or came back."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.statistics.weeks import WEEK, Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_DAYS = 3
"""On a level: one day or two are a spike, and spikes are noise."""

SURE = 4.5
"""Standard errors by which a level must differ from the days around it."""

MOST_BREAKS = 8
_MOST_ALIKE = 0.98
_SPIKE = 3.0
"""Standard deviations off the days around it: a day farther off than that counts as one of them."""

_FINEST = 0.001
"""Noise is at least this, a tenth of a per cent: below it levels differ by rounding."""

_CACHED_DAYS = 400
"""Two windows of half a year: tables of longer ones are made anew, they take megabytes."""

_NORMAL_MAD = 1.4826


def breaks_in(z: Floats, weekdays: NDArray[np.int64]) -> list[int]:
    """The first day (an index) of every new level, ascending, by circular binary segmentation (Olshen and others,
    Biostatistics 5, 2004): a stretch of days that differs from those around it by more than ``SURE`` standard errors is
    cut out, and so on in each part. Least squares finds the days (Bai and Perron, Econometrica 66, 1998).

    How large noise is, and how long it lasts, is told in two ways, and the smaller counts: by differences of days one
    and two apart, which steps hardly touch, and by what is left beside the clearest stretch. ``z``: logarithms, a
    number a day, NaN where there is none.
    """
    at = np.flatnonzero(np.isfinite(z))
    if len(at) < 4 * FEWEST_DAYS:
        return []
    calm = without_weekdays(z[at], weekdays[at])
    usual = _medians(calm)
    spike = _SPIKE * max(_usual(calm - usual), _usual(np.diff(calm)))
    calm = np.where(np.abs(calm - usual) > spike, usual, calm)
    found: set[int] = set()
    noise = max(min(_of_differences(calm), _beside_the_clearest(calm)), _FINEST**2)
    _cut(calm, SURE**2 * noise, 0, found)
    return [int(at[place]) for place in sorted(found)]


def _of_differences(z: Floats) -> float:
    """Long-run variance of a day. Of a process of first order the variances of differences of one day and of two are
    2 s² (1 - r) and 2 s² (1 - r²); r is raised by its standard error: too low a value would take noise that lasts for a
    new level."""
    near, far = (_without_large(z[apart:] - z[:-apart]) for apart in (1, 2))
    alike = min(max(far / near - 1 + 1 / float(np.sqrt(len(z))), 0.0), _MOST_ALIKE) if near > 0 else 0.0
    return near / (2 * (1 - alike)) * _lasting(alike)


def _beside_the_clearest(z: Floats) -> float:
    """The same, of the deviations from two levels; r is raised as in ``serial.autocorrelation``."""
    start, end, _ = _stretch(z)
    inside = np.zeros(len(z), dtype=bool)
    inside[start:end] = True
    # a series that never moves has no clearest stretch
    off = z - (np.where(inside, z[inside].mean(), z[~inside].mean()) if inside.any() and not inside.all() else z.mean())
    count, square = len(off), float(off @ off)
    if not square > 0:
        return 0.0
    alike = float(off[1:] @ off[:-1]) / square
    alike += (3 + 5 * alike) / count + float(np.sqrt(max(0.0, 1 - alike * alike) / count))
    return square / (count - 4) * _lasting(min(max(alike, 0.0), _MOST_ALIKE))


def _lasting(alike: float) -> float:
    return (1 + alike) / (1 - alike)


def _without_large(differences: Floats) -> float:
    """Mean square without those of more than three times the usual size: they cross a step, or meet a spike."""
    kept = differences[np.abs(differences) <= _SPIKE * _usual(differences)]
    return float(np.mean(kept * kept))


def _usual(values: Floats) -> float:
    return _NORMAL_MAD * float(np.median(np.abs(values)))


def without_weekdays(z: Floats, weekdays: NDArray[np.int64]) -> Floats:
    """``z`` less what its weekday usually differs from the week around it (medians, so that no step counts)."""
    width = min(WEEK, len(z))
    padded = np.concatenate((z[: width // 2][::-1], z, z[len(z) - width // 2 :][::-1]))
    around = np.convolve(padded, np.full(width, 1 / width), mode="valid")[: len(z)]
    off = z - around
    usual = np.array(
        [float(np.median(off[weekdays == day])) if (weekdays == day).any() else 0.0 for day in range(WEEK)]
    )
    result: Floats = z - usual[weekdays]
    return result


def _cut(z: Floats, needed: float, offset: int, found: set[int]) -> None:
    count = len(z)
    if count < 2 * FEWEST_DAYS or len(found) >= MOST_BREAKS:
        return
    start, end, gain = _stretch(z)
    if gain <= needed:
        return
    inner = [place for place in (start, end) if 0 < place < count]
    found.update(offset + place for place in inner)
    edges = [0, *inner, count]
    for left, right in pairwise(edges):
        _cut(z[left:right], needed, offset + left, found)


def _stretch(z: Floats) -> tuple[int, int, float]:
    """Start, end (exclusive) and what it takes off the sum of squares: the stretch that differs most from the rest."""
    sums = np.concatenate(([0.0], np.cumsum(z - z.mean())))
    gains = (_weights if len(z) <= _CACHED_DAYS else _weights.__wrapped__)(len(z)) * (
        sums[None, :] - sums[:, None]
    ) ** 2
    start, end = divmod(int(np.argmax(gains)), len(sums))
    return start, end, float(gains[start, end])


@lru_cache(maxsize=64)
def _weights(count: int) -> Floats:
    """For each start and end of a stretch of ``count`` days: what the square of its sum counts for; 0 where the stretch
    or a rest at an edge is as short as a spike."""
    place = np.arange(count + 1)
    days = place[None, :] - place[:, None]
    allowed = (days >= FEWEST_DAYS) & (count - days >= FEWEST_DAYS)
    allowed &= ((place == 0) | (place >= FEWEST_DAYS))[:, None] & ((place == count) | (place <= count - FEWEST_DAYS))
    return np.where(allowed, count / np.where(allowed, days * (count - days), 1), 0.0)


def _medians(z: Floats) -> Floats:
    """Of the five days around each; at the ends the series is mirrored."""
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(np.pad(z, 2, mode="reflect"), 5), axis=1)
    result: Floats = ordered[:, 2]
    return result
