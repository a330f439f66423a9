"""Which scopes belong to which selection and group: every condition is looked at once for each distinct tuple of the
columns that it names, not once a scope."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from finops.evaluate.selection import Selection
from finops.evaluate.summing import NEVER, day_number
from finops.evaluate.tuples import Distinct, Tuples

Values = tuple[str, ...]
Name = tuple[Values, Values, str]
"""Group, part, source."""

Numbers = NDArray[np.int64]

_ONCE = 1.5
"""Selections over the same columns that together look at their scopes more often than this are summed up by those
columns first: then each scope is looked at once for all of them."""

_PAIRS = pl.Schema({"on": pl.Int64(), "target": pl.Int64(), "first": pl.Int64()})


@dataclass(frozen=True, slots=True)
class Together:
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
class Chosen:
    """``held``: the numbers of the targets that some scope belongs to, ascending.

    ``over_cells``: ``on``, ``target``, ``first`` (see ``finops.evaluate.summing``); targets from ``count`` on are
    tuples that several selections share, and ``over_tuples`` leads from those to targets in the same form.
    """

    count: int
    held: Numbers
    over_cells: pl.DataFrame
    over_tuples: pl.DataFrame
    together: tuple[Together, ...]
    spans: Sequence[tuple[int, Selection, Sequence[Name]]]

    def named(self, number: int) -> Target:
        start, selection, names = self.spans[bisect_right(self.spans, number, key=lambda span: span[0]) - 1]
        return Target(selection, *names[number - start])

    def targets_of(self, ids: pl.Series) -> set[int]:
        """The targets that one of these scopes belongs to."""
        direct = self.over_cells.filter(pl.col("on").is_in(ids.implode()))["target"].unique()
        tuples = direct.filter(direct >= self.count)
        shared = self.over_tuples.filter(pl.col("on").is_in(tuples.implode()))["target"].unique()
        return {*direct.filter(direct < self.count).to_list(), *shared.to_list()}


def choose(scopes: pl.DataFrame, selections: Mapping[Selection, date | None]) -> Chosen:
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
        self._tuples = 0
        self._spans: list[tuple[int, Selection, Sequence[Name]]] = []
        self._held: list[Numbers] = [np.zeros(0, np.int64)]
        self._direct: list[pl.DataFrame] = [pl.DataFrame(schema=_PAIRS)]
        self._shared: list[pl.DataFrame] = [pl.DataFrame(schema=_PAIRS)]
        self._over_tuples: list[pl.DataFrame] = [pl.DataFrame(schema=_PAIRS)]
        self._together: list[Together] = []

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
        chosen = pl.DataFrame(
            {"tuple": np.concatenate(held), "target": np.concatenate(targets), "first": np.concatenate(days)}
        )
        once = self._pair(chosen, distinct)
        self._together.append(Together(columns, tuple(selections), distinct.frame.height, once))

    def _pair(self, summed: pl.DataFrame, distinct: Distinct) -> bool:
        sizes = distinct.rows.list.len().cast(pl.Int64)
        of = summed["tuple"]
        used = summed.group_by("tuple").agg(pl.col("first").min()).sort("tuple")
        once = int(sizes[of].sum()) > _ONCE * int(sizes[used["tuple"]].sum())
        if not once:
            self._direct.append(self._scopes(summed["target"], summed["first"], distinct.rows[of]))
            return False
        own = used["tuple"] + self._tuples
        self._shared.append(self._scopes(own, used["first"], distinct.rows[used["tuple"]]))
        self._over_tuples.append(summed.select((pl.col("tuple") + self._tuples).alias("on"), "target", "first"))
        self._tuples += distinct.frame.height
        return True

    def _scopes(self, target: pl.Series, first: pl.Series, rows: pl.Series) -> pl.DataFrame:
        spread = pl.DataFrame({"row": rows, "target": target, "first": first}).explode("row", empty_as_null=False)
        return spread.select(self._ids[spread["row"]].alias("on"), "target", "first")

    def made(self) -> Chosen:
        behind = pl.col("target") + self._count
        return Chosen(
            count=self._count,
            held=np.concatenate(self._held),
            over_cells=pl.concat([*self._direct, *(part.with_columns(behind) for part in self._shared)]),
            over_tuples=pl.concat(self._over_tuples).with_columns(pl.col("on") + self._count),
            together=tuple(self._together),
            spans=self._spans,
        )


def _held(frame: pl.DataFrame, selections: Sequence[Selection]) -> list[Numbers]:
    """The tuples that each selection takes."""
    conditions = {
        str(place): selection.condition.expression()
        for place, selection in enumerate(selections)
        if selection.condition is not None
    }
    masks = frame.select(**conditions) if conditions else pl.DataFrame()
    everything = np.arange(frame.height, dtype=np.int64)
    return [
        masks[str(place)].arg_true().to_numpy().astype(np.int64) if str(place) in conditions else everything
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
