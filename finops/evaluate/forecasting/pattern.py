"""Daily amounts -> what the calendar does to them, and what is left: level, spikes and noise.

    y[t] = level[t] + scale[t] × (weekday[t] + month position[t] × (1 + weekday[t])) + noise × size[t] × scale[t]

``scale`` is the level's size, so that effects are shares of it; a floor keeps it from vanishing where credits bring a
series near zero. A day that usually is higher varies more: ``size`` is 1 and its effects. Effects are found by
backfitting (Friedman and Stuetzle 1981; Hastie and Tibshirani 1986): centred weekly means for the level, means of what
remains for the effects, in turn, with weights that count a spike as no more than an ordinary day (Huber 1964). How far
an effect is believed: ``effects.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from finops.deferred import numpy as np
from finops.evaluate.forecasting.effects import position_effects, weekday_effects
from finops.evaluate.forecasting.month import HOLIDAY, NO_POSITION, POSITIONS, WEEKDAYS, positions, weekdays
from finops.evaluate.forecasting.rows import NORMAL_MAD, Floats, around, by_place, medians
from finops.model.calendar import NO_DAYS_OFF, DaysOff

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUNDS = 5
OPEN_ROUNDS = 1
"""Rounds before spikes are told from effects: an effect that is not found yet looks like one."""
WEEKDAY_MEMORY_DAYS = 100
"""After so many days an observation counts half for the weekdays."""
MONTH_MEMORY_DAYS = 240
OUTLYING = 3.5
"""Noise beyond so many standard deviations is a spike."""
SCALE_FLOOR = 0.1
LEAST = 0.5
"""A day on which little is usual varies as if at least this share of the level were."""
_MOST = 2.0
"""A month's end counts at most so many times as much on a strong weekday."""
FEWEST_HOLIDAYS, UNLIKE = 3, 0.7
"""Of so many holidays at least the errors must shrink to this share before they have an effect of their own."""
_EFFECTS = ("of_weekday", "of_position", "unsure_of_weekday", "unsure_of_position")
_BESIDE = 10
"""Days to each side, ends of months apart, that tell a first level; so many of them at least:"""
_ENOUGH = 5.0
_HOLDS_ITSELF = 1.08
"""The mean of a week that a day is held against holds it too: its noise shows too small by this factor."""

