"""Daily amounts -> what the calendar does to them, and what is left: level, spikes and noise.

    y[t] = level[t] + scale[t] × (weekday[t] + month position[t]) + noise

``scale`` is the level's size, so that effects are shares of it; a floor keeps it from vanishing where credits bring a
series near zero. Effects are found by backfitting (Friedman and Stuetzle 1981; Hastie and Tibshirani 1986): centred
weekly means for the level, means of what remains for the effects, in turn, with weights that count a spike as no
more than an ordinary day (Huber 1964).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from finops.evaluate.forecasting.month import POSITIONS, positions, weekdays

Floats = NDArray[np.float64]

ROUNDS = 6
OPEN_ROUNDS = 3
"""Rounds before spikes are told from effects: an effect that is not found yet looks like one."""
WEEKDAY_MEMORY_DAYS = 84
"""After so many days an observation counts half for the weekdays."""
MONTH_MEMORY_DAYS = 240
WEEKDAY_SHRINKAGE = 0.5
"""As if so many more ordinary days had been seen: few observations make small effects."""
MONTH_SHRINKAGE = 0.2
SURE = 2.5
"""A month position has an effect only where it is so many standard errors from none."""
OUTLYING = 3.5
"""Noise beyond so many standard deviations is a spike."""
SCALE_FLOOR = 0.1
_NORMAL_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Pattern:
    """``plain``: the amounts without their calendar, NaN where missing; ``calm``: the same with spikes cut down to
    what noise can do. ``noise``: its standard deviation as a share of ``scale``. ``of_weekday`` (7, from Monday) and
    ``of_position`` (10 and a zero): effects as shares of the level; ``error_of_position``: their standard errors."""

    first: date
    plain: Floats
    calm: Floats
    level: Floats
    scale: Floats
    floor: float
    noise: float
    of_weekday: Floats
    of_position: Floats
    error_of_position: Floats

    def effects(self, first: date, count: int) -> Floats:
        """What the calendar adds on ``count`` days from ``first``, as shares of the level."""
        return self.of_weekday[weekdays(first, count)] + self.of_position[positions(first, count)]


def pattern(first: date, amounts: Floats) -> Pattern:
    """``amounts``: one a day from ``first``, NaN where missing; at least one is known."""
    count = len(amounts)
    known = ~np.isnan(amounts)
    y = np.where(known, amounts, 0.0)
    weekday, position = weekdays(first, count), positions(first, count)
    age = np.arange(count - 1, -1, -1.0)
    week_weights = np.exp2(-age / WEEKDAY_MEMORY_DAYS)
    month_weights = np.exp2(-age / MONTH_MEMORY_DAYS)
    of_weekday, of_position = np.zeros(7), np.zeros(POSITIONS + 1)
    unsure = np.zeros(POSITIONS + 1)
    floor = SCALE_FLOOR * float(np.mean(np.abs(amounts[known]))) or 1.0
    trust = known.astype(float)
    plain, noise = y, 0.0
    level = weekly_mean(y, trust)
    scale = np.maximum(np.abs(level), floor)
    for turn in range(ROUNDS):
        deviation = (y - level) / scale
        left = deviation - of_position[position]
        of_weekday = _means(left, weekday, trust * week_weights, 7, WEEKDAY_SHRINKAGE)[0]
        of_weekday -= of_weekday.mean()
        left = deviation - of_weekday[weekday]
        means, sizes, squares = _means(left, position, trust * month_weights, POSITIONS + 1, MONTH_SHRINKAGE)
        unsure = np.sqrt(squares) / np.maximum(sizes, 1e-9)
        sure = np.abs(means - means[-1]) > SURE * noise * unsure
        of_position = np.where(sure & (sizes > 0), means - means[-1], 0.0)
        of_position[-1] = 0.0
        effect = of_weekday[weekday] + of_position[position]
        plain = y - scale * effect
        level = weekly_mean(plain, trust)
        scale = np.maximum(np.abs(level), floor)
        rest = np.abs((plain - level) / scale)
        noise = _NORMAL_MAD * float(np.median(rest[known])) * 1.08  # the mean that it is held against holds it too
        if turn >= OPEN_ROUNDS and noise > 0:
            trust = known * np.minimum(1.0, OUTLYING * noise / np.maximum(rest, 1e-12))
    reach = OUTLYING * noise * scale
    calm = np.where(known, np.clip(plain, level - reach, level + reach), np.nan)
    plain = np.where(known, plain, np.nan)
    # a position that was never seen is as unsure as one that was seen once and did not tell
    errors = noise * np.where(unsure > 0, unsure, 1.0)
    errors[-1] = 0.0
    return Pattern(first, plain, calm, level, scale, floor, noise, of_weekday, of_position, errors)


def weekly_mean(values: Floats, weights: Floats) -> Floats:
    """The weighted mean of the week around each day; a day without a known one near it takes the mean of all."""
    total = _seven(values * weights)
    weight = _seven(weights)
    whole = float((values * weights).sum()) / max(float(weights.sum()), 1e-12)
    return np.where(weight > 1e-9, total / np.maximum(weight, 1e-12), whole)


def _seven(values: Floats) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(values)))
    at = np.arange(len(values))
    return np.asarray(sums[np.minimum(at + 4, len(values))] - sums[np.maximum(at - 3, 0)])


def _means(
    values: Floats, places: NDArray[np.int64], weights: Floats, count: int, shrinkage: float
) -> tuple[Floats, Floats, Floats]:
    """Weighted means by place, drawn towards zero; the weights and the squared weights behind each."""
    total = np.bincount(places, weights * values, count).astype(np.float64)
    size = np.bincount(places, weights, count).astype(np.float64)
    return total / (size + shrinkage), size, np.bincount(places, weights * weights, count).astype(np.float64)
