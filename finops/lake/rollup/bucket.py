"""Cells of one range of scopes, and rows on their way into them: added up as seldom as memory allows."""

from __future__ import annotations

import threading
from pathlib import Path

import polars as pl

from finops.lake.tables.memory_limits import SpillFile
from finops.ports.lake import COSTS

_ASIDE_AT_ONCE = 4
"""How many times what a bucket holds may wait in files before these are added up."""


class Bucket:
    """Container have ``cell``, the costs and ``rows``. Several threads may ``add`` at once.

    Where adding up makes many rows to few cells, it is done in memory. Where nearly every row has a cell of its own,
    it would be done over and over for nothing: rows then go to files as they are, and many are added up together.
    """

    def __init__(self, aside: SpillFile, adding_up: threading.Lock, most: int) -> None:
        """``most``: how many rows and cells are held. ``adding_up`` is shared by the buckets that take turns."""
        self._lock = threading.Lock()
        self._adding_up = adding_up
        self._aside = aside
        self._most = most
        self._parts: list[pl.DataFrame] = []
        self._shrinks = True
        self._files: list[Path] = []
        self._in_files = 0
        self._most_in_files = most * _ASIDE_AT_ONCE

    def add(self, part: pl.DataFrame) -> None:
        with self._lock:
            self._parts.append(part)
            if sum(part.height for part in self._parts) <= self._most:
                return
            if self._shrinks:
                with self._adding_up:
                    self._parts = [_added_up(self._parts)]
                self._shrinks = self._parts[0].height <= self._most // 2
            if not self._shrinks:
                self._put_aside()

    def whole(self) -> pl.DataFrame:
        """Every cell once."""
        with self._lock, self._adding_up:
            return _added_up([*(self._aside.read(path) for path in self._files), *self._parts])

    def _put_aside(self) -> None:
        whole, self._parts = pl.concat(self._parts), []
        self._files.append(self._aside.write(whole))
        self._in_files += whole.height
        if self._in_files <= self._most_in_files:
            return
        with self._adding_up:
            cells = _added_up([self._aside.read(path) for path in self._files])
        self._aside.forget(self._files)
        self._files = [self._aside.write(cells)]
        self._in_files = cells.height
        self._most_in_files = max(self._most_in_files, 2 * cells.height)


def _added_up(parts: list[pl.DataFrame]) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame(schema={"cell": pl.Int64()})
    return pl.concat(parts).group_by("cell").agg(pl.col(*COSTS, "rows").sum())
