"""What every target costs a day, in this process: each cell is added to a place of its own in an array, exactly.

It gives what the plan of ``finops.evaluate.aggregation.sum_plan`` gives, which other engines run, without a join or a
``group_by``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from finops.deferred import numpy as np
from finops.evaluate.array_kernel.assignment import Batch, Layer, Pairs, ranges
from finops.evaluate.array_kernel.day_numbers import NEVER, day_number
from finops.evaluate.array_kernel.distinct import Numbers, Tuples
from finops.evaluate.array_kernel.exact_sums import SplitAmounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_PLACES = 2**25
"""Of one array: a quarter of a gigabyte."""
_AT_ONCE = 2**22
"""Numbers that are added up in one step."""


def add_up(cells: pl.DataFrame, on: str, batches: Sequence[Batch], costs: Sequence[str]) -> pl.DataFrame | None:
    """``target``, ``day``, ``currency``, costs.

    ``cells``: ``on`` (Int64), ``day``, ``currency``, costs, in any order; quickest where equal values of ``on`` stand
    together. None where integers of 64 bits, or the memory of some arrays, would not do.
    """
    none = cells.clear().select(pl.lit(0, pl.Int64).alias("target"), "day", "currency", *costs)
    if cells.is_empty():
        return none
    amounts = [SplitAmounts.of(cells[cost]) for cost in costs]
    known = [part for part in amounts if part is not None]
    if len(known) < len(amounts):
        return None
    adding = _Adding(_Cells.of(cells, on), known)
    kinds = {cost: cells[cost].dtype for cost in costs}
    found = [none]
    try:
        for batch in batches:
            of_batch = [_frame(sums, adding, kinds) for sums in adding.of_batch(batch)]
            found += [frame.with_columns(pl.col("target") + batch.base) for frame in of_batch]
    except _TooLarge:
        return None
    return pl.concat(found)


def _frame(sums: _Sums, adding: _Adding, costs: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Days that had a cell, from the first that counts."""
    counts = sums.table.present & (adding.cells.days >= sums.first[:, None])
    row, column = np.nonzero(counts)
    amounts = zip(costs.items(), adding.amounts, sums.table.parts, strict=True)
    return pl.DataFrame(
        [
            pl.Series("target", sums.targets[row]),
            *adding.cells.columns[column],
            *(own.sums(high[counts], low[counts]).cast(kind).alias(cost) for (cost, kind), own, (high, low) in amounts),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """Runs of cells with the same ``on``. ``column``: of each cell, the place of its day and currency in
    ``columns``. ``days``: aligned with these, as ``day_number`` has them."""

    ids: Numbers
    starts: Numbers
    lengths: Numbers
    column: Numbers
    columns: pl.DataFrame
    days: Numbers

    @classmethod
    def of(cls, cells: pl.DataFrame, on: str) -> _Cells:
        ids = cells[on].to_numpy()
        starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
        columns = Tuples(cells).distinct(("day", "currency"))
        numbers = np.array([day_number(day) for day in columns.frame["day"]], np.int64)
        return cls(ids[starts], starts, np.diff(starts, append=len(ids)), columns.tuple_of, columns.frame, numbers)

    @property
    def width(self) -> int:
        return self.columns.height

    def rows_in(self, ids: Numbers) -> Numbers:
        """The place in ``ids`` of each run, their number for one that is not there."""
        order = None if bool((ids[1:] > ids[:-1]).all()) else np.argsort(ids, kind="stable")
        in_order = ids if order is None else ids[order]
        place = np.searchsorted(in_order, self.ids)
        place[place == len(ids)] = 0
        found = in_order[place] == self.ids if len(ids) else np.zeros(len(place), bool)
        return np.where(found, place if order is None else order[place], len(ids))


@dataclass(frozen=True, slots=True)
class _Table:
    """A column for each day and currency: of each cost the two parts, and whether there was a cell at all."""

    present: NDArray[np.bool_]
    parts: Sequence[tuple[Numbers, Numbers]]

    @classmethod
    def empty(cls, rows: int, width: int, costs: int) -> _Table:
        parts = [(np.zeros((rows, width), np.int64), np.zeros((rows, width), np.int64)) for _ in range(costs)]
        return cls(np.zeros((rows, width), bool), parts)

    def add(self, place: Numbers, amounts: Sequence[SplitAmounts], cells: Numbers | slice) -> None:
        """``cells`` of ``amounts`` to these places, counted row after row."""
        self.present.reshape(-1)[place] = True
        for (high, low), own in zip(self.parts, amounts, strict=True):
            np.add.at(high.reshape(-1), place, own.high[cells])
            np.add.at(low.reshape(-1), place, own.low[cells])

    def of_targets(self, pairs: Pairs, targets: Numbers, start: Numbers) -> _Table:
        """Rows added up: those of ``pairs`` from ``start`` on are those of a target."""
        width = self.present.shape[1]
        found = _Table.empty(len(targets), width, len(self.parts))
        ends = np.append(start[1:], len(pairs.on))
        done = 0
        while done < len(targets):
            most = start[done] + max(1, _AT_ONCE // width)
            until = max(done + 1, int(np.searchsorted(ends, most, side="right")))
            rows, own = pairs.on[start[done] : ends[until - 1]], start[done:until] - start[done]
            np.logical_or.reduceat(self.present[rows], own, axis=0, out=found.present[done:until])
            for into, of in zip(found.parts, self.parts, strict=True):
                for total, part in zip(into, of, strict=True):
                    np.add.reduceat(part[rows], own, axis=0, out=total[done:until])
            done = until
        return found


@dataclass(frozen=True, slots=True)
class _Sums:
    """``table``: a row for each of ``targets``. ``first``: the first day that counts of each."""

    targets: Numbers
    first: Numbers
    table: _Table


@dataclass(frozen=True, slots=True)
class _Adding:
    cells: _Cells
    amounts: Sequence[SplitAmounts]

    def of_batch(self, batch: Batch) -> Iterator[_Sums]:
        """Raises ``_TooLarge``."""
        chosen = batch.chosen
        rows = self.cells.rows_in(chosen.ids.to_numpy())
        if len(chosen.direct.on):
            yield self._direct(chosen.direct, rows)
        for layer in chosen.layers:
            if bool((layer.pairs.first < NEVER).any()):
                yield self._layer(layer, rows)

    def _layer(self, layer: Layer, rows: Numbers) -> _Sums:
        """Every cell is looked at once: it belongs to one tuple. Then tuples are added to targets."""
        targets, start = np.unique(layer.pairs.target, return_index=True)
        table = self._table(layer.count + 1)  # the last row is of cells that nobody asks for
        tuples = np.append(layer.tuple_of, layer.count)[rows]
        place = np.repeat(tuples * self.cells.width, self.cells.lengths)
        place += self.cells.column
        table.add(place, self.amounts, slice(None))
        self._table_fits(len(targets))
        return _Sums(targets, layer.pairs.first[start], table.of_targets(layer.pairs, targets, start))

    def _direct(self, pairs: Pairs, rows: Numbers) -> _Sums:
        """Each pair looks at its own cells."""
        cells = self.cells
        targets, start, number = np.unique(pairs.target, return_index=True, return_inverse=True)
        table = self._table(len(targets))
        by_row = np.argsort(rows, kind="stable")
        begin = np.searchsorted(rows[by_row], pairs.on)
        count = np.searchsorted(rows[by_row], pairs.on, side="right") - begin
        runs, of = by_row[ranges(begin, count)], np.repeat(number, count)
        part = np.cumsum(cells.lengths[runs]) // _AT_ONCE
        for mine in np.split(np.arange(len(runs)), np.flatnonzero(np.diff(part)) + 1):
            lengths = cells.lengths[runs[mine]]
            own = ranges(cells.starts[runs[mine]], lengths)
            place = np.repeat(of[mine] * cells.width, lengths)
            place += cells.column[own]
            table.add(place, self.amounts, own)
        return _Sums(targets, pairs.first[start], table)

    def _table(self, rows: int) -> _Table:
        self._table_fits(rows)
        return _Table.empty(rows, self.cells.width, len(self.amounts))

    def _table_fits(self, rows: int) -> None:
        if rows * self.cells.width > _MOST_PLACES:
            raise _TooLarge


class _TooLarge(Exception):
    """Never leaves this file."""
