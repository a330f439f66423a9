"""Dated exchange rates. A missing rate is an error, never 1:1."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext

from finops.errors import MissingRate
from finops.model.money import EXACT, SCALE

LOOK_BACK_DAYS = 7
"""Banks publish no rate on weekends and holidays; the last published one stands, but not for longer than this."""

_FACTOR_QUANTUM = Decimal(1).scaleb(-SCALE)


@dataclass(frozen=True, slots=True)
class Rates:
    """``quotes[currency][day]`` is how many units of ``currency`` one unit of ``base`` buys on that day."""

    base: str
    quotes: Mapping[str, Mapping[date, Decimal]]
    digest: str = ""
    _days: dict[str, list[date]] = field(default_factory=dict, repr=False, compare=False)
    _factors: dict[tuple[date, str, str], Decimal] = field(default_factory=dict, repr=False, compare=False)

    def factor(self, day: date, source: str, target: str) -> Decimal:
        """What one unit of ``source`` is worth in ``target`` on ``day``, half-even at 15 digits.

        Raises ``MissingRate`` where neither the day nor the 7 days before it have a rate.
        """
        if source == target:
            return Decimal(1)
        asked = day, source, target
        if asked not in self._factors:  # every group of every policy asks for the same days
            if not self.base:
                raise MissingRate(
                    f"no rate from {source} to {target}: finops.yaml configures no exchange rates",
                    where="rates",
                    remedy="Add 'rates: {source: ecb-file, path: ./rates.csv}', the form of the ECB's reference rates",
                )
            with localcontext(EXACT):
                quotient = self._quote(day, target) / self._quote(day, source)
                self._factors[asked] = quotient.quantize(_FACTOR_QUANTUM)
        return self._factors[asked]

    def _quote(self, day: date, currency: str) -> Decimal:
        if currency == self.base:
            return Decimal(1)
        quotes = self.quotes.get(currency, {})
        days = self._days.setdefault(currency, sorted(quotes))
        position = bisect.bisect_right(days, day) - 1
        if position < 0 or day - days[position] > timedelta(days=LOOK_BACK_DAYS):
            raise MissingRate(
                f"no rate {self.base}/{currency} for {day} nor the {LOOK_BACK_DAYS} days before",
                where="rates",
                remedy=f"Add a rate of {currency} for that day to the rates file",
            )
        return quotes[days[position]]


NO_RATES = Rates(base="", quotes={}, digest="none")
"""Without a ``rates:`` entry every foreign currency is a missing rate."""
