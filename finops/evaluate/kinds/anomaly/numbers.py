"""The newest settled days of one group against what each one's own past lets expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from finops.evaluate.forecasting.expectation import RANGE, RECENT_DAYS
from finops.evaluate.forecasting.history import Amounts, amounts_of, as_decimal, as_series
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.reading import Reading, significant
from finops.evaluate.kinds.anomaly.incidents import FEWEST_DAYS, OPEN_DAYS, Judged, Newcomer, Series, walk_together
from finops.evaluate.kinds.anomaly.slow_changes import DRIFT_DAYS, absence, drift
from finops.model.incident import AcceptedLevel, EndedLevel, IncidentDay, IncidentEnd, SightedIncident, Sighting
from finops.model.money import EXACT, Money
from finops.model.period import Period
from finops.model.wording import amount_text, exact_text
from finops.policy.envelope import Envelope

LASTING_DAYS = 2
"""What has stayed for so many days more is a level."""
NEW_AGAINST_DAYS = 28
MINIMUM_DAYS = 30
SHOWN_DAYS = RECENT_DAYS
GROWN_UP = "The group has a history of its own now, which its days are held against."
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Numbers:
    """``window_days``: so many of the last settled days are judged, each by the days before it, or by those before the
    incident that it belongs to. The day that stands out most, in the direction that the alerts look, speaks for the
    group. ``judged`` comes from ``judge_days``; ``walked`` holds earlier days too that were looked at. ``known``: see
    ``amounts_of``. ``accepted``: levels that somebody has accepted, in the policy or later."""

    envelope: Envelope
    currency: str
    window_days: int
    data: GroupData
    known: dict[int, float]
    accepted: tuple[AcceptedLevel, ...] = ()
    series: Series | None = field(init=False, default=None)
    judged: tuple[Judged, ...] = field(init=False, default=())
    walked: tuple[Judged, ...] = field(init=False, default=())
    past: Amounts = field(init=False, default_factory=dict)
    unknown: str = field(init=False, default="")
    too_early: bool = field(init=False, default=False)
    new_since: date | None = field(init=False, default=None)
    newcomer_days: tuple[Judged, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        try:
            self.series = self._series()
        except Unknowable as error:
            self.unknown = error.reason

    @property
    def worst(self) -> Judged | None:
        upward = {alert.upward for alert in self.envelope.alerts}
        if not self.judged:
            return None
        if upward == {True}:
            return max(self.judged, key=lambda one: one.score)
        if upward == {False}:
            return min(self.judged, key=lambda one: one.score)
        return max(self.judged, key=lambda one: abs(one.score))

    @property
    def spent(self) -> Money | None:
        """What the group cost in its last settled days, for ``minimum``; None where it cannot be said."""
        last = self.data.settled_through
        if last is None:
            return None
        try:
            total = self.data.spent(Period(last - (MINIMUM_DAYS - 1) * _DAY, last + _DAY), last, self.currency)
        except Unknowable:
            return None
        return Money(total, self.currency)

    def readings(self) -> dict[str, Reading]:
        """``score``, and ``excess``: what the day cost beyond the expected range (above its upper end, below its lower
        end, or zero). ``drift`` and ``absent`` where an alert asks for them."""
        worst = self.worst
        readings = (
            dict.fromkeys(("score", "excess"), self._unknown())
            if worst is None
            else self._readings(worst, self._detail(worst))
        )
        asked = {alert.measure for alert in self.envelope.alerts}
        if "drift" in asked:
            readings["drift"] = self._drift()
        if "absent" in asked:
            readings["absent"] = self._absent()
        return readings

    def _drift(self) -> Reading:
        """How far the last week lies above (below zero: below) the level of four weeks before."""
        found = drift(*self.series.recent) if self.series is not None else None
        if found is None:
            return Reading(unknown=self.unknown or f"no drift: {DRIFT_DAYS} days of history are needed", too_early=True)
        detail = f"from {self._short(found.level)} a day; rising or falling since {found.since}" if found.share else ""
        return Reading("above", number=significant(found.share), detail=detail)

    def _absent(self) -> Reading:
        """How long the group has cost nothing, where that is not usual; no time where it is."""
        if self.series is None:
            return Reading(duration=timedelta()) if self.judged else Reading(unknown=self.unknown, too_early=True)
        found = absence(*self.series.recent)
        detail = f"no cost since {found.since}, {self._short(found.usual)} a day before" if found.days else ""
        return Reading("above", duration=found.days * _DAY, detail=detail)

    def _readings(self, one: Judged, detail: str = "") -> dict[str, Reading]:
        return {
            "score": Reading("above", number=significant(one.score), detail=detail),
            "excess": Reading("above", amount=self._money(self._excess(one)), detail=detail),
        }

    def amounts(self) -> dict[str, Money]:
        worst = self.worst
        if worst is None:
            return {}
        low, high = worst.bounds
        named = {"expected": worst.expectation.expected, "expected_low": low, "expected_high": high}
        amounts = {name: self._money(as_decimal(amount)) for name, amount in named.items()}
        return {"cost": self._money(worst.cost), "excess": self._money(self._excess(worst)), **amounts}

    @property
    def period(self) -> Period:
        """Four weeks up to the last settled day: what a chart shows."""
        last = self.data.settled_through or self.data.moment.today
        return Period(last - (SHOWN_DAYS - 1) * _DAY, last + _DAY)

    def lines(self) -> dict[str, tuple[Decimal | None, ...]]:
        """The expected range of each day of ``period``: of judged days as it was before them."""
        if not self.judged:
            return {}
        of = self.judged[0].expectation
        above, below = (side / max(abs(of.expected), of.floor) for side in (of.deviation, of.below))
        ranges: dict[date, tuple[float, float, float]] = {}
        for ago, middle in enumerate(of.recent[::-1].tolist(), start=1):
            reach = RANGE * max(abs(middle), of.floor)
            ranges[self.judged[0].day - ago * _DAY] = (middle, middle - reach * below, middle + reach * above)
        for one in (*self.walked, *self.judged):
            ranges[one.day] = (one.expectation.expected, *one.bounds)
        names = ("expected", "expected_low", "expected_high")
        return {
            name: tuple(as_decimal(ranges[day][at]) if day in ranges else None for day in self.period)
            for at, name in enumerate(names)
        }

    def explained(self) -> Iterator[str]:
        """The arithmetic, a line a step."""
        if not self.judged:
            yield f"score unknown: {self._unknown().unknown}"
            return
        for one in self.judged:
            low, high = one.bounds
            days = one.expectation.days
            in_a_row = ", as one of days in a row" if one.in_a_row else ""
            behind = "it" if one.since is None else f"{one.since}, when the incident began"
            yield f"{one.day}: cost {exact_text(one.cost, self.currency)}; from {days} days before {behind}"
            above = float(one.cost) >= one.expectation.expected
            deviation = self._short(one.expectation.deviation if above else one.expectation.below)
            yield f"  expected {self._short(one.expectation.expected)}, standard deviation {deviation}{in_a_row}"
            for charge in one.expectation.charges:
                yield f"  of that {self._short(charge.amount)} charged {charge.text}, {charge.times} times so far"
            yield f"  expected range: {RANGE} of them to each side, {self._short(low)} to {self._short(high)}"
            cost, expected = exact_text(one.cost, self.currency), self._short(one.expectation.expected)
            yield f"  score = ({cost} − {expected}) ÷ {deviation} = {significant(one.score):.6g}"
            yield f"  excess = {exact_text(self._excess(one), self.currency)}"
        for name, reading in self.readings().items():
            if name not in ("score", "excess"):
                value = reading.number if reading.number is not None else reading.duration
                yield f"{name} = {value}: {reading.detail or reading.unknown or 'nothing unusual'}"

    def alarming(self, one: Judged) -> bool:
        """Whether the day alone meets an alert."""
        readings = self._readings(one)
        return any(readings[alert.measure].meets(alert) for alert in self.envelope.alerts if alert.measure in readings)

    def accepted_now(self) -> AcceptedLevel | None:
        """A level that was accepted and that the group's history has yet to learn."""
        last = self.data.settled_through
        for level in self.accepted:
            if (
                last is not None
                and level.since <= last
                and (last < level.learnt + (self.window_days - 1) * _DAY or self._is_new(level))
            ):
                return level
        return None

    def _is_new(self, level: AcceptedLevel) -> bool:
        return self.new_since is not None and level.covers(self.new_since)

    def sighting(self) -> Sighting | None:
        """The group's incidents; None where there are none and none were known, and below the minimum."""
        days: dict[date, list[Judged]] = {}
        for one in self.newcomer_days or self.walked:
            if one.since is not None and not any(level.covers(one.since) for level in self.accepted):
                days.setdefault(one.since, []).append(one)
        known = self.data.incidents.open
        if not self.judged or not (days or known) or (not known and self._is_below_minimum()):
            return None
        incidents = [self._sighted(since, of) for since, of in days.items() if any(map(self.alarming, of))]
        ended = [EndedLevel(level.since, IncidentEnd.ACCEPTED, level.reason) for level in self.accepted if not level.by]
        if self.series is not None:
            ended.append(EndedLevel(self.series.first, IncidentEnd.WITHDRAWN, GROWN_UP))
        return Sighting(self.currency, tuple(incidents), tuple(ended))

    def _is_below_minimum(self) -> bool:
        minimum, spent = self.envelope.minimum, self.spent
        return minimum is not None and (spent is None or spent.amount < minimum.amount)

    def _sighted(self, since: date, days: Sequence[Judged]) -> SightedIncident:
        last = days[-1].day
        return SightedIncident(
            since,
            min((day for day in self._known_days() if day > last), default=None),
            {one.day: IncidentDay(one.cost, as_decimal(one.expectation.expected)) for one in days},
        )

    def _known_days(self) -> Iterator[date]:
        if self.series is not None:
            amounts = self.series.amounts
            yield from (self.series.first + at * _DAY for at in range(len(amounts)) if amounts[at] == amounts[at])

    def take(self, walked: Sequence[Judged]) -> None:
        """The last ``window_days`` of what was walked through are judged."""
        assert self.series is not None  # noqa: S101 - only what can be walked through is
        self.walked = tuple(walked)
        last = self.series.last
        self.judged = tuple(one for one in walked if one.day > last - self.window_days * _DAY)
        if not self.judged:
            first = last - (self.window_days - 1) * _DAY
            days = ", ".join(str(day) for day in Period(first, last + _DAY))
            self.unknown = f"no score: no row on {days}, where every day had one"

    def _series(self) -> Series | None:
        """Raises ``Unknowable``; None where ``judged`` needs no past of its own."""
        last = self.data.settled_through
        if last is None:
            self.too_early = True
            raise Unknowable("no score: no day is settled yet")
        first_judged = last - (self.window_days - 1) * _DAY
        _, self.past = amounts_of(self.data, self.currency, first_judged, self.known)
        first = min((day for day in self.past if day <= last), default=None)
        days = (last - first).days if first is not None else 0
        if first is None or days < FEWEST_DAYS:
            newcomer = self._newcomer(first) if first is not None else None
            if first is None or newcomer is None:
                self.too_early = True
                raise Unknowable(f"no score: {days} days of history before {last}, {FEWEST_DAYS} are needed")
            self.new_since = first
            self.newcomer_days = tuple(
                newcomer.judged(day, self.data.converted(day, self.currency), first)
                for day in Period(first, last + _DAY)
            )
            self.judged = tuple(one for one in self.newcomer_days if one.day >= first_judged)
            return None
        return Series(
            first,
            as_series(self.past, first, last),
            lambda day: self.data.converted(day, self.currency),
            self.alarming,
            self.accepted,
            self.data.incidents.open,
        )

    def _newcomer(self, first: date) -> Newcomer | None:
        """None where the policy itself is as young as the group."""
        whole = self.data.whole
        if whole is None:
            return None
        start = first - NEW_AGAINST_DAYS * _DAY
        around = replace(self.data, daily=whole)
        if min(whole, default=first) > start:
            return None
        total = around.spent(Period(start, first), first - _DAY, self.currency)
        return Newcomer(float(total) / NEW_AGAINST_DAYS)

    def _excess(self, one: Judged) -> Decimal:
        low, high = one.bounds
        above = EXACT.subtract(one.cost, as_decimal(high))
        below = EXACT.subtract(one.cost, as_decimal(low))
        return above if above > 0 else min(below, Decimal(0))

    def _detail(self, one: Judged) -> str:
        low, high = one.bounds
        cost = f"{amount_text(one.cost, self.currency)} on {one.day}"
        if not one.expectation.expected and one.since is not None and one.expectation.recent.size == 0:
            return f"{cost}, nothing expected: new since {one.since}"
        text = f"{cost}, {self._short(one.expectation.expected)} ({self._short(low)} to {self._short(high)}) expected"
        newest = self.judged[-1] if self.judged else one
        if one.in_a_row and one.since is not None and (newest.day - one.since).days < OPEN_DAYS:
            return f"{text}; {self._together(one.since)}"
        lasts = one.since is not None and newest.since == one.since and (newest.day - one.since).days >= LASTING_DAYS
        return f"{text}; new level since {one.since}" if lasts else text

    def _together(self, since: date) -> str:
        """What the days of an incident come to that began as days in a row."""
        row = [one for one in self.walked if one.since == since]
        off = sum((EXACT.subtract(one.cost, as_decimal(one.expectation.expected)) for one in row), Decimal(0))
        side, more = ("above", "more") if off >= 0 else ("below", "less")
        size = amount_text(abs(off), self.currency)
        return f"{len(row)} days in a row {side} what is usual since {since}: together {size} {more} than expected"

    def _unknown(self) -> Reading:
        return Reading("above", unknown=self.unknown, too_early=self.too_early)

    def _money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)

    def _short(self, amount: float) -> str:
        return amount_text(as_decimal(amount), self.currency)


def judge_days(numbers: Sequence[Numbers]) -> None:
    """Fills in ``judged`` of all of them: each day's past is looked at once, whoever asks for it."""
    asked = [(of, of.series) for of in numbers if of.series is not None]
    if not asked:
        return
    off = asked[0][0].data.moment.days_off  # of one evaluation all have the same moment
    walked = walk_together([series.walk(of.window_days) for of, series in asked], off)
    for (of, _), days in zip(asked, walked, strict=True):
        of.take(days)
