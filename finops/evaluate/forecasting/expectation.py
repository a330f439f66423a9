"""What the day after a series should come to if it is like its own past, and how far off that usually is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from finops.evaluate.forecasting.level import WAYS, levels
from finops.evaluate.forecasting.month import positions
from finops.evaluate.forecasting.pattern import Pattern, pattern
from finops.evaluate.forecasting.shift import regime

Floats = NDArray[np.float64]

FLATTEST = 0.01
"""Noise is taken to be at least this share of the level: a bill that never moved must not make a cent an anomaly."""
FEW_DAYS = 5.0
"""A young series is as much less sure as if so many of its days told nothing."""
MEMORY_DAYS = 150
"""Errors of so many days tell how large errors are."""
FEWEST_STANDING = 21
"""A new level tells its own noise after so many days; until then that of the whole series counts."""
SETTLING_IN = 5
"""The first errors of a new level are not those of one that is known."""
LEAST = 0.5
"""A day on which little is usual varies as if at least this share of the level were."""
STEADY_WAYS = WAYS[:4]
"""Slopes over long memories overshoot by a day where a level shifts; one short one is enough to follow a rise."""
_NORMAL_MAD = 1.4826
_CLIP, _CLIPPED = 3.0, 1.003
"""Errors beyond three deviations count as three, and what that takes from a normal distribution's."""
_HEAVY = 2.9
"""Where one day in a hundred is farther off than this many deviations, the tails are heavy."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """``expected``: the next day's amount; ``deviation``: the standard deviation of what comes against it.
    ``found``: the pattern behind both."""

    expected: float
    deviation: float
    found: Pattern


def expect(first: date, amounts: Floats) -> Expectation:
    """``amounts``: one a day from ``first``, NaN where missing. For the day after the last of them.

    Ways of looking at the level are weighed by how well each foretold the next day (mean absolute errors to the power
    of -4). The deviation is that of the mixture's own errors: their root mean square with spikes cut down (Huber 1964;
    the cut by their median, Rousseeuw and Croux 1993), or what their 99 % quantile says where the tails are heavier.
    Where cost comes on fewer than half of the days nothing is cut.
    """
    found = pattern(first, amounts)
    count = len(amounts)
    newest = regime(found.calm, found.noise * found.scale)
    since = newest.since if count - newest.since >= FEWEST_STANDING else 0
    calm = found.calm if since == 0 else np.where(np.arange(count) < since, np.nan, found.calm)
    seen = [levels(calm, way) for way in STEADY_WAYS]
    origins = np.flatnonzero(~np.isnan(amounts[1:]))
    origins = origins[origins >= max(since + SETTLING_IN, count - MEMORY_DAYS)]
    told = np.array([level[origins] + slope[origins] for level, slope in seen])
    errors = (found.plain[origins + 1] - told) / found.scale[origins]
    shares = (np.abs(errors).mean(axis=1) + 1e-9) ** -4.0
    shares /= shares.sum()
    mixed = shares @ errors
    edges = found.of_position[positions(first, count)[origins + 1]] != 0
    if 2 * np.count_nonzero(edges) < len(edges):  # days with an effect of their own say more about it than about noise
        mixed = mixed[~edges]
    size = _size(mixed, sparse=2 * int(np.count_nonzero(np.nan_to_num(amounts))) < count)
    if newest.since > since:  # too new to tell its noise, not too new to be stood on
        seen = [levels(np.where(np.arange(count) < newest.since, np.nan, found.calm), way) for way in STEADY_WAYS]
    level = float(sum(share * (at[-1] + slope[-1]) for share, (at, slope) in zip(shares, seen, strict=True)))
    standing = count - newest.since
    scale = max(abs(level), found.floor)
    ahead = first + timedelta(days=count)
    effect = float(found.effects(ahead, 1)[0])
    unsure = float(found.error_of_position[positions(ahead, 1)[0]])
    # effects are shares, so a day that usually is higher also varies more
    noise = max(size, FLATTEST) * max(LEAST, 1.0 + effect) * np.sqrt(1 + FEW_DAYS / max(standing, 1))
    return Expectation(level + scale * effect, float(scale * np.hypot(noise, unsure)), found)


def _size(errors: Floats, *, sparse: bool) -> float:
    distances = np.abs(errors)
    reach = _CLIP * max(_NORMAL_MAD * float(np.median(distances)), 1e-9)
    usual = _CLIPPED * float(np.sqrt(np.mean(np.minimum(distances, reach) ** 2)))
    if sparse:
        return max(usual, float(np.sqrt(np.mean(distances**2))))
    return max(usual, float(np.quantile(distances, 0.99)) / _HEAVY)
