"""Rows are counted and added up while they stream to their files, so that nobody reads these files for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from finops.lake.rollup.cells import Cells
from finops.lake.tables.measure import EMPTY, MEASURED, Measured, measure
from finops.lake.tables.memory_limits import MemoryLimits


class Counted:
    """A step of the stream: it changes nothing. Called on several threads at once, with any number of rows each.

    Few rows wait until they are worth the price of adding them up.
    """

    def __init__(
        self, cells: Callable[[], Cells] | None, budget: MemoryLimits, reads: Collection[str] = frozenset(MEASURED)
    ) -> None:
        """``cells``: makes those of one billing period; None: rows are counted only. ``reads``: what both need."""
        self._new_cells = cells
        self._reads = {"billing_period", *reads}
        self._enough = budget.rows_together
        self._lock = threading.Lock()
        self._waiting: list[pl.DataFrame] = []
        self._cells: dict[date, Cells] = {}
        self._measured: dict[date, Measured] = {}

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        own = rows.select(name for name in rows.columns if name in self._reads)
        together = [own]
        if own.height < self._enough // 2:
            with self._lock:
                self._waiting.append(own)
                together = []
                if sum(part.height for part in self._waiting) >= self._enough:
                    together, self._waiting = self._waiting, []
        if together:
            self._count(pl.concat(together))
        return rows

    def finish(self) -> None:
        """Once the stream has ended."""
        if self._waiting:
            self._count(pl.concat(self._waiting))
            self._waiting = []

    def _count(self, rows: pl.DataFrame) -> None:
        for period, own in _by_period(rows):
            if self._new_cells is not None:
                with self._lock:
                    cells = self._cells.setdefault(period, self._new_cells())
                cells.add(own)
            found = measure(own)
            with self._lock:
                self._measured[period] = self._measured.get(period, EMPTY) + found

    @property
    def measured(self) -> Mapping[date, Measured]:
        """What each billing period held, after ``finish``."""
        return self._measured

    @property
    def cells(self) -> Mapping[date, Cells]:
        """Of each billing period, after ``finish``."""
        return self._cells


@dataclass(frozen=True, slots=True)
class Fresh:
    """Cells of files that were just written. ``paths``: billing period -> the files that hold its rows."""

    source: str
    cells: Mapping[date, Cells]
    paths: Mapping[date, frozenset[str]]

    def of(self, source: str, period: str, paths: frozenset[str]) -> Cells | None:
        """The cells of these files; None where there are others (another writer was here since)."""
        day = date.fromisoformat(period)
        return self.cells.get(day) if source == self.source and self.paths.get(day) == paths else None


def _by_period(rows: pl.DataFrame) -> Iterator[tuple[date, pl.DataFrame]]:
    periods = rows["billing_period"].unique().drop_nulls().sort()  # a row without one is refused later
    for period in periods:
        yield period, rows if len(periods) == 1 else rows.filter(pl.col("billing_period") == period)
