"""Which scopes belong to which selection and group: every condition is looked at once for each distinct tuple of the
columns that it names, not once a scope."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from finops.evaluate.selection import Selection
from finops.evaluate.summing import day_number
from finops.evaluate.tuples import Distinct, Tuples

Values = tuple[str, ...]
Numbers = NDArray[np.int64]

_ONCE = 1.5
"""Selections over the same columns that together look at their scopes more often than this are summed up by those
columns first: then each scope is looked at once for all of them."""

_PAIRS = pl.Schema({"on": pl.Int64(), "target": pl.Int64(), "first": pl.Int64()})


@dataclass(frozen=True, slots=True)
class Together:
    """Selections that name the same ``columns``, at ``places``. ``once``: their scopes are summed up once for all of
    them, by ``tuples`` distinct tuples; otherwise each sums its own."""

    columns: tuple[str, ...]
    places: tuple[int, ...]
    tuples: int
    once: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A *target* is one part of one group of one selection.

    ``who``: ``target``, ``source``, ``seen``: each target's sources. ``over_cells``: ``on``, ``target``, ``first`` (see
    ``finops.evaluate.summing``); targets from ``count`` on are tuples that several selections share, and
    ``over_tuples`` leads from those to targets in the same form.
    """

    count: int
    who: pl.DataFrame
    over_cells: pl.DataFrame
    over_tuples: pl.DataFrame
    together: tuple[Together, ...]
    spans: Sequence[tuple[int, int, Sequence[tuple[Values, Values]]]]

    def named(self, target: int) -> tuple[int, Values, Values]:
        """The place of the target's selection, its values of ``group_by`` and of ``split_by``."""
        start, place, names = self.spans[bisect_right(self.spans, target, key=lambda span: span[0]) - 1]
        return place, *names[target - start]

    def sources(self) -> Iterator[tuple[int, Values, str, bool]]:
        """The place of a selection, a group of it, a source of the group, and whether it was seen there."""
        for target, source, seen in self.who.iter_rows():
            place, key, _ = self.named(target)
            yield place, key, source, seen


def choose(scopes: pl.DataFrame, selections: Mapping[int, Selection], first: Sequence[date | None]) -> Chosen:
    """``scopes``: ``on`` (Int64), ``source``, ``seen`` (Boolean), every column of ``selections`` (by place).
    ``first``: of each place, the first day that is summed; None: no day."""
    sets: dict[tuple[str, ...], list[int]] = {}
    for place, selection in selections.items():
        sets.setdefault(tuple(sorted(selection.columns | {"source"})), []).append(place)
    tuples = Tuples(scopes)
    choice = _Choice(scopes["on"])
    for columns, places in sets.items():
        choice.add(tuples.distinct(columns), columns, {place: selections[place] for place in places}, first)
    return choice.made()


class _Choice:
    """Grows by one set of columns after another."""

    def __init__(self, ids: pl.Series) -> None:
        self._ids = ids
        self._count = 0
        self._tuples = 0
        self._spans: list[tuple[int, int, Sequence[tuple[Values, Values]]]] = []
        self._who: list[pl.DataFrame] = [pl.DataFrame(schema={"target": pl.Int64, "source": pl.String, "seen": bool})]
        self._direct: list[pl.DataFrame] = [pl.DataFrame(schema=_PAIRS)]
        self._shared: list[pl.DataFrame] = [pl.DataFrame(schema=_PAIRS)]
        self._over_tuples: list[pl.DataFrame] = [pl.DataFrame(schema=_PAIRS)]
        self._together: list[Together] = []

    def add(
        self,
        distinct: Distinct,
        columns: tuple[str, ...],
        selections: Mapping[int, Selection],
        first: Sequence[date | None],
    ) -> None:
        if distinct.frame.is_empty():
            return
        held = _held(distinct.frame, selections)
        shapes = {(selection.group_by, selection.split_by) for selection in selections.values()}
        groups = {shape: _groups(distinct.frame, *shape) for shape in shapes}
        targets, days = [], []
        for place, selection in selections.items():
            numbers, names = groups[selection.group_by, selection.split_by]
            self._spans.append((self._count, place, names))
            targets.append(self._count + numbers[held[place]])
            self._count += len(names)
            start = first[place]
            days.append(np.full(len(held[place]), -1 if start is None else day_number(start), np.int64))
        chosen = pl.DataFrame(
            {
                "tuple": np.concatenate([held[place] for place in selections]),
                "target": np.concatenate(targets),
                "first": np.concatenate(days),
            }
        )
        self._note(chosen, distinct)
        summed = chosen.filter(pl.col("first") >= 0)
        once = self._pair(summed, distinct)
        self._together.append(Together(columns, tuple(selections), distinct.frame.height, once))

    def _note(self, chosen: pl.DataFrame, distinct: Distinct) -> None:
        sources = distinct.frame["source"].unique(maintain_order=True)
        numbers = distinct.frame["source"].replace_strict(sources, pl.int_range(len(sources), eager=True))
        of = chosen["tuple"]
        found = (
            pl.DataFrame({"target": chosen["target"], "source": numbers[of], "seen": distinct.seen[of]})
            .with_columns(pl.col("target") * len(sources) + pl.col("source"))
            .group_by("target")
            .agg(pl.col("seen").any())
            .sort("target")
        )
        self._who.append(
            found.select(
                pl.col("target") // len(sources),
                sources.gather(found["target"] % len(sources)).alias("source"),
                "seen",
            )
        )

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
            who=pl.concat(self._who),
            over_cells=pl.concat([*self._direct, *(part.with_columns(behind) for part in self._shared)]),
            over_tuples=pl.concat(self._over_tuples).with_columns(pl.col("on") + self._count),
            together=tuple(self._together),
            spans=self._spans,
        )


def _held(frame: pl.DataFrame, selections: Mapping[int, Selection]) -> dict[int, Numbers]:
    """The tuples that each selection takes."""
    conditions = {
        str(place): selection.condition.expression()
        for place, selection in selections.items()
        if selection.condition is not None
    }
    masks = frame.select(**conditions) if conditions else pl.DataFrame()
    everything = np.arange(frame.height, dtype=np.int64)
    return {
        place: masks[str(place)].arg_true().to_numpy().astype(np.int64) if str(place) in conditions else everything
        for place in selections
    }


def _groups(frame: pl.DataFrame, group_by: Values, split_by: Values) -> tuple[Numbers, list[tuple[Values, Values]]]:
    """The number of each tuple's group and part, and their values; no value is the empty text."""
    keys = [*dict.fromkeys((*group_by, *split_by))]
    if not keys:
        return np.zeros(frame.height, np.int64), [((), ())]
    filled = frame.select(pl.col(name).fill_null("") for name in keys)
    names = filled.unique(maintain_order=True).with_row_index("number")
    numbers = filled.join(names, on=keys, how="left", maintain_order="left")["number"]
    of = [
        (tuple(row[name] for name in group_by), tuple(row[name] for name in split_by))
        for row in names.iter_rows(named=True)
    ]
    return numbers.cast(pl.Int64).to_numpy(), of
