"""Demand series, as far as they concern a group."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from itertools import combinations

import polars as pl

from finops.model.finding import Group
from finops.model.money import EXACT
from finops.ports.lake import LakeView

Row = tuple[date, Mapping[str, str], Decimal]
Values = frozenset[tuple[str, str]]
"""Dimensions, each with its value."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Every row of the series that some policy needs, by name."""

    rows: Mapping[str, tuple[Row, ...]]
    _dimensions: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _places: dict[object, dict[Values, list[int]]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _series: dict[object, dict[date, Decimal]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, names: Collection[str], group: Group) -> dict[str, dict[date, Decimal]]:
        """Series by day: a row with a dimension that the group has counts only where the values are the same; a row
        without it counts for every group. A day without a counting row is missing, not zero."""
        return {name: self._of(name, group) for name in sorted(names)}

    def _of(self, name: str, group: Group) -> dict[date, Decimal]:
        """Groups that agree in the dimensions of a series, on whatever day they are judged, share what it says."""
        rows = self.rows.get(name, ())
        if name not in self._dimensions:
            self._dimensions[name] = frozenset(dimension for _, dimensions, _ in rows for dimension in dimensions)
        shared = self._dimensions[name].intersection(group)
        wanted = frozenset((own, group[own]) for own in shared)
        if (name, wanted) not in self._series:
            if (name, shared) not in self._places:
                self._places[name, shared] = _places(rows, shared)
            self._series[name, wanted] = _by_day(rows, self._places[name, shared], wanted)
        return self._series[name, wanted]


def read_demand(view: LakeView, names: Collection[str]) -> Demand:
    """The series called ``names``; one that the lake does not have is empty."""
    if not names:
        return Demand({})
    names = {name for name in names if not view.faults.of_demand(name)}
    frame = view.demand().filter(pl.col("name").is_in(sorted(names))).select("name", "day", "dimensions", "value")
    rows: dict[str, list[Row]] = {}
    for name, day, dimensions, value in frame.collect().iter_rows():
        rows.setdefault(name, []).append((day, json.loads(dimensions or "{}"), value))
    return Demand({name: tuple(found) for name, found in rows.items()})


def _places(rows: Sequence[Row], shared: Collection[str]) -> dict[Values, list[int]]:
    """Where the rows with the same values of ``shared`` stand; read once for all groups."""
    places: dict[Values, list[int]] = {}
    for place, (_, dimensions, _) in enumerate(rows):
        own = frozenset((name, value) for name, value in dimensions.items() if name in shared)
        places.setdefault(own, []).append(place)
    return places


def _by_day(rows: Sequence[Row], places: Mapping[Values, Sequence[int]], wanted: Values) -> dict[date, Decimal]:
    counting = (frozenset(some) for count in range(len(wanted) + 1) for some in combinations(wanted, count))
    days: dict[date, Decimal] = {}
    with localcontext(EXACT):
        for place in sorted(place for own in counting for place in places.get(own, ())):
            day, _, value = rows[place]
            days[day] = days.get(day, Decimal(0)) + value
    return days
