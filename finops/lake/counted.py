"""Rows are counted and added up while they stream to their files, so that nobody reads these files for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from finops.lake.cells import Cells
from finops.lake.measure import EMPTY, Measured, measure


class Counted:
    """A step of the stream: it changes nothing. Called on several threads at once, with some thousand rows each."""

    def __init__(self, cells: Callable[[], Cells] | None) -> None:
        """``cells``: makes those of one billing period; None: rows are counted only."""
        self._new_cells = cells
        self._lock = threading.Lock()
        self._cells: dict[date, Cells] = {}
        self._measured: dict[date, Measured] = {}

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        for period, own in _by_period(rows):
            if self._new_cells is not None:
                with self._lock:
                    cells = self._cells.setdefault(period, self._new_cells())
                cells.add(own)
            found = measure(own)
            with self._lock:
                self._measured[period] = self._measured.get(period, EMPTY) + found
        return rows

    @property
    def measured(self) -> Mapping[date, Measured]:
        """What each billing period held, once the stream has ended."""
        return self._measured

    @property
    def cells(self) -> Mapping[date, Cells]:
        """Of each billing period."""
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
