"""Days judged in order, so that an incident stays open until the cost returns.

An incident begins on the first day that meets an alert. From then on each day is held against what the days before the
incident let expect, so that a new level cannot become normal by lasting; it ends on the first day that meets no alert.
Its days teach later ones nothing. All of this follows from the daily amounts: whoever walks through them finds the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from finops.deferred import numpy as np
from finops.evaluate.forecasting.expectation import RANGE, Expectation, expectations
from finops.evaluate.forecasting.history import Floats
from finops.evaluate.forecasting.in_a_row import IN_A_ROW, LEAST
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
    belongs to; None where it is like its past. ``in_a_row``: whether that began as days in a row that are unusual only
    together; the deviations are then those of such days."""

    day: date
    cost: Decimal
    expectation: Expectation
    since: date | None = None
    in_a_row: bool = False

    @property
    def score(self) -> float:
        """Standard deviations above what was expected; below it, in those of that side."""
        off = float(self.cost) - self.expectation.expected
        return off / (self.expectation.deviation if off >= 0 else self.expectation.below)

    @property
    def bounds(self) -> tuple[float, float]:
        of = self.expectation
        return of.expected - RANGE * of.below, of.expected + RANGE * of.deviation


def narrow(one: Judged, first: Expectation) -> Judged:
    """As one of days in a row, which keep to a narrower range. ``first``: what was expected of the first of them."""
    above, below = (min(of, RANGE) / RANGE for of in (first.row_above, first.row_below))
    of = one.expectation
    return replace(one, expectation=replace(of, deviation=of.deviation * above, below=of.below * below), in_a_row=True)


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
        looked_at = range(max(asked.start - (IN_A_ROW - 1), FEWEST_DAYS), last + 1)
        known_open = self._known_open(asked.start)
        questioned = sorted({*self._candidates(looked_at.start), *known_open} - {*looked_at})
        open_to_question = [at for at in questioned if not self._is_accepted(at)]
        at = FEWEST_DAYS
        judged: dict[int, Judged] = {}
        while True:
            places = [place for place in (*open_to_question, *looked_at) if place >= at and not np.isnan(masked[place])]
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
            scored = dict(zip(places, found, strict=True))
            row = yield from self._row(masked, scored, last if start is None else start)
            start = start if row is None else row
            until = last + 1 if start is None else start
            judged |= {place: one for place, one in zip(places, found, strict=True) if place < until}
            if start is None:
                break
            if start < last + 1 - OPEN_DAYS and start not in known_open:  # its level is the one that the group has
                at = start + ACCEPTED_DAYS
                continue
            known = _without(masked, start)
            later = [place for place in self._days_of(start) if not np.isnan(self.amounts[place])]
            seen = yield [self._past(known, place) for place in later]
            lasting = [self._judged(place, one, start) for place, one in zip(later, seen, strict=True)]
            if row is not None:
                lasting = [narrow(one, seen[0]) for one in lasting]
            least = start + (1 if row is None else IN_A_ROW)
            at = next(
                (place for place, one in zip(later, lasting, strict=True) if place >= least and not self.alarming(one)),
                last + 1,
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

    def _row(
        self, masked: Floats, scored: Mapping[int, Judged], through: int
    ) -> Generator[list[Past], list[Expectation], int | None]:
        """The first day of the earliest ``IN_A_ROW`` days, the last of them ``through`` or before it, that each meet an
        alert in the narrower range of such days, on the same side."""
        starts = [
            start
            for start, first in scored.items()
            if start + IN_A_ROW <= through + 1
            and not np.isnan(masked[start : start + IN_A_ROW]).any()
            and not any(self._is_accepted(place) for place in range(start, start + IN_A_ROW))
            and self.alarming(narrow(first, first.expectation))
        ]
        if not starts:
            return None
        later = [(start, start + ago) for start in starts for ago in range(1, IN_A_ROW)]
        seen = yield [self._past(_without(masked, start), place) for start, place in later]
        rest = [self._judged(place, one, None) for (_, place), one in zip(later, seen, strict=True)]
        for start in starts:
            first = scored[start]
            of = [first, *(one for (begun, _), one in zip(later, rest, strict=True) if begun == start)]
            row = [narrow(one, first.expectation) for one in of]
            if all(self.alarming(one) and (one.score > 0) == (first.score > 0) for one in row):
                return start
        return None

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
        weeks before them, or the first of days in a row that are unlike it: only those can begin an incident."""
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
        for side in (amounts - usual, usual - amounts):
            beyond = side > LEAST * noise
            clearly[: 1 - IN_A_ROW] |= np.lib.stride_tricks.sliding_window_view(beyond, IN_A_ROW).all(axis=1)
        start = max(FEWEST_DAYS, len(amounts) - OPEN_DAYS - BEFORE_DAYS)
        return [place for place in range(start, before) if clearly[place]]


def _without(amounts: Floats, start: int) -> Floats:
    """What is known before the day at ``start``, as long as ``amounts``."""
    return np.where(np.arange(len(amounts)) < start, amounts, np.nan)


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
