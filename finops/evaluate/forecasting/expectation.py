"""What the day after a series should come to if it is like its own past, and how far off that usually is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.forecasting.calibration import tails
from finops.evaluate.forecasting.in_a_row import held_errors, rows_exceed, sparse_rows_exceed
from finops.evaluate.forecasting.level import Way, levels
from finops.evaluate.forecasting.month import positions, weekdays
from finops.evaluate.forecasting.pattern import LEAST, Patterns, patterns, together
from finops.evaluate.forecasting.recurring import Charge, all_recurring
from finops.evaluate.forecasting.rows import NORMAL_MAD, Bools, Floats, medians
from finops.evaluate.forecasting.shift import lasting, steps_of
from finops.evaluate.forecasting.two_part import sparse, two_part
from finops.model.calendar import NO_DAYS_OFF, DaysOff

if TYPE_CHECKING:
    from numpy.typing import NDArray

CALIBRATED = 2.65
"""So many deviations lie between what is expected and what 4 in 1,000 of a group's own past errors exceed."""
RANGE = 3.1
"""The expected range reaches so many deviations to each side. That is farther than ``CALIBRATED``, since a few hundred
errors know their own tail only roughly: measured over all kinds of series, fewer than 5 quiet days in 1,000 are above
it."""
FLATTEST = 0.01
"""Noise is taken to be at least this share of the level: a bill that never moved must not make a cent an anomaly."""
FEW_DAYS = 2.5
"""A level that stands for n days is as much less sure as this ÷ n, in shares of the noise's variance."""
STUDENT = 2.0
"""A deviation from n errors is itself unsure: at 2.6 of them Student's t is farther out by about this ÷ n."""
SETTLING_IN = 5
"""The first errors of a new level are not those of one that is known."""
FEWEST_ERRORS = 10
"""Of a bill that jumps all the time, the first errors of its levels are all there is."""
LATELY_DAYS, NOISIER = 45, 1.3
"""Where the errors of so many days are so many times as large as all errors, they alone count."""
WAYS = (
    Way(4, trend=False),
    Way(12, trend=False),
    Way(40, trend=False),
    Way(150, trend=False),
    Way(16, trend=True),
    Way(80, trend=True),
)
FAITH = 0.5
"""A day's error tells ways apart as if it were half a day's: errors of days that follow one another are alike."""
SURELY_ALIKE = 4.0
"""Errors go on into the next day only where their correlation's square stands out so many times from chance."""
RESTLESS = 3
"""A series with more levels than this in its history goes from one to another all the time, so that its errors count in
money too: as shares of a low level they say nothing of a high one."""
RECENT_DAYS = 28
_CLIP, _CLIPPED = 3.0, 1.003
"""Errors beyond three deviations count as three, and what that takes from a normal distribution's."""
_TOGETHER = 128
"""Series that are computed at once: so many that they stay in a processor's cache."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """``expected``: the next day's amount; ``deviation``: the standard deviation of what comes against it.

    ``days``: so many days it was found from. ``recent``: what the last of them, 28 at most, were expected to come to
    by all that is known after them; ``floor``: the least size that noise is a share of. ``charges``: the recurring ones
    that are due on the day, their amounts included in ``expected``. ``row_above`` and ``row_below``: how many
    deviations three days in a row from this one on must all lie above or below what is expected of them to be unusual.
    """

    expected: float
    deviation: float
    below: float
    days: int
    recent: Floats
    floor: float
    charges: tuple[Charge, ...] = ()
    row_above: float = RANGE
    row_below: float = RANGE


def expect(first: date, amounts: Floats) -> Expectation:
    """``amounts``: one a day from ``first``, NaN where missing; known on at least 21 days. For the day after the last
    of them."""
    return expectations([(first, amounts)])[0]


def expectations(asked: Sequence[tuple[date, Floats]], off: DaysOff = NO_DAYS_OFF) -> list[Expectation]:
    """As ``expect`` for each, in order; whatever stands beside a series, it gets the same expectation.

    Recurring charges are told apart first: a day with one says nothing about usage, and where one is due it is added.
    Usage is never expected below zero, nor below what it ever was where credits bring it there. ``off``: public
    holidays, which have an effect of their own where the series' past ones did.

    Each new level begins afresh (``steps_of``). Ways of looking at the level are weighed by how likely each made the
    errors that it would have made a day ahead (Bayesian model averaging, Hoeting et al. 1999), and what is left of
    yesterday's error goes on as far as errors go with the day before (Cochrane and Orcutt 1949). The deviation is that
    of the mixture's own errors: their root mean square with spikes cut down (Huber 1964; the cut by their median,
    Rousseeuw and Croux 1993), or what their tail on that side says (``calibration``). Where cost comes on fewer than
    half of the days, it is expected by its rate and size (``two_part``). What is not known well of level, weekday and
    month position widens it.
    """
    found: dict[int, Expectation] = {}
    by_length: dict[int, list[int]] = {}
    for place, (_, amounts) in enumerate(asked):
        by_length.setdefault(len(amounts), []).append(place)
    for places in by_length.values():
        for start in range(0, len(places), _TOGETHER):
            some = places[start : start + _TOGETHER]
            rows = np.array([asked[place][1] for place in some])
            found |= zip(some, _expected([asked[place][0] for place in some], rows, off), strict=True)
    return [found[place] for place in range(len(asked))]


def _expected(firsts: Sequence[date], whole: Floats, off: DaysOff) -> Iterator[Expectation]:
    count = whole.shape[1]
    charges = all_recurring(firsts, whole)
    amounts = np.where([of.days for of in charges], np.nan, whole)
    found = patterns(firsts, amounts, off)
    starts = _starts(found)
    seen = [levels(found.calm, way, starts, found.size) for way in WAYS]
    standing = np.arange(count) - starts
    known = ~np.isnan(amounts)
    valid = known[:, 1:] & (np.cumsum(known, axis=1)[:, :-1] > 0) & (standing[:, 1:] >= SETTLING_IN)
    few = valid.sum(axis=1, keepdims=True) < FEWEST_ERRORS
    valid = np.where(few, known[:, 1:] & (standing[:, 1:] > 0), valid)
    told = np.array([(level + slope)[:, :-1] for level, slope in seen])
    young = np.sqrt(1 + FEW_DAYS / np.maximum(standing[:, 1:], 1))
    plain = np.where(known, found.plain, 0.0)[:, 1:]
    errors = (plain - told) / (found.scale[:, :-1] * found.size[:, 1:] * young)
    shares = _shares(errors, valid)
    mixed = (shares[:, :, np.newaxis] * errors).sum(axis=0)
    rising = np.array([slope[:, :-1] for _, slope in seen])
    held = held_errors(plain, told, rising, shares, found.scale[:, :-1] * young, found.size[:, 1:])
    mixed, going_on = _gone_on(mixed, valid)
    usual = np.maximum(_size(mixed, valid), FLATTEST) * (1 + STUDENT / np.maximum(valid.sum(axis=1), 10))
    every = known[:, 1:] & (np.cumsum(known, axis=1)[:, :-1] >= FEWEST_ERRORS)
    size, size_below = (np.maximum(usual, tails(side, every) / CALIBRATED) for side in (mixed, -mixed))
    row_above, row_below = (rows_exceed(*side, every) for side in ((held, size), (-held, size_below)))
    restless = np.array([len(set(of.tolist())) > RESTLESS for of in starts])
    in_money = mixed * found.scale[:, :-1] * young
    large, large_below = (np.where(restless, tails(side, every) / CALIBRATED, 0.0) for side in (in_money, -in_money))
    level = sum(share * (at[:, -1] + slope[:, -1]) for share, (at, slope) in zip(shares, seen, strict=True))
    scale = np.maximum(np.abs(level), found.floor)
    ahead = [first + timedelta(days=count) for first in firsts]
    effect, unsure = _effects(found, ahead)
    few_days = 1 + FEW_DAYS / np.maximum(standing[:, -1] + 1, 1)
    effect_size = np.maximum(LEAST, 1 + effect)
    deviation, below = (
        np.maximum(scale * np.sqrt((of * effect_size) ** 2 * few_days + np.minimum(unsure, 1.0)), least * effect_size)
        for of, least in ((size, large), (size_below, large_below))
    )
    expected = level + scale * (going_on + effect)
    lowest = np.fmin(np.fmin.reduce(amounts, axis=1), 0.0)
    expected = np.maximum(expected, lowest)
    least = FLATTEST * np.nanmean(np.abs(whole), axis=1)
    for row, (first, of) in enumerate(zip(firsts, charges, strict=True)):
        last = slice(max(0, count - RECENT_DAYS), count)
        days = weekdays(first, count, found.off[row])[last], positions(first, count)[last]
        effects = together(found.of_weekday[row, days[0]], found.of_position[row, days[1]])
        usage = np.maximum(found.level[row, last] + found.scale[row, last] * effects, lowest[row])
        charged, variance = of.ahead(ahead[row], 1)
        middle, up, down = float(expected[row]), float(deviation[row]), float(below[row])
        parts = two_part(first, amounts[row]) if sparse(amounts[row]) else None
        in_a_row = float(row_above[row]), float(row_below[row])
        if parts is not None:
            in_a_row = sparse_rows_exceed(first, amounts[row], CALIBRATED, float(least[row]))
            middle, up, down = parts.mean, (parts.high - parts.mean) / CALIBRATED, (parts.mean - parts.low) / CALIBRATED
        yield Expectation(
            middle + float(charged[0]),
            float(max(np.hypot(up, np.sqrt(variance[0])), least[row])),
            float(max(np.hypot(down, np.sqrt(variance[0])), least[row])),
            count,
            usage + of.amounts[last],
            float(found.floor[row]),
            tuple(charge for charge in of.charges if charge.due(ahead[row], 1)[0]),
            *in_a_row,
        )


def _effects(found: Patterns, days: Sequence[date]) -> tuple[Floats, Floats]:
    """What the calendar adds on one day of each series, as a share of its level, and the variance of that."""
    rows = np.arange(len(days))
    weekday = np.array([weekdays(day, 1, off)[0] for day, off in zip(days, found.off, strict=True)])
    position = np.array([positions(day, 1)[0] for day in days])
    of_weekday = found.of_weekday[rows, weekday]
    strength = np.clip(1 + of_weekday, LEAST, 2.0)
    unsure = found.unsure_of_weekday[rows, weekday] + found.unsure_of_position[rows, position] * strength**2
    return together(of_weekday, found.of_position[rows, position]), unsure


def _starts(found: Patterns) -> NDArray[np.int64]:
    """For each day the first day (a column) of the level that it belongs to."""
    starts = np.zeros(found.calm.shape, dtype=np.int64)
    for row, calm in enumerate(found.calm):
        noise = max(float(found.noise[row]), FLATTEST)
        usual = noise * float(np.mean(found.scale[row]))
        for start in steps_of(calm, usual * lasting(calm / (noise * found.scale[row]))):
            starts[row, start:] = start
    return starts


def _shares(errors: Floats, valid: Bools) -> Floats:
    """How far each way is trusted: one row a way, one column a series."""
    usual = NORMAL_MAD * np.min([medians(np.abs(of_way), valid) for of_way in errors], axis=0)
    cut = np.minimum(np.abs(errors), _CLIP * usual[:, np.newaxis])
    count = valid.sum(axis=1)
    mean = (cut**2 * valid).sum(axis=2) / np.maximum(count, 1)
    likely = -0.5 * FAITH * count * np.log(mean + 1e-18)
    shares = np.exp(likely - likely.max(axis=0))
    return np.asarray(shares / shares.sum(axis=0))


def _gone_on(errors: Floats, valid: Bools) -> tuple[Floats, Floats]:
    """Errors without what was told by the day before; and what today's tells of tomorrow."""
    usual = NORMAL_MAD * medians(np.abs(errors), valid)[:, np.newaxis]
    calm = np.where(valid, np.clip(errors, -_CLIP * usual, _CLIP * usual), 0.0)
    both = valid[:, 1:] & valid[:, :-1]
    together_ = (calm[:, 1:] * calm[:, :-1] * both).sum(axis=1)
    alike = together_ / np.maximum((calm[:, :-1] ** 2 * both).sum(axis=1), 1e-18)
    chance = SURELY_ALIKE / np.maximum(alike**2 * both.sum(axis=1), 1e-9)
    share = np.where(alike > 0, alike * np.maximum(0.0, 1 - chance), 0.0)
    left = errors.copy()
    left[:, 1:] -= share[:, np.newaxis] * calm[:, :-1]
    return left, share * calm[:, -1]


def _size(errors: Floats, valid: Bools) -> Floats:
    distances = np.abs(errors)
    reach = _CLIP * np.maximum(NORMAL_MAD * medians(distances, valid), 1e-9)
    cut = np.minimum(distances, reach[:, np.newaxis]) ** 2
    usual = _CLIPPED * _root_mean(cut, valid)
    lately = valid & (np.arange(valid.shape[1]) >= valid.shape[1] - LATELY_DAYS)
    recent = _CLIPPED * _root_mean(np.minimum(distances, 2 * reach[:, np.newaxis]) ** 2, lately)
    return np.where(recent > NOISIER * usual, recent, usual)


def _root_mean(squares: Floats, valid: Bools) -> Floats:
    return np.asarray(np.sqrt((squares * valid).sum(axis=1) / np.maximum(valid.sum(axis=1), 1)))
