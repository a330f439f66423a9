"""The newest settled days of one group against what each one's own past lets expect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from finops.deferred import numpy as np
from finops.evaluate.forecasting.expectation import RANGE, RECENT_DAYS, Expectation, expectations
from finops.evaluate.forecasting.history import Amounts, Floats, amounts_of, as_decimal, as_series
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.reading import Reading, significant
from finops.model.money import EXACT, Money
from finops.model.period import Period
from finops.model.wording import amount_text, exact_text
from finops.policy.envelope import Envelope

FEWEST_DAYS = 21
LOOKED_AT_DAYS = 392
"""So many days before a day tell what to expect of it: 56 whole weeks. The same for whoever asks, and whenever."""
MINIMUM_DAYS = 30
SHOWN_DAYS = RECENT_DAYS
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """One day that is to be judged. ``before``: what each of the days before it cost, from ``first``."""

    day: date
    cost: Decimal
    first: date
    before: Floats


@dataclass(frozen=True, slots=True)
class Judged:
    """One day: what it cost, exactly, and what it was expected to."""

    day: date
    cost: Decimal
    expectation: Expectation

    @property
    def score(self) -> float:
        """Standard deviations above what was expected; below it, in those of that side."""
        off = float(self.cost) - self.expectation.expected
        return off / (self.expectation.deviation if off >= 0 else self.expectation.below)

    @property
    def bounds(self) -> tuple[float, float]:
        of = self.expectation
        return of.expected - RANGE * of.below, of.expected + RANGE * of.deviation


@dataclass(slots=True)
class Numbers:
    """``window_days``: so many of the last settled days are judged, each by the days before it. The day that stands out
    most, in the direction that the alerts look, speaks for the group. ``judged`` comes from
    ``judge_days``. ``known``: see ``amounts_of``."""

    envelope: Envelope
    currency: str
    window_days: int
    data: GroupData
    known: dict[int, float]
    asked: tuple[Asked, ...] = field(init=False, default=())
    judged: tuple[Judged, ...] = field(init=False, default=())
    past: Amounts = field(init=False, default_factory=dict)
    unknown: str = field(init=False, default="")
    too_early: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        try:
            self.asked = tuple(self._ask())
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

    def score(self) -> Reading:
        worst = self.worst
        if worst is None:
            return self._unknown()
        return Reading("above", number=significant(worst.score), detail=self._detail(worst))

    def excess(self) -> Reading:
        """What the day cost beyond the expected range: above its upper end, below its lower end, or zero."""
        worst = self.worst
        if worst is None:
            return self._unknown()
        return Reading("above", amount=self._money(self._excess(worst)), detail=self._detail(worst))

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
        for one in self.judged:
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
            yield f"{one.day}: cost {exact_text(one.cost, self.currency)}; from {days} days before it"
            above = float(one.cost) >= one.expectation.expected
            deviation = self._short(one.expectation.deviation if above else one.expectation.below)
            yield f"  expected {self._short(one.expectation.expected)}, standard deviation {deviation}"
            for charge in one.expectation.charges:
                yield f"  of that {self._short(charge.amount)} charged {charge.text}, {charge.times} times so far"
            yield f"  expected range: {RANGE} of them to each side, {self._short(low)} to {self._short(high)}"
            cost, expected = exact_text(one.cost, self.currency), self._short(one.expectation.expected)
            yield f"  score = ({cost} − {expected}) ÷ {deviation} = {significant(one.score):.6g}"
            yield f"  excess = {exact_text(self._excess(one), self.currency)}"

    def _ask(self) -> Iterator[Asked]:
        last = self.data.settled_through
        if last is None:
            self.too_early = True
            raise Unknowable("no score: no day is settled yet")
        first_judged = last - (self.window_days - 1) * _DAY
        _, self.past = amounts_of(self.data, self.currency, first_judged, self.known)
        first = min((day for day in self.past if day <= last), default=None)
        days = (last - first).days if first is not None else 0
        if first is None or days < FEWEST_DAYS:
            self.too_early = True
            raise Unknowable(f"no score: {days} days of history before {last}, {FEWEST_DAYS} are needed")
        series = as_series(self.past, first, last)
        missing: list[date] = []
        asked: list[Asked] = []
        for day in Period(first_judged, last + _DAY):
            before = (day - first).days
            if before < FEWEST_DAYS:
                continue
            if np.isnan(series[before]):
                missing.append(day)
                continue
            start = max(0, before - LOOKED_AT_DAYS)
            cost: Decimal = self.data.converted(day, self.currency)
            asked.append(Asked(day, cost, first + start * _DAY, series[start:before]))
        if not asked:
            raise Unknowable(f"no score: no row on {', '.join(map(str, missing))}, where every day had one")
        yield from asked

    def _excess(self, one: Judged) -> Decimal:
        low, high = one.bounds
        above = EXACT.subtract(one.cost, as_decimal(high))
        below = EXACT.subtract(one.cost, as_decimal(low))
        return above if above > 0 else min(below, Decimal(0))

    def _detail(self, one: Judged) -> str:
        low, high = one.bounds
        return (
            f"{amount_text(one.cost, self.currency)} on {one.day}, {self._short(one.expectation.expected)}"
            f" ({self._short(low)} to {self._short(high)}) expected"
        )

    def _unknown(self) -> Reading:
        return Reading("above", unknown=self.unknown, too_early=self.too_early)

    def _money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)

    def _short(self, amount: float) -> str:
        return amount_text(as_decimal(amount), self.currency)


def judge_days(numbers: Sequence[Numbers]) -> None:
    """Fills in ``judged`` of all of them: each day's past is looked at once, whoever asks for it."""
    pasts = {(one.first, one.before.tobytes()): one.before for of in numbers for one in of.asked}
    found = dict(zip(pasts, expectations([(key[0], before) for key, before in pasts.items()]), strict=True))
    for of in numbers:
        of.judged = tuple(Judged(one.day, one.cost, found[one.first, one.before.tobytes()]) for one in of.asked)
