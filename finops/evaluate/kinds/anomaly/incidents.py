"""Days judged in order, so that an incident stays open until the cost returns.

An incident begins on the first day that meets an alert. From then on each day is held against what the days before the
incident let expect, so that a new level cannot become normal by lasting; it ends on the first day that meets no alert.
Its days teach later ones nothing. All of this follows from the daily amounts: whoever walks through them finds the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.deferred import numpy as np
from finops.evaluate.forecasting.expectation import RANGE, Expectation, expectations
from finops.evaluate.forecasting.history import Floats
from finops.model.calendar import NO_DAYS_OFF, DaysOff
from finops.model.incident import ACCEPTED_SPAN, AcceptedLevel

OPEN_DAYS = 42
"""So many settled days are walked through: an incident that is older is known by the state, or has become the level."""
BEFORE_DAYS = 14
"""And so many before them: the second day of an older incident must not be taken for the first of one."""
LOOKED_AT_DAYS = 392
"""So many days before a day tell what to expect of it: 56 whole weeks. The same for whoever asks, and whenever."""
FEWEST_DAYS = 21
NEW_SHARE = 0.001
"""Of what all groups cost together: the deviation that the cost of a new group is measured in."""
KNOWN_DAYS = 7
"""The first days of an incident that the state knows: if none of them meets an alert any more, it is none."""
ACCEPTED_DAYS = ACCEPTED_SPAN.days
_CLEARLY = 2.5
"""Days nearer than so many deviations to the same weekday of the eight weeks before are not looked at any closer."""
_WEEKS, _FEWEST_WEEKS = 8, 3
_TO_DEVIATION = 1.4826
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """One day: what it cost, exactly, and what it was expected to. ``since``: the first day of the incident that it
    belongs to; None where it is like its past."""

    day: date
    cost: Decimal
    expectation: Expectation
    since: date | None = None

    @property
    def score(self) -> float:
        """Standard deviations above what was expected; below it, in those of that side."""
        off = float(self.cost) - self.expectation.expected
        return off / (self.expectation.deviation if off >= 0 else self.expectation.below)

    @property
    def bounds(self) -> tuple[float, float]:
        of = self.expectation
        return of.expected - RANGE * of.below, of.expected + RANGE * of.deviation


Past = tuple[date, Floats]
Walk = Generator[list[Past], list[Expectation], list[Judged]]


@dataclass(frozen=True, slots=True)
class Series:
    """Daily amounts through the last settled day, NaN where missing. ``cost``: of a day, exactly. ``alarming``: whether
    a judged day meets an alert. ``accepted``: levels that somebody has accepted. ``known``: first days of
    incidents that the state knows to be open, however long ago."""

    first: date
    amounts: Floats
    cost: Callable[[date], Decimal]
    alarming: Callable[[Judged], bool]
    accepted: tuple[AcceptedLevel, ...] = ()
    known: tuple[date, ...] = ()

    @property
    def last(self) -> date:
        return self.first + (len(self.amounts) - 1) * _DAY

    @property
    def recent(self) -> Past:
        """Up to and with the last day."""
        return self._past(self.amounts, len(self.amounts))

    def walk(self, days: int) -> Walk:
        """Judges the last ``days`` days, and before them those that may have begun an incident; yields the pasts that
        it needs the expectations of. Returns what was judged, by day; a day without an amount is not."""
        masked = self.amounts.copy()
        last = len(self.amounts) - 1
        asked = range(max(last - days + 1, FEWEST_DAYS), last + 1)
        known_open = self._known_open(asked.start)
        questioned = sorted({*self._candidates(asked.start), *known_open})
        open_to_question = [at for at in questioned if not self._is_accepted(at)]
        at = FEWEST_DAYS
        judged: dict[int, Judged] = {}
        while True:
            places = [place for place in (*open_to_question, *asked) if place >= at and not np.isnan(masked[place])]
            seen = yield [self._past(masked, place) for place in places]
            found = [self._judged(place, one, None) for place, one in zip(places, seen, strict=True)]
            start = next(
                (
                    place
                    for place, one in zip(places, found, strict=True)
                    if not self._is_accepted(place) and self.alarming(one)
                ),
                None,
            )
            until = last + 1 if start is None else start
            judged |= {place: one for place, one in zip(places, found, strict=True) if place < until}
            if start is None:
                break
            if start < last + 1 - OPEN_DAYS and start not in known_open:  # its level is the one that the group has
                at = start + ACCEPTED_DAYS
                continue
            known = masked.copy()
            known[start:] = np.nan
            later = [place for place in self._days_of(start) if not np.isnan(self.amounts[place])]
            seen = yield [self._past(known, place) for place in later]
            lasting = [self._judged(place, one, start) for place, one in zip(later, seen, strict=True)]
            at = next(
                (place for place, one in zip(later, lasting, strict=True) if not self._goes_on(one, start)), last + 1
            )
            judged |= {place: one for place, one in zip(later, lasting, strict=True) if place < at}
            masked[start:at] = np.nan
        return [judged[place] for place in sorted(judged)]

    def _known_open(self, before: int) -> set[int]:
        places = {(since - self.first).days + ago for since in self.known for ago in range(KNOWN_DAYS)}
        return {place for place in places if FEWEST_DAYS <= place < before}

    def _days_of(self, start: int) -> list[int]:
        """The days to judge of an incident that lasts: the middle of a long one has been judged before."""
        count = len(self.amounts)
        recent = range(max(start, count - OPEN_DAYS), count)
        return sorted({*range(start, min(start + KNOWN_DAYS, count)), *recent})

    def _goes_on(self, one: Judged, start: int) -> bool:
        day = self.first + start * _DAY
        return one.day == day or self.alarming(one)

    def _past(self, amounts: Floats, place: int) -> Past:
        start = max(0, place - LOOKED_AT_DAYS)
        return self.first + start * _DAY, amounts[start:place]

    def _judged(self, place: int, expectation: Expectation, start: int | None) -> Judged:
        day = self.first + place * _DAY
        return Judged(day, self.cost(day), expectation, None if start is None else self.first + start * _DAY)

    def _is_accepted(self, place: int) -> bool:
        day = self.first + place * _DAY
        return any(level.covers(day) for level in self.accepted)

    def _candidates(self, before: int) -> list[int]:
        """Places of days within ``OPEN_DAYS`` and before ``before`` that are clearly unlike the same weekday of the
        weeks before them: only those can begin an incident."""
        amounts = self.amounts
        weeks = np.full((_WEEKS, len(amounts)), np.nan)
        for week in range(1, _WEEKS + 1):
            weeks[week - 1, 7 * week :] = amounts[: -7 * week] if 7 * week < len(amounts) else []
        count = (~np.isnan(weeks)).sum(axis=0)
        ordered = np.sort(weeks, axis=0)  # NaN last
        at = np.arange(len(amounts))
        low = ordered[np.maximum(count - 1, 0) // 2, at]
        high = ordered[np.minimum(count // 2, _WEEKS - 1), at]
        usual = np.where(count >= _FEWEST_WEEKS, (low + high) / 2, np.nan)
        off = np.abs(amounts - usual)
        known = off[~np.isnan(off)]
        noise = _TO_DEVIATION * float(np.median(known)) if len(known) else 0.0
        clearly = ~(off <= _CLEARLY * noise) & ~np.isnan(amounts)
        start = max(FEWEST_DAYS, len(amounts) - OPEN_DAYS - BEFORE_DAYS)
        return [place for place in range(start, before) if clearly[place]]


def walk_together(walks: Sequence[Walk], off: DaysOff = NO_DAYS_OFF) -> list[list[Judged]]:
    """What each walk judged. Pasts that several ask for are looked at once. ``off``: public holidays."""
    known: dict[tuple[date, bytes], Expectation] = {}
    waiting: list[tuple[int, Walk, list[Past]]] = [(place, walk, next(walk)) for place, walk in enumerate(walks)]
    results: list[list[Judged]] = [[] for _ in walks]
    while waiting:
        keys = {(first, before.tobytes()): before for _, _, pasts in waiting for first, before in pasts}
        new = [key for key in keys if key not in known]
        known |= zip(new, expectations([(key[0], keys[key]) for key in new], off), strict=True)
        still = []
        for place, walk, pasts in waiting:
            try:
                asked = walk.send([known[first, before.tobytes()] for first, before in pasts])
            except StopIteration as done:
                results[place] = done.value
            else:
                still.append((place, walk, asked))
        waiting = still
    return results


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A group without a past of its own, in a policy that has one: nothing was expected of it. ``usual``: what all
    groups together cost on a day of the four weeks before it came."""

    usual: float

    def judged(self, day: date, cost: Decimal, since: date) -> Judged:
        """A standard deviation is a thousandth of ``usual``."""
        size = max(NEW_SHARE * self.usual, 1e-6)
        return Judged(day, cost, Expectation(0.0, size, size, (day - since).days, np.zeros(0), self.usual), since)
