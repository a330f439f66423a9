"""A group's bill, day by day, as the numbers that statistics take: usage apart from fees and from one-off charges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from finops.deferred import numpy as np
from finops.errors import MissingRate
from finops.evaluate.judgement.group_data import GroupData, Unknowable, no_rate
from finops.evaluate.judgement.reading import significant
from finops.model.money import quantise

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

SPLIT_BY = ("ChargeCategory", "ChargeFrequency")
"""FOCUS columns that tell usage, fees and one-off charges apart."""

HISTORY_DAYS = 400
"""So many days before today are looked at: thirteen ends of a month."""

REGULAR_DAYS = 28
ABSENCE_DAYS = 3
"""So many days in a row without a row are days without cost; fewer are missing, where rows are usual."""

Amounts = Mapping[date, float]
"""day -> amount in the currency asked for; days without a row are not in it."""


@dataclass(frozen=True, slots=True)
class History:
    """``usage``: follows what is used, and is foreseen. ``fees``: recurring charges other than taxes, which go on as
    they are. ``one_off``: one-time charges that are no habit (purchases, refunds): they count, and are not foreseen."""

    usage: Amounts
    fees: Amounts
    one_off: Amounts

    @property
    def first(self) -> date | None:
        """The first day with a row of any kind."""
        return min((min(part) for part in (self.usage, self.fees, self.one_off) if part), default=None)

    def known(self, day: date) -> float:
        """What the rows of ``day`` come to."""
        return sum(part.get(day, 0.0) for part in (self.usage, self.fees, self.one_off))


def history(data: GroupData, cost: str, currency: str, *, needed: date) -> History:
    """``data`` must be split by ``SPLIT_BY``. ``needed``: the first day whose amount must be known; before it the
    history starts behind the last day without an exchange rate. Raises ``Unknowable``."""
    settled = data.settled_through
    usage: dict[date, float] = {}
    fees: dict[date, float] = {}
    one_off: dict[date, float] = {}
    parts = {
        values: amounts_of(data.part(values, cost), currency, needed) for values in sorted(data.parts.get(cost, {}))
    }
    first = max((start for start, _ in parts.values()), default=date.min)
    for (category, frequency), (_, amounts) in parts.items():
        if frequency == "Recurring" and category != "Tax":
            kind = fees
        elif (frequency == "One-Time" or category == "Purchase") and not _habit(amounts, settled):
            kind = one_off
        else:
            kind = usage
        for day, amount in amounts.items():
            if day >= first:
                kind[day] = kind.get(day, 0.0) + amount
    return History(usage, fees, one_off)


def amounts_of(
    data: GroupData, currency: str, needed: date, known: dict[int, float] | None = None
) -> tuple[date, dict[date, float]]:
    """The first day that can be said, and the group's amounts in ``currency``. ``needed``: see ``history``.

    ``known``: what days came to that were converted before into the same currency, by identity: in a backtest the
    facts of one evaluation share their days with the next one's. For as long as all those facts are held.
    """
    amounts: dict[date, float] = {}
    known = {} if known is None else known
    rates = data.moment.settings.rates
    for day in sorted(data.daily, reverse=True):
        in_own = data.daily[day]
        before = known.get(id(in_own))
        if before is not None:
            amounts[day] = before
            continue
        total = 0.0
        for own, amount in sorted(in_own.items()) if len(in_own) > 1 else in_own.items():
            if own == currency:
                total += float(amount)
                continue
            try:
                factor = float(rates.factor(day, own, currency))
            except MissingRate as error:
                if day >= needed:
                    raise Unknowable(no_rate(own, currency, day, error)) from error
                return day + timedelta(days=1), amounts
            total += float(amount) * factor
        amounts[day] = known[id(in_own)] = total
    return date.min, amounts


def _habit(amounts: Amounts, settled: date | None) -> bool:
    """Charges on at least half of the last four weeks' days are no exception."""
    if settled is None:
        return False
    return 2 * sum(1 for day in amounts if 0 <= (settled - day).days < REGULAR_DAYS) >= REGULAR_DAYS


def as_series(amounts: Amounts, first: date, last: date) -> Floats:
    """One number a day from ``first`` through ``last``.

    A day without a row cost nothing; but where nine days of ten have one, a gap of one or two days is NaN, missing.
    """
    start, count = first.toordinal(), (last - first).days + 1
    values = [np.nan] * count
    for day, amount in amounts.items():
        place = day.toordinal() - start
        if 0 <= place < count:
            values[place] = amount
    series = np.array(values, dtype=float)
    absent = np.isnan(series)
    if absent.any():
        usual = absent.mean() <= 0.1
        for start, end in _runs(absent):
            if not usual or end - start >= ABSENCE_DAYS or start == 0:
                series[start:end] = 0.0
    return series


def as_decimal(amount: float) -> Decimal:
    """Six significant digits: the last bits of statistics differ from one processor to the next."""
    return quantise(Decimal(repr(significant(amount))))


def _runs(absent: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Start and end (exclusive) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], absent, [False])).astype(np.int8)))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
