"""Which scopes belong to which selection and group: every condition is looked at once for each distinct tuple of the
columns that it names, not once a scope."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from finops.deferred import numpy as np
from finops.evaluate.array_kernel.day_numbers import NEVER, day_number
from finops.evaluate.array_kernel.distinct import Distinct, Numbers, Tuples
from finops.evaluate.selection import Selection, Values

Name = tuple[Values, Values, str]
"""Group, part, source."""

TUPLES = 2**30
"""Numbers from here on are tuples that several selections share, not targets."""

_ONCE = 1 / 8
"""Selections over the same columns that together look at more than this share of all scopes, counted as often as they
are looked at, are summed up by those columns first: then each scope is looked at once for all of them. Looking at
single scopes of a few costs eight times as much as going through all."""


@dataclass(frozen=True, slots=True)
class SharedSelections:
    """Selections that name the same ``columns``. ``once``: their scopes are summed up once for all of them, by
    ``tuples`` distinct tuples; otherwise each sums its own."""

    columns: tuple[str, ...]
    selections: tuple[Selection, ...]
    tuples: int
    once: bool


@dataclass(frozen=True, slots=True)
class Target:
    """One part of one group of one selection, of one source."""

    selection: Selection
    key: Values
    part: Values
    source: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """``on`` belongs to ``target``, whose days count from ``first`` (see ``sum_plan``): three aligned columns, by
    target."""

    on: Numbers
    target: Numbers
    first: Numbers

    @classmethod
    def of(cls, on: Sequence[Numbers], target: Sequence[Numbers], first: Sequence[Numbers]) -> Pairs:
        none = np.zeros(0, np.int64)
        targets = np.concatenate([none, *target])
        order = np.argsort(targets, kind="stable")
        return cls(np.concatenate([none, *on])[order], targets[order], np.concatenate([none, *first])[order])

    def frame(self) -> pl.DataFrame:
        return pl.DataFrame({"on": self.on, "target": self.target, "first": self.first})


@dataclass(frozen=True, slots=True)
class Layer:
    """Scopes that are summed up once for several selections. ``tuple_of``: aligned with the scopes, the tuple of each,
    ``count`` where no selection takes it. ``pairs``: tuple and target."""

    tuple_of: Numbers
    count: int
    pairs: Pairs

    @property
    def firsts(self) -> Numbers:
        """The first day of each tuple."""
        firsts = np.full(self.count, NEVER, np.int64)
        np.minimum.at(firsts, self.pairs.on, self.pairs.first)
        return firsts


@dataclass(frozen=True, slots=True)
class Assignment:
    """``held``: the numbers of the targets that some scope belongs to, ascending; all are below ``count``.

    ``ids``: the scopes, as ``on`` has them. ``direct``: place in ``ids`` and target, where each selection sums its own
    scopes; ``layers``: of the others.
    """

    count: int
    held: Numbers
    ids: pl.Series
    direct: Pairs
    layers: tuple[Layer, ...]
    shared: tuple[SharedSelections, ...]
    spans: Sequence[tuple[int, Selection, Sequence[Name]]]

    def named(self, number: int) -> Target:
        start, selection, names = self.spans[bisect_right(self.spans, number, key=lambda span: span[0]) - 1]
        return Target(selection, *names[number - start])

    def targets_of(self, ids: pl.Series) -> set[int]:
        """The targets that one of these scopes belongs to."""
        asked = self.ids.is_in(ids.implode()).to_numpy()
        found = set(self.direct.target[asked[self.direct.on]].tolist())
        for layer in self.layers:
            taken = np.zeros(layer.count + 1, bool)
            taken[layer.tuple_of[asked]] = True
            found.update(layer.pairs.target[taken[layer.pairs.on]].tolist())
        return found

    def over_cells(self) -> pl.DataFrame:
        """``on``, ``target``, ``first``, for a join with cells; targets from ``count`` on are tuples."""
        parts = [self.direct.frame().with_columns(self.ids.gather(self.direct.on).alias("on"))]
        start = self.count
        for layer in self.layers:
            taken = np.flatnonzero(layer.tuple_of < layer.count)
            tuples = layer.tuple_of[taken]
            of_layer = {"on": self.ids.gather(taken), "target": tuples + start, "first": layer.firsts[tuples]}
            parts.append(pl.DataFrame(of_layer))
            start += layer.count
        return pl.concat(parts)

    def over_tuples(self) -> pl.DataFrame:
        """The same from those tuples to targets."""
        parts, start = [Pairs.of([], [], []).frame()], self.count
        for layer in self.layers:
            parts.append(layer.pairs.frame().with_columns(pl.col("on") + start))
            start += layer.count
        return pl.concat(parts)

    @property
    def tuples(self) -> int:
        return sum(layer.count for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Batch:
    """One choice, whose targets are numbered from ``base`` on and whose tuples from ``tuples`` on."""

    chosen: Assignment
    base: int
    tuples: int

    @classmethod
    def after(cls, batches: Sequence[Batch], chosen: Assignment) -> Batch:
        if not batches:
            return cls(chosen, 0, TUPLES)
        last = batches[-1]
        return cls(chosen, last.base + last.chosen.count, last.tuples + last.chosen.tuples)

    def named(self, target: int) -> Target:
        return self.chosen.named(target - self.base)

    def over_cells(self) -> pl.DataFrame:
        number, count = pl.col("target"), self.chosen.count
        own = pl.when(number < count).then(number + self.base).otherwise(number - count + self.tuples)
        return self.chosen.over_cells().with_columns(own.alias("target"))

    def over_tuples(self) -> pl.DataFrame:
        return self.chosen.over_tuples().select(
            pl.col("on") - self.chosen.count + self.tuples, pl.col("target") + self.base, "first"
        )


def assign(scopes: pl.DataFrame, selections: Mapping[Selection, date | None]) -> Assignment:
    """``scopes``: ``on`` (Int64), ``source``, every column of ``selections``, which say the first day that is summed;
    None: no day."""
    sets: dict[tuple[str, ...], list[Selection]] = {}
    for selection in selections:
        sets.setdefault(tuple(sorted(selection.columns | {"source"})), []).append(selection)
    tuples = Tuples(scopes)
    choice = _Choice(scopes["on"])
    for columns, together in sets.items():
        choice.add(tuples.distinct(columns), columns, {selection: selections[selection] for selection in together})
    return choice.made()


class _Choice:
    """Grows by one set of columns after another."""

    def __init__(self, ids: pl.Series) -> None:
        self._ids = ids
        self._count = 0
        self._spans: list[tuple[int, Selection, Sequence[Name]]] = []
        self._held: list[Numbers] = [np.zeros(0, np.int64)]
        self._direct: list[tuple[Numbers, Numbers, Numbers]] = []
        self._layers: list[Layer] = []
        self._shared: list[SharedSelections] = []

    def add(self, distinct: Distinct, columns: tuple[str, ...], selections: Mapping[Selection, date | None]) -> None:
        if distinct.frame.is_empty():
            return
        held = _held(distinct.frame, list(selections))
        shapes = {(selection.group_by, selection.split_by) for selection in selections}
        groups = {shape: _groups(distinct.frame, *shape) for shape in shapes}
        targets, days = [], []
        for place, (selection, first) in enumerate(selections.items()):
            numbers, names = groups[selection.group_by, selection.split_by]
            self._spans.append((self._count, selection, names))
            targets.append(self._count + numbers[held[place]])
            self._held.append(np.unique(targets[-1]))
            self._count += len(names)
            days.append(np.full(len(held[place]), NEVER if first is None else day_number(first), np.int64))
        once = self._pair(distinct, Pairs.of(held, targets, days))
        self._shared.append(SharedSelections(columns, tuple(selections), distinct.frame.height, once))

    def _pair(self, distinct: Distinct, pairs: Pairs) -> bool:
        """``pairs``: of tuples and targets."""
        height = distinct.frame.height
        sizes = np.bincount(distinct.tuple_of, minlength=height)
        used = np.zeros(height, bool)
        used[pairs.on] = True
        once = int(sizes[pairs.on].sum()) > _ONCE * len(distinct.tuple_of)
        if once:
            count = int(used.sum())
            number = np.full(height, count, np.int64)
            number[used] = np.arange(count)
            own = Pairs(number[pairs.on], pairs.target, pairs.first)
            self._layers.append(Layer(number[distinct.tuple_of], count, own))
        else:
            rows = np.argsort(distinct.tuple_of, kind="stable")
            starts = np.cumsum(sizes) - sizes
            lengths = sizes[pairs.on]
            of = rows[ranges(starts[pairs.on], lengths)]
            self._direct.append((of, np.repeat(pairs.target, lengths), np.repeat(pairs.first, lengths)))
        return once

    def made(self) -> Assignment:
        direct = list(zip(*self._direct, strict=True)) or [(), (), ()]
        return Assignment(
            count=self._count,
            held=np.concatenate(self._held),
            ids=self._ids,
            direct=Pairs.of(*direct),
            layers=tuple(self._layers),
            shared=tuple(self._shared),
            spans=self._spans,
        )


def ranges(starts: Numbers, lengths: Numbers) -> Numbers:
    """``starts[0]``, ``starts[0] + 1`` …, as many as ``lengths[0]`` says; then those of the next."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def _held(frame: pl.DataFrame, selections: Sequence[Selection]) -> list[Numbers]:
    """The tuples that each selection takes."""
    conditions = {
        str(place): selection.condition.expression().fill_null(value=False)
        for place, selection in enumerate(selections)
        if selection.condition is not None
    }
    masks = frame.select(**conditions) if conditions else pl.DataFrame()
    everything = np.arange(frame.height, dtype=np.int64)
    return [
        np.flatnonzero(masks[str(place)].to_numpy()) if str(place) in conditions else everything
        for place in range(len(selections))
    ]


def _groups(frame: pl.DataFrame, group_by: Values, split_by: Values) -> tuple[Numbers, list[Name]]:
    """The number of each tuple's group, part and source, and their values; no value is the empty text."""
    keys = [*dict.fromkeys((*group_by, *split_by, "source"))]
    filled = frame.select(pl.col(name).fill_null("") for name in keys)
    names = filled.unique(maintain_order=True).with_row_index("number")
    numbers = filled.join(names, on=keys, how="left", maintain_order="left")["number"]
    of = [
        (tuple(row[name] for name in group_by), tuple(row[name] for name in split_by), str(row["source"]))
        for row in names.iter_rows(named=True)
    ]
    return numbers.cast(pl.Int64).to_numpy(), of