Places: TypeAlias = "NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Of one series. ``plain``: the amounts without their calendar, NaN where missing; ``calm``: the same with spikes
    cut down to what noise can do. ``noise``: its standard deviation as a share of ``scale`` × ``size``. ``of_weekday``
    (7, from Monday, and holidays) and ``of_position`` (10 and a zero): effects as shares of the level;
    ``unsure_of_weekday`` and ``unsure_of_position``: their variances. ``off``: the holidays, where they have an effect
    of their own."""

    first: date
    plain: Floats
    calm: Floats
    level: Floats
    scale: Floats
    size: Floats
    floor: float
    noise: float
    of_weekday: Floats
    of_position: Floats
    unsure_of_weekday: Floats
    unsure_of_position: Floats
    off: DaysOff

    def effects(self, first: date, count: int) -> Floats:
        """What the calendar adds on ``count`` days from ``first``, as shares of the level."""
        return together(self.of_weekday[weekdays(first, count, self.off)], self.of_position[positions(first, count)])

    def unsure(self, first: date, count: int) -> Floats:
        """The variances of the sums of the effects of 1 … ``count`` days from ``first``: a weekday that is taken too
        high is so each week."""
        weeks = np.cumsum(np.eye(WEEKDAYS)[weekdays(first, count, self.off)], axis=0)
        ends = np.cumsum(self.unsure_of_position[positions(first, count)])
        return np.asarray((weeks**2 * np.minimum(self.unsure_of_weekday, 1.0)).sum(axis=1) + np.minimum(ends, 1.0))


@dataclass(frozen=True, slots=True)
class Patterns:
    """Of many series of the same length, one a row: as ``Pattern``."""

    firsts: Sequence[date]
    plain: Floats
    calm: Floats
    level: Floats
    scale: Floats
    size: Floats
    floor: Floats
    noise: Floats
    of_weekday: Floats
    of_position: Floats
    unsure_of_weekday: Floats
    unsure_of_position: Floats
    off: Sequence[DaysOff]


def pattern(first: date, amounts: Floats, off: DaysOff = NO_DAYS_OFF) -> Pattern:
    """``amounts``: one a day from ``first``, NaN where missing; at least one is known."""
    all_of = patterns([first], amounts[np.newaxis, :], off)
    return Pattern(
        first,
        all_of.plain[0],
        all_of.calm[0],
        all_of.level[0],
        all_of.scale[0],
        all_of.size[0],
        float(all_of.floor[0]),
        float(all_of.noise[0]),
        all_of.of_weekday[0],
        all_of.of_position[0],
        all_of.unsure_of_weekday[0],
        all_of.unsure_of_position[0],
        all_of.off[0],
    )


def together(of_weekday: Floats, of_position: Floats) -> Floats:
    """Both effects of a day: what closing a month adds is work, and there is more of it on a working day."""
    return of_weekday + of_position * np.clip(1 + of_weekday, LEAST, _MOST)


def patterns(firsts: Sequence[date], amounts: Floats, off: DaysOff = NO_DAYS_OFF) -> Patterns:
    """``amounts``: a row for each of ``firsts``, one a day from it, NaN where missing; of each row one is known.

    ``off``: public holidays. They have an effect of their own, as a weekday has, in rows whose holidays would have been
    foreseen better so: each one by the others.
    """
    found = _patterns(firsts, amounts, NO_DAYS_OFF)
    rows = [row for row, first in enumerate(firsts) if _unlike_weekdays(found, row, first, off)] if off else []
    if not rows:
        return found
    again = _patterns([firsts[row] for row in rows], amounts[rows], off)
    for name in ("plain", "calm", "level", "scale", "size", "floor", "noise", *_EFFECTS):
        getattr(found, name)[rows] = getattr(again, name)
    return replace(found, off=[off if row in rows else NO_DAYS_OFF for row in range(len(firsts))])


def _unlike_weekdays(found: Patterns, row: int, first: date, off: DaysOff) -> bool:
    holidays = weekdays(first, found.plain.shape[1], off) == HOLIDAY
    places = np.flatnonzero(holidays & ~np.isnan(found.plain[row]))
    if len(places) < FEWEST_HOLIDAYS:
        return False
    rest = (found.plain[row, places] - found.level[row, places]) / found.scale[row, places]
    of_others = (rest.sum() - rest) / (len(rest) - 1)
    return bool(np.abs(rest - of_others).sum() < UNLIKE * np.abs(rest).sum())


def _patterns(firsts: Sequence[date], amounts: Floats, off: DaysOff) -> Patterns:
    count = amounts.shape[1]
    known = ~np.isnan(amounts)
    y = np.where(known, amounts, 0.0)
    weekday = np.array([weekdays(first, count, off) for first in firsts])
    position = np.array([positions(first, count) for first in firsts])
    age = np.arange(count - 1, -1, -1.0)
    month_weights = np.exp2(-age / MONTH_MEMORY_DAYS)
    week_weights = np.where(weekday == HOLIDAY, month_weights, np.exp2(-age / WEEKDAY_MEMORY_DAYS))
    mean = np.abs(y).sum(axis=1) / known.sum(axis=1)
    floor = np.where(mean > 0, SCALE_FLOOR * mean, 1.0)[:, np.newaxis]
    trust = known.astype(np.float64)
    level = _first_level(y, trust, position)
    scale = np.maximum(np.abs(level), floor)
    noise = _noise((y - level) / scale, _or_all(known & (position == NO_POSITION), known))
    of_weekday = np.zeros((len(y), WEEKDAYS))
    of_position = np.zeros((len(y), POSITIONS + 1))
    unsure_of_weekday, unsure_of_position = of_weekday, of_position
    size = np.ones_like(y)
    plain = y
    for turn in range(ROUNDS):
        deviation = (y - level) / scale
        strength = np.clip(1 + of_weekday, LEAST, _MOST)
        left = deviation - _of(of_position, position) * _of(strength, weekday)
        weights = trust * week_weights / size**2
        means, variances = _means(left, weekday, weights, WEEKDAYS, size, noise)
        spread = np.maximum(_spread(left, means, weekday, weights) - noise**2, 0.0)
        of_weekday, unsure_of_weekday = weekday_effects(means, variances, spread)
        strength = _of(np.clip(1 + of_weekday, LEAST, _MOST), weekday)
        left = (deviation - _of(of_weekday, weekday)) / strength
        weights = trust * month_weights * (strength / size) ** 2
        means, variances = _means(left, position, weights, POSITIONS + 1, size / strength, noise)
        of_position = np.zeros_like(means)
        unsure_of_position = np.zeros_like(means)
        beyond = means[:, :POSITIONS] - means[:, POSITIONS:]
        of_position[:, :POSITIONS], unsure_of_position[:, :POSITIONS] = position_effects(
            beyond, variances[:, :POSITIONS]
        )
        effect = _of(of_weekday, weekday) + _of(of_position, position) * strength
        size = np.maximum(LEAST, 1 + effect)
        plain = y - scale * effect
        level = weekly_mean(plain, trust)
        scale = np.maximum(np.abs(level), floor)
        rest = np.abs((plain - level) / scale) / size
        noise = _noise(rest, known) * _HOLDS_ITSELF
        if turn >= OPEN_ROUNDS:
            believed = known * np.minimum(1.0, OUTLYING * noise[:, np.newaxis] / np.maximum(rest, 1e-12))
            trust = np.where(noise[:, np.newaxis] > 0, believed, trust)
    reach = OUTLYING * noise[:, np.newaxis] * scale * size
    return Patterns(
        firsts,
        np.where(known, plain, np.nan),
        np.where(known, np.clip(plain, level - reach, level + reach), np.nan),
        level,
        scale,
        size,
        floor[:, 0],
        noise,
        of_weekday,
        of_position,
        unsure_of_weekday,
        unsure_of_position,
        [off] * len(firsts),
    )


def weekly_mean(values: Floats, weights: Floats) -> Floats:
    """The weighted mean of the week around each day; a day without a known one near it takes the mean of all."""
    weight = around(weights, 3)
    whole = (values * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    return np.where(weight > 1e-9, around(values * weights, 3) / np.maximum(weight, 1e-12), whole[:, np.newaxis])


def _first_level(y: Floats, trust: Floats, position: Places) -> Floats:
    """The mean of the days around that are no end of a month: from a level that holds some of an end's effect, the
    effect would be found only round by round."""
    between = trust * (position == NO_POSITION)
    weight = around(between, _BESIDE)
    wide = around(y * between, _BESIDE) / np.maximum(weight, 1e-12)
    return np.where(weight >= _ENOUGH, wide, weekly_mean(y, trust))


def _means(
    values: Floats, places: Places, weights: Floats, count: int, size: Floats, noise: Floats
) -> tuple[Floats, Floats]:
    """Weighted means by place and their variances; a place that was never seen is as unsure as can be."""
    weight = by_place(places, weights, count)
    means = by_place(places, values * weights, count) / np.maximum(weight, 1e-9)
    squared = by_place(places, (weights * size) ** 2, count)
    variances = (noise[:, np.newaxis] / np.maximum(weight, 1e-9)) ** 2 * squared
    return means, np.where(weight > 0, np.maximum(variances, 1e-8), 1e12)


def _spread(values: Floats, means: Floats, places: Places, weights: Floats) -> Floats:
    """The variance of holidays around their mean, one a row; 0 where there is none."""
    holidays = weights * (places == HOLIDAY)
    return np.asarray(
        ((values - _of(means, places)) ** 2 * holidays).sum(axis=1) / np.maximum(holidays.sum(axis=1), 1e-12)
    )


def _noise(rest: Floats, known: NDArray[np.bool_]) -> Floats:
    return NORMAL_MAD * medians(np.abs(rest), known)


def _or_all(some: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.where(some.any(axis=1, keepdims=True), some, known)


def _of(effects: Floats, places: Places) -> Floats:
    return np.asarray(effects[np.arange(len(effects))[:, np.newaxis], places])
