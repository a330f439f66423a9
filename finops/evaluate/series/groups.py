"""The groups of a selection: who delivers them, whether they live, and what each part of them costs a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from finops.deferred import numpy as np
from finops.evaluate.array_kernel.distinct import Distinct, Numbers, Tuples
from finops.evaluate.array_kernel.exact_sums import split
from finops.evaluate.selection import Values
from finops.evaluate.series.daily_sums import NOTHING, CurrencySums, DailySums, added, running_sums
from finops.model.period import Period

if TYPE_CHECKING:
    from numpy.typing import NDArray

GroupKey = tuple[str, ...]
"""Values of ``group_by`` in its order; no value is the empty text."""

PartSums = dict[str, dict[Values, DailySums]]
"""Cost -> values of ``split_by`` -> daily sums."""

LOOK_BACK = timedelta(days=366)
"""A scope or group without any row for longer than this is forgotten: nobody knows whether it still means anything."""

_MOST_CUTS = 8
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Group:
    """``targets``: the numbers that its sums have. ``sources``: of its scopes. ``parts``: of days to come too where a
    bill has them already. ``seen``: see ``GroupData``."""

    targets: list[int] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    parts: PartSums = field(default_factory=dict)
    seen: bool = False
    _cuts: dict[tuple[Period, tuple[str, ...]], tuple[DailySums, PartSums]] = field(default_factory=dict)

    def put(self, cost: str, part: Values, sums: DailySums) -> None:
        of_cost = self.parts.setdefault(cost, {})
        if of_cost.get(part) is sums:
            return
        self._cuts = {}
        if sums:
            of_cost[part] = sums
        else:
            of_cost.pop(part, None)

    def within(self, window: Period, costs: tuple[str, ...]) -> tuple[DailySums, PartSums]:
        """Daily sums of the first of ``costs``, and the parts of each. The same objects as long as nothing was put."""
        asked = window, costs
        if asked not in self._cuts:
            if len(self._cuts) >= _MOST_CUTS:  # days go by
                self._cuts = {}
            self._cuts[asked] = self._cut(window, costs)
        return self._cuts[asked]

    def _cut(self, window: Period, costs: tuple[str, ...]) -> tuple[DailySums, PartSums]:
        cut = {
            cost: {
                values: inside for values, part in self.parts.get(cost, {}).items() if (inside := part.within(window))
            }
            for cost in costs
        }
        first = list(cut[costs[0]].values())
        return added(first) if first else NOTHING, {cost: parts for cost, parts in cut.items() if parts}

    def days_within(self, after: date, last: date) -> bool:
        """Whether a day has a row."""
        return any(part.has_day(after, last) for by_values in self.parts.values() for part in by_values.values())


def sums_of(sums: pl.DataFrame, owner: Numbers, costs: Sequence[str]) -> Iterator[tuple[int, dict[str, DailySums]]]:
    """Each owner with its daily sums by cost. ``sums``: ``day``, ``currency``, costs, in any order; ``owner``: of each
    row, a number from 0."""
    if sums.is_empty():
        return
    keys = sums.select(pl.Series("owner", owner), "currency", "day")
    distinct = Tuples(keys).distinct(("owner", "currency", "day"))
    names = distinct.frame
    days = names["day"].to_physical().cast(pl.Int64).to_numpy() + _EPOCH
    running = {cost: [running_sums(_per_day(part, distinct)) for part in split(sums[cost])] for cost in costs}
    owners, currencies = names["owner"].to_numpy(), names["currency"]
    other = (currencies[1:] != currencies[:-1]).to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], (owners[1:] != owners[:-1]) | other])).tolist()
    ends = [*starts[1:], names.height]
    found: dict[int, dict[str, dict[str, CurrencySums]]] = {}
    labels = zip(owners[starts].tolist(), currencies.gather(starts).to_list(), strict=True)
    for start, end, (of, currency) in zip(starts, ends, labels, strict=True):
        by_cost = found.setdefault(of, {cost: {} for cost in costs})
        for cost, (high, low) in running.items():
            by_cost[cost][currency] = CurrencySums(days[start:end], high[start : end + 1], low[start : end + 1])
    for of, by_cost in found.items():
        yield of, {cost: DailySums(lines) for cost, lines in by_cost.items()}


def _per_day(part: NDArray[Any], distinct: Distinct) -> NDArray[Any]:
    amounts = np.zeros(distinct.frame.height, part.dtype)
    np.add.at(amounts, distinct.tuple_of, part)
    return amounts
