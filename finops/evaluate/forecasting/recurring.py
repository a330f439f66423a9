"""Charges that come again on their day: found in the daily amounts alone, by amount and day.

A fee on the 1st, an invoice in mid-month, a credit on the 15th, a job every two weeks. They are kept apart from usage,
whose level, trend and weekdays say nothing about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.evaluate.forecasting.month import EDGE, days_of_month, weekdays
from finops.evaluate.forecasting.rows import NORMAL_MAD, Bools, Floats, medians

if TYPE_CHECKING:
    from numpy.typing import NDArray

BESIDE_DAYS = 10
"""A day is compared with the median of so many days on each side."""
OUTLYING = 5.0
"""A charge stands out by at least so many standard deviations."""
INNER, INNER_OF_SIZES = 0.35, 0.454
"""The quantile that an effect of a weekday is read from: a job on every other Friday leaves it alone. And the same
quantile of the absolute values of a normal distribution, in standard deviations."""
CHANCE = 0.02
"""So many schedules may be found by chance in a history whose outlying days fall anywhere."""
FORTNIGHT = 14
LAST_DAY = 31
ALIKE = 2.0
"""Amounts of one charge differ by less than this factor."""
FIXED, LARGE = 2.0, 2.0
"""At the ends of a month, where many days cost more because of work, a charge is so many times the level; or it stands
alone, and varies by no more than so many standard deviations of noise."""
LEAST_SPREAD = 0.01
"""An amount is known to this share of itself at best."""
_FLOOR = 0.1
_MOST_CHARGES = 12
_RECENT = 3


@dataclass(frozen=True, slots=True)
class Charge:
    """``day``: of the month, 31 for the last; 0 for every two weeks from ``last`` on, the day it last came. ``amount``:
    the median of the last three, negative for a credit; ``spread``: their standard deviation. ``times``: how often in a
    row."""

    day: int
    last: date
    amount: float
    spread: float
    times: int

    def due(self, first: date, count: int) -> Bools:
        """On which of ``count`` days from ``first`` it comes."""
        if not self.day:
            since = np.arange(count) + (first - self.last).days
            return np.asarray(since % FORTNIGHT == 0)
        number, is_last = days_of_month(first, count)
        return _falls(number, is_last, self.day)

    @property
    def text(self) -> str:
        """When it comes: ``on the 15th of each month``."""
        if not self.day:
            return "every two weeks"
        if self.day == LAST_DAY:
            return "on the last day of each month"
        ending = {1: "st", 2: "nd", 3: "rd"}.get(self.day % 10 if self.day // 10 != 1 else 0, "th")
        return f"on the {self.day}{ending} of each month"


@dataclass(frozen=True, slots=True)
class Recurring:
    """``charges``: those that go on. ``days``: where the history holds one of them, or one that has ended; ``amounts``:
    what they came to there, beyond what such a day costs otherwise."""

    charges: tuple[Charge, ...]
    days: Bools
    amounts: Floats

    def ahead(self, first: date, count: int) -> tuple[Floats, Floats]:
        """What charges come to on ``count`` days from ``first``, and its variance."""
        amounts, variances = np.zeros(count), np.zeros(count)
        for charge in self.charges:
            due = charge.due(first, count)
            amounts += charge.amount * due
            variances += charge.spread**2 * due
        return amounts, variances


def recurring(first: date, amounts: Floats) -> Recurring:
    """``amounts``: one a day from ``first``, NaN where missing."""
    return all_recurring([first], amounts[np.newaxis])[0]


def all_recurring(firsts: Sequence[date], amounts: Floats) -> list[Recurring]:
    """As ``recurring`` for each row; no row's result depends on the rows beside it.

    A schedule (a day of the month, or of a fortnight) is believed where outlying days that fall anywhere would hardly
    ever make such a run, the closer its amounts the sooner: a fee after two months in a quiet bill, after three or more
    in a restless one. A charge goes on as long as it came the last time that it was due.
    """
    known = ~np.isnan(amounts)
    excess, noise, scale = _beyond(firsts, amounts, known)
    outlying = known & (np.abs(excess) > OUTLYING * noise) & (excess != 0)
    return [_found(*row) for row in zip(firsts, excess, noise, scale, outlying, known, strict=True)]


def _beyond(firsts: Sequence[date], amounts: Floats, known: Bools) -> tuple[Floats, Floats, Floats]:
    """Each day's amount beyond the days around it and its weekday, the standard deviation of that, and the level."""
    count = amounts.shape[1]
    middle = _medians_around(amounts, known)
    mean = np.abs(np.where(known, amounts, 0.0)).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    scale = np.maximum(np.abs(middle), np.where(mean > 0, _FLOOR * mean, 1.0)[:, np.newaxis])
    rest = np.where(known, (amounts - middle) / scale, np.nan)
    weekday = np.array([weekdays(first, count) for first in firsts])
    own = np.zeros_like(rest)
    for day in range(7):
        own = np.where(weekday == day, _inner(rest, known & (weekday == day)), own)
    rest = rest - own
    size = np.where(known, np.abs(rest), 0.0)
    usual = NORMAL_MAD * medians(size, known)[:, np.newaxis]
    for day in range(7):
        of_day = known & (weekday == day)
        usual = np.where(weekday == day, np.maximum(usual, _quantiles(size, of_day, INNER)[0] / INNER_OF_SIZES), usual)
    noise = np.maximum(usual, LEAST_SPREAD) * scale
    return np.where(known, rest * scale, 0.0), noise, scale


def _falls(number: NDArray[np.int64], is_last: Bools, day: int) -> Bools:
    """The days that a charge of ``day`` falls on: of a shorter month, its last."""
    return np.asarray((number == day) | (is_last & (number < day)))


