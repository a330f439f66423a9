"""Recurring charges spread over the days that they pay for, so that a window holds no fee more or less by chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal, localcontext

from finops.deferred import numpy as np
from finops.evaluate.forecasting.history import amounts_of, as_decimal, as_series
from finops.evaluate.forecasting.recurring import Charge, recurring
from finops.evaluate.judgement.group_data import GroupData
from finops.model.money import EXACT, quantise
from finops.model.period import Period
from finops.model.wording import amount_text

_BEFORE = timedelta(days=62)
"""So many days before the earlier window are looked at: a charge of the month before pays for its first days."""
FEWEST_DAYS = 42
_DAY = timedelta(days=1)


def charges_needed(days: Period) -> Period:
    """``days``, and those before them whose charges may pay for them."""
    return Period(days.start - _BEFORE, days.end)


def spread_charges(data: GroupData, currency: str) -> tuple[GroupData, tuple[str, ...]]:
    """The same facts in ``currency``, each charge spread evenly from its day to the day before it is due again, and a
    note on each. No amount is added or lost, but for what the newest charge pays for after the last settled day.

    Raises ``Unknowable`` where a rate is missing.
    """
    last = data.settled_through
    days = [day for day in data.daily if last is not None and day <= last]
    if last is None or not days or (last - min(days)).days < FEWEST_DAYS:
        return data, ()
    _, amounts = amounts_of(data, currency, min(days))
    first = min(days)
    found = recurring(first, as_series(amounts, first, last))
    if not found.charges:
        return data, ()
    daily = {day: data.converted(day, currency) for day in data.daily}
    with localcontext(EXACT):
        for charge in found.charges:
            for place in np.flatnonzero(found.days & charge.due(first, len(found.days))).tolist():
                day = first + place * _DAY
                amount = as_decimal(float(found.amounts[place]))
                daily[day] -= amount
                for paid, part in _parts(charge, day, amount):
                    if paid <= last:
                        daily[paid] = daily.get(paid, Decimal(0)) + part
    notes = [
        f"spread over the days until the next: {amount_text(as_decimal(one.amount), currency)} {one.text}"
        for one in found.charges
    ]
    return replace(data, daily={day: {currency: amount} for day, amount in sorted(daily.items())}), tuple(notes)


def _parts(charge: Charge, day: date, amount: Decimal) -> Iterator[tuple[date, Decimal]]:
    ahead = charge.due(day + _DAY, 62)
    count = int(np.argmax(ahead)) + 1
    even = quantise(amount / count)
    for at in range(count):
        yield day + at * _DAY, even if at else amount - even * (count - 1)
