"""What a group's period will come to: settled days, then days foreseen, with the interval around their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from finops.deferred import numpy as np
from finops.evaluate.forecasting import FEWEST_DAYS, outlook
from finops.evaluate.forecasting.fees import fees_ahead
from finops.evaluate.forecasting.history import History, as_decimal, as_series, history
from finops.evaluate.judgement.group_data import GroupData, Unknowable
from finops.evaluate.judgement.moment import Moment
from finops.model.money import EXACT
from finops.model.period import Period

LOOKED_AT_DAYS = 640
"""So many days before today are looked at: six past months, and a year before each of them."""
FARTHEST = 3
"""So many times as long as its history is how far a forecast looks at most."""


class TooShort(Unknowable):
    """The history is young: nothing is missing."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """``settled``: spent on settled days of the period, exact. ``days``: the period's days after them, each with what
    it is expected to come to; ``low`` and ``high``: the 80 % interval around the sum of the days up to each.
    ``history_days``: so many the forecast was made from; ``usage`` and ``fees``: the two parts of ``days``."""

    settled: Decimal
    through: date
    days: Sequence[date]
    amounts: Sequence[float]
    usage: Sequence[float]
    fees: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    history_days: int

    @property
    def total(self) -> Decimal:
        return self._with(float(np.cumsum(self.amounts)[-1])) if self.days else self.settled

    @property
    def total_low(self) -> Decimal:
        return self._with(self.low[-1]) if self.days else self.settled

    @property
    def total_high(self) -> Decimal:
        return self._with(self.high[-1]) if self.days else self.settled

    def up_to(self, amounts: Sequence[float]) -> list[Decimal]:
        """Cumulative, settled days included, at the end of each of ``days``."""
        return [self._with(float(amount)) for amount in np.cumsum(amounts)]

    def line(self, period: Period, cumulative: Sequence[Decimal]) -> tuple[Decimal | None, ...]:
        """Aligned with the days of ``period``; it sets out from what is settled."""
        values: dict[date, Decimal] = {self.through: self.settled, **dict(zip(self.days, cumulative, strict=True))}
        return tuple(values.get(day) for day in period)

    def bounds(self) -> tuple[list[Decimal], list[Decimal]]:
        return [self._with(value) for value in self.low], [self._with(value) for value in self.high]

    def _with(self, amount: float) -> Decimal:
        return EXACT.add(self.settled, as_decimal(amount))


def foresee(data: GroupData, cost: str, currency: str, period: Period) -> Foreseen:
    """``data``: costs from ``LOOKED_AT_DAYS`` before today, split by ``history.SPLIT_BY``. Raises ``Unknowable``.

    The settled days of the period count as they are. A provisional day counts what it is expected to come to, or what
    is known of it where that is more already.
    """
    through = data.settled_through
    if through is None:
        raise TooShort("no forecast: no day is settled yet")
    last = period.end - timedelta(days=1)
    settled = data.spent(period, min(through, last), currency)
    if through >= last:
        return Foreseen(settled, last, (), (), (), (), (), (), 0)
    past = history(data, cost, currency, needed=min(period.start, through))
    start = past.first
    days = (through - start).days + 1 if start is not None else 0
    if start is None or days < FEWEST_DAYS:
        raise TooShort(f"no forecast: {max(days, 0)} settled days of history, {FEWEST_DAYS} are needed")
    ahead = (last - through).days
    if ahead > FARTHEST * days:
        raise TooShort(f"no forecast: {ahead} days from {days} days of history; at most {FARTHEST} times as many")
    return _foreseen(past, settled, start, through, ahead, period, data.moment)


def _foreseen(
    past: History, settled: Decimal, start: date, through: date, ahead: int, period: Period, moment: Moment
) -> Foreseen:
    first_use = min((day for day in past.usage if day <= through), default=through)
    first_use = min(first_use, through - timedelta(days=FEWEST_DAYS - 1))  # before it nothing was used
    seen = outlook(first_use, as_series(past.usage, first_use, through), count=ahead, off=moment.days_off)
    fees = fees_ahead(past.fees, start, through, ahead, start)
    amounts = []
    for at in range(ahead):
        day = through + timedelta(days=at + 1)
        expected = float(seen.days[at]) + fees[at] + past.one_off.get(day, 0.0)
        amounts.append(max(expected, past.known(day)) if day <= moment.today else expected)
    inside = [at for at in range(ahead) if through + timedelta(days=at + 1) in period]
    sums = np.cumsum([amounts[at] for at in inside])
    reach = seen.reach[inside]
    spent = np.cumsum([past.known(through + timedelta(days=at + 1)) for at in inside])
    rising = np.minimum.accumulate(np.array([amounts[at] for at in inside])) >= 0
    low = np.where(rising, np.maximum(sums - reach, np.minimum(spent, sums)), sums - reach)
    return Foreseen(
        settled=settled,
        through=through,
        days=[through + timedelta(days=at + 1) for at in inside],
        amounts=[amounts[at] for at in inside],
        usage=[float(seen.days[at]) for at in inside],
        fees=[fees[at] for at in inside],
        low=low.tolist(),
        high=(sums + reach).tolist(),
        history_days=(through - start).days + 1,
    )


def history_window(today: date) -> Period:
    return Period(today - timedelta(days=LOOKED_AT_DAYS), today + timedelta(days=1))
