"""Costs by day as running sums in arrays: the sum of any span is a difference, and a Decimal is made where one is asked
for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from finops.deferred import numpy as np
from finops.evaluate.array_kernel.distinct import Numbers
from finops.evaluate.array_kernel.exact_sums import SHIFT
from finops.model.money import EXACT, SCALE
from finops.model.period import Period

if TYPE_CHECKING:
    from numpy.typing import NDArray

Integers: TypeAlias = "NDArray[Any]"
"""Int64; Python's own integers where a day's amount needs more. Running sums may run over: differences stay right."""

Daily = Mapping[date, Mapping[str, Decimal]]
"""day -> currency -> cost."""

_DAY = timedelta(days=1)
_NOTHING_SPENT = Decimal(0)


@dataclass(frozen=True, slots=True, eq=False)
class CurrencySums:
    """One currency. ``days``: ordinals, ascending, at least one. ``high`` and ``low``: what was spent before each of
    them, and through the last, counted from anywhere (see ``finops.evaluate.array_kernel.exact_sums``)."""

    days: Numbers
    high: Integers
    low: Integers

    @classmethod
    def of(cls, days: Numbers, high: Integers, low: Integers) -> CurrencySums:
        """From each day's own amount."""
        return cls(days, running_sums(high), running_sums(low))

    def cut(self, start: int, end: int) -> CurrencySums | None:
        """From day ``start`` up to, not including, ``end``; itself where that is all."""
        first, last = np.searchsorted(self.days, (start, end)).tolist()
        if first == 0 and last == len(self.days):
            return self
        if first >= last:
            return None
        return CurrencySums(self.days[first:last], self.high[first : last + 1], self.low[first : last + 1])

    def total(self, start: int, end: int) -> Decimal:
        """Of the days that ``cut`` would leave; zero without a scale where none is left."""
        first, last = np.searchsorted(self.days, (start, end)).tolist()
        if first >= last:
            return Decimal(0)
        return _amount(self.high[last] - self.high[first], self.low[last] - self.low[first])

    def says_as(self, other: CurrencySums) -> bool:
        return np.array_equal(self.days, other.days) and all(
            np.array_equal(own - own[0], its - its[0]) for own, its in ((self.high, other.high), (self.low, other.low))
        )

    def amounts(self) -> list[Decimal]:
        """Of each day."""
        return [_amount(high, low) for high, low in zip(*(part.tolist() for part in self.own()), strict=True)]

    def own(self) -> tuple[Integers, Integers]:
        """Of each day, both parts."""
        return np.diff(self.high), np.diff(self.low)


class DailySums(Mapping[date, Mapping[str, Decimal]]):
    """day -> currency -> cost, in the order of days. Never changed."""

    __slots__ = ("_days", "lines")

    def __init__(self, lines: Mapping[str, CurrencySums]) -> None:
        self.lines = lines
        self._days: dict[date, dict[str, Decimal]] | None = None

    def within(self, window: Period) -> DailySums:
        """The days of ``window``; itself where those are all."""
        start, end = window.start.toordinal(), window.end.toordinal()
        cut = {currency: line.cut(start, end) for currency, line in self.lines.items()}
        if all(cut[currency] is line for currency, line in self.lines.items()):
            return self
        return DailySums({currency: line for currency, line in cut.items() if line is not None})

    def outside(self, first: date, last: date) -> tuple[DailySums, DailySums]:
        """The days before ``first``, and those after ``last``."""
        return (
            self.within(Period(date.min, first)) if first > date.min else DailySums({}),
            self.within(Period(last + _DAY, date.max)),
        )

    def has_day(self, after: date, last: date) -> bool:
        """Whether there is a day later than ``after``, and not than ``last``."""
        span = after.toordinal() + 1, last.toordinal() + 1
        return any(np.subtract(*np.searchsorted(line.days, span)) < 0 for line in self.lines.values())

    def says_as(self, other: DailySums) -> bool:
        return self.lines.keys() == other.lines.keys() and all(
            line.says_as(other.lines[currency]) for currency, line in self.lines.items()
        )

    def spent(self, period: Period, through: date, currency: str) -> Decimal:
        """What the days of ``period`` up to and with ``through`` come to, in one of the currencies."""
        line = self.lines.get(currency)
        if line is None:
            return Decimal(0)
        return line.total(period.start.toordinal(), min(period.end.toordinal(), through.toordinal() + 1))

    def on(self, days: Sequence[date], currency: str) -> list[Decimal]:
        """What each of ``days`` came to, in one of the currencies."""
        found, line = [_NOTHING_SPENT] * len(days), self.lines.get(currency)
        if line is not None:
            places = _places(tuple(days))
            for day, amount in zip(line.days.tolist(), line.amounts(), strict=True):
                if day in places:
                    found[places[day]] = amount
        return found

    def only_in(self, currency: str) -> bool:
        """Whether nothing needs a rate to be told in ``currency``."""
        return all(own == currency for own in self.lines)

    def _by_day(self) -> dict[date, dict[str, Decimal]]:
        if self._days is None:
            found: dict[date, dict[str, Decimal]] = {}
            for currency, line in self.lines.items():
                for day, amount in zip(line.days.tolist(), line.amounts(), strict=True):
                    found.setdefault(date.fromordinal(day), {})[currency] = amount
            self._days = found if len(self.lines) < 2 else {day: found[day] for day in sorted(found)}
        return self._days

    def __getitem__(self, day: date) -> Mapping[str, Decimal]:
        return self._by_day()[day]

    def __iter__(self) -> Iterator[date]:
        return iter(self._by_day())

    def __len__(self) -> int:
        return len(self._by_day())

    def __bool__(self) -> bool:
        return bool(self.lines)


@lru_cache(maxsize=256)  # of every group the same few
def _places(days: tuple[date, ...]) -> dict[int, int]:
    return {day.toordinal(): place for place, day in enumerate(days)}


NOTHING = DailySums({})


def added(parts: Sequence[DailySums]) -> DailySums:
    """The sums of all of them, by day. One alone is handed on as it is."""
    if len(parts) == 1:
        return parts[0]
    lines: dict[str, list[CurrencySums]] = {}
    for part in parts:
        for currency, line in part.lines.items():
            lines.setdefault(currency, []).append(line)
    return DailySums({currency: of[0] if len(of) == 1 else _merged(of) for currency, of in lines.items()})


def replaced(sums: DailySums, first: date, last: date, new: DailySums) -> DailySums:
    """``sums`` with the days from ``first`` through ``last`` as ``new`` has them; itself where they say nothing new."""
    if sums.within(Period(first, last + _DAY)).says_as(new):
        return sums
    before, after = sums.outside(first, last)
    return added([part for part in (before, new, after) if part] or [NOTHING])


def _merged(lines: Sequence[CurrencySums]) -> CurrencySums:
    days = np.concatenate([line.days for line in lines])
    own = [line.own() for line in lines]
    high, low = (np.concatenate([parts[place] for parts in own]) for place in (0, 1))
    if bool((days[1:] > days[:-1]).all()):
        return CurrencySums.of(days, high, low)
    order = np.argsort(days, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(days[order]) > 0]))
    return CurrencySums.of(
        days[order][starts], np.add.reduceat(high[order], starts), np.add.reduceat(low[order], starts)
    )


def running_sums(amounts: Integers) -> Integers:
    return np.concatenate([np.zeros(1, amounts.dtype), np.cumsum(amounts, dtype=amounts.dtype)])


def _amount(high: int, low: int) -> Decimal:
    return Decimal((int(high) << SHIFT) + int(low)).scaleb(-SCALE, EXACT)
