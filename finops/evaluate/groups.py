"""The groups of a selection: who delivers them, whether they live, and what each part of them costs a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from finops.model.money import EXACT

Values = tuple[str, ...]
GroupKey = tuple[str, ...]
"""Values of ``group_by`` in its order; no value is the empty text."""

Series = dict[date, dict[str, Decimal]]
"""day -> currency -> cost, in the order of days."""


@dataclass(slots=True)
class Group:
    """``targets``: the numbers that its sums have. ``sources``: of its scopes. ``parts``: cost -> values of
    ``split_by`` -> daily sums, of days to come too where a bill has them already. ``seen``: see ``Facts``."""

    targets: list[int] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    parts: dict[str, dict[Values, Series]] = field(default_factory=dict)
    seen: bool = False

    def days_within(self, after: date, last: date) -> bool:
        """Whether a day has a row."""
        for by_values in self.parts.values():
            for series in by_values.values():
                newest = next(reversed(series))
                if after < newest <= last or (newest > last and any(after < day <= last for day in series)):
                    return True
        return False


def series_of(sums: pl.DataFrame, costs: Sequence[str]) -> Iterator[tuple[int, dict[str, Series]]]:
    """Each target with its series by cost. ``sums``: ``target``, ``day``, ``currency``, costs; by target and day."""
    days, currencies = sums["day"].to_list(), sums["currency"].to_list()
    # through text: four times as fast as polars' own way to a Decimal
    amounts = [(cost, [Decimal(text) for text in sums[cost].cast(pl.String).to_list()]) for cost in costs]
    spans = sums["target"].rle().struct
    end = 0
    for length, target in zip(spans.field("len").to_list(), spans.field("value").to_list(), strict=True):
        start, end = end, end + length
        found = {}
        for cost, of_cost in amounts:
            series: Series = {}
            for at in range(start, end):
                of_day = series.setdefault(days[at], {})
                currency = currencies[at]
                of_day[currency] = EXACT.add(of_day[currency], of_cost[at]) if currency in of_day else of_cost[at]
            found[cost] = series
        yield target, found


def added(parts: Sequence[Series]) -> Series:
    """The sums of all of them, by day. One alone is handed on as it is."""
    if len(parts) == 1:
        return parts[0]
    total: Series = {}
    for series in parts:
        for day, of_day in series.items():
            into = total.setdefault(day, {})
            for currency, amount in of_day.items():
                into[currency] = EXACT.add(into[currency], amount) if currency in into else amount
    return {day: total[day] for day in sorted(total)}


def replaced(series: Mapping[date, dict[str, Decimal]], first: date, last: date, new: Series) -> Series:
    """``series`` with the days from ``first`` through ``last`` as ``new`` has them."""
    before = {day: of_day for day, of_day in series.items() if day < first}
    after = {day: of_day for day, of_day in series.items() if day > last}
    return {**before, **new, **after}