def _inner(rest: Floats, some: Bools) -> Floats:
    """What at least two of three of these days share: the quantile nearer to zero, or zero between the two."""
    low, high = _quantiles(rest, some, INNER, 1 - INNER)
    return np.where(low > 0, low, np.minimum(high, 0.0))


def _quantiles(values: Floats, some: Bools, *shares: float) -> list[Floats]:
    """Of each row's ``some`` values, each as a column: the nearest below; 0 where there is none."""
    ordered = np.sort(np.where(some, values, np.inf), axis=1)
    count, rows = some.sum(axis=1), np.arange(len(values))
    places = [np.floor(share * np.maximum(count - 1, 0)).astype(np.int64) for share in shares]
    return [np.where(count > 0, ordered[rows, place], 0.0)[:, np.newaxis] for place in places]


def _medians_around(amounts: Floats, known: Bools) -> Floats:
    beyond = np.full((len(amounts), BESIDE_DAYS), np.inf)
    padded = np.concatenate((beyond, np.where(known, amounts, np.inf), beyond), axis=1)
    ordered = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * BESIDE_DAYS + 1, axis=1), axis=2)
    count = np.isfinite(ordered).sum(axis=2)
    at = np.maximum(count - 1, 0) // 2
    middle = np.take_along_axis(ordered, at[:, :, np.newaxis], axis=2)[:, :, 0]
    return np.where(count > 0, middle, 0.0)


def _found(first: date, excess: Floats, noise: Floats, scale: Floats, outlying: Bools, known: Bools) -> Recurring:
    days = np.zeros(len(excess), dtype=bool)
    charges: list[Charge] = []
    left = outlying.copy()
    for _ in range(_MOST_CHARGES):
        if np.count_nonzero(left) < 2:
            break
        runs = [run for run in _runs(first, excess, noise, scale, left, known) if run.chance < CHANCE]
        if not runs:
            break
        best = min(runs, key=lambda run: (run.chance, run.day, run.places))
        if best.goes_on:
            charges.append(best.charge(first, excess))
        days[list(best.places)] = True
        left[list(best.places)] = False
    return Recurring(tuple(charges), days, np.where(days, excess, 0.0))


@dataclass(frozen=True, slots=True)
class _Run:
    """``places``: of every time that it came; ``newest``: those in a row at its end, newest first."""

    day: int
    places: tuple[int, ...]
    newest: tuple[int, ...]
    goes_on: bool
    chance: float

    def charge(self, first: date, excess: Floats) -> Charge:
        recent = [float(excess[place]) for place in self.newest[:_RECENT]]
        amount = median(recent)
        spread = _spread([float(excess[place]) for place in self.newest], amount)
        last = first + timedelta(days=self.newest[0])
        return Charge(self.day, last, amount, spread, len(self.newest))


def _spread(amounts: Sequence[float], amount: float) -> float:
    """Their standard deviation, wider where they are few, and never nothing."""
    count = len(amounts)
    found = (sum((one - amount) ** 2 for one in amounts) / max(count - 1, 1)) ** 0.5
    return float(max(found * (1 + 1 / count), LEAST_SPREAD * abs(amount)))


def _runs(first: date, excess: Floats, noise: Floats, scale: Floats, left: Bools, known: Bools) -> Iterator[_Run]:
    number, is_last = days_of_month(first, len(excess))
    outlying = np.flatnonzero(left)
    named = sorted(
        {LAST_DAY if last else int(day) for day, last in zip(number[outlying], is_last[outlying], strict=True)}
    )
    named += [day for day in sorted(set(number[outlying].tolist())) if day not in named]
    for day in named:
        due = np.flatnonzero(known & _falls(number, is_last, day))
        yield from _run(day, due, excess, noise, scale, left)
    for phase in sorted(set((outlying % FORTNIGHT).tolist())):
        due = np.arange(phase, len(excess), FORTNIGHT)
        due = due[known[due]]
        if np.count_nonzero(left[due]) > 2:
            yield from _run(0, due, excess, noise, scale, left)


def _run(day: int, due: NDArray[np.int64], excess: Floats, noise: Floats, scale: Floats, left: Bools) -> Iterator[_Run]:
    """The newest run of times that it came each time, like in sign and amount."""
    came = [place for place in due[::-1].tolist() if left[place]]
    if len(came) < 2:
        return
    start = due.tolist().index(came[0])
    newest: list[int] = []
    for place in due[start::-1].tolist():
        if not left[place] or (newest and not _alike(excess[place], excess[newest[-1]], noise[place])):
            break
        newest.append(place)
    if len(newest) < (2 if day else 3):
        return
    amounts = [float(excess[place]) for place in newest]
    amount = median(amounts)
    spread = _spread(amounts, amount)
    at_an_end = 0 < day <= EDGE or day > LAST_DAY - EDGE - 3
    if at_an_end and abs(amount) < LARGE * scale[newest].mean():
        beside = [place + side for place in newest for side in (-1, 1) if place + side < len(excess)]
        if spread > FIXED * noise[newest].mean() or np.abs(excess[beside]).mean() > abs(amount) / 4:
            return
    others = np.count_nonzero(left) - len(came)
    rate = (others + 1) / len(excess)
    close = min(1.0, max(0.1, 4 * spread / abs(amount)))
    chance = float((LAST_DAY if day else FORTNIGHT) * rate ** len(newest) * close ** (len(newest) - 1))
    same = tuple(place for place in came if (excess[place] > 0) == (amount > 0))
    yield _Run(day, same, tuple(newest), start == len(due) - 1, chance)


def _alike(one: float, other: float, noise: float) -> bool:
    if (one > 0) != (other > 0):
        return False
    small, large = sorted((abs(one), abs(other)))
    return bool(large < ALIKE * small or large - small < 4 * noise)
