"""Rows of ``costs`` -> cells of ``costs_daily``, a slice at a time, so that memory is flat in the number of rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import polars as pl

from finops.lake.rollup.bucket import Bucket
from finops.lake.rollup.cell_keys import Lines
from finops.lake.rollup.spread import READS, first_day, is_long, may_be_long, spread
from finops.lake.tables.columns import COSTS_SCHEMA, with_columns_of
from finops.lake.tables.memory_limits import MemoryLimits, SpillFile
from finops.ports.lake import COSTS

_LONG_ROWS_AT_ONCE = 25_000  # each becomes up to 366
_BUCKETS = 8
_DAY_BITS = 2**32
_ADDED = pl.Schema({name: COSTS_SCHEMA[name] for name in (*READS, *COSTS)})


class Cells:
    """Adds up the rows of one (source, billing period); several threads may ``add`` at once.

    A row is grouped by one integer, its line and its day.
    """

    def __init__(self, lines: Lines, timezone: ZoneInfo, budget: MemoryLimits) -> None:
        self._lines = lines
        self._timezone = timezone
        aside = SpillFile()
        # one bucket at a time is added up: that takes several times the memory of its cells
        adding_up = threading.Lock()
        self._buckets = [Bucket(aside, adding_up, budget.cells_held // _BUCKETS) for _ in range(_BUCKETS)]

    @staticmethod
    def reads() -> list[str]:
        """The columns that rows must have beside those of ``Lines``; one that they lack is null."""
        return list(_ADDED)

    def add(self, rows: pl.DataFrame) -> None:
        # not the streaming engine: its threads are those that wait here, and all of them may
        lined = (
            with_columns_of(rows.lazy(), _ADDED).select(*_ADDED, line=self._lines.of(rows)).collect(engine="in-memory")
        )
        if may_be_long(lined):
            long = lined.filter(is_long(self._timezone))
            if not long.is_empty():
                lined = lined.filter(~is_long(self._timezone))
                for piece in long.iter_slices(_LONG_ROWS_AT_ONCE):
                    self._keep(_summed_long(piece, self._timezone))
        self._keep(
            lined.select(first_day(self._timezone), "line", *COSTS).select(_cell(), *COSTS, rows=pl.lit(1, pl.Int64))
        )

    def results(self) -> Iterator[pl.DataFrame]:
        """``scope_id``, ``currency``, ``day``, the four costs, ``rows``: the first three once each, sorted."""
        lines = self._lines.known().with_row_index("line").sort("scope_id", "currency").with_row_index("rank")
        rank = lines.sort("line")["rank"].cast(pl.Int64)
        for bucket in self._buckets:
            cells = bucket.whole()
            if cells.is_empty():
                continue
            day = cells["cell"] % _DAY_BITS
            ranked = cells.with_columns(rank.gather(cells["cell"] // _DAY_BITS) * _DAY_BITS + day).sort("rank")
            named = [lines[name].gather(ranked["rank"] // _DAY_BITS) for name in ("scope_id", "currency")]
            days = (ranked["rank"] % _DAY_BITS).cast(pl.Int32).cast(pl.Date).alias("day")
            yield pl.DataFrame([*named, days, *ranked.select(*COSTS, "rows").get_columns()])

    def scopes(self) -> pl.DataFrame:
        """Every scope of a cell, as the table ``scopes`` has it."""
        return self._lines.scopes()

    def _keep(self, cells: pl.DataFrame) -> None:
        """In buckets by their scope, so that only a part of all cells is ever added up at once."""
        owner = self._lines.known()["scope_id"].gather(cells["cell"] // _DAY_BITS) // (2**63 // _BUCKETS)
        for number, bucket in enumerate(self._buckets):
            bucket.add(cells.filter(owner == number))


def _cell() -> pl.Expr:
    return (pl.col("line") * _DAY_BITS + pl.col("day").cast(pl.Int32).cast(pl.Int64)).alias("cell")


def _summed_long(rows: pl.DataFrame, timezone: ZoneInfo) -> pl.DataFrame:
    parts = spread(rows.lazy(), timezone, COSTS).with_columns(_cell())
    # a row counts once, on its first day
    # not the streaming engine: its threads are those that wait here, and all of them may
    return (
        parts.group_by("cell")
        .agg(pl.col(COSTS).sum(), rows=(pl.col("nth") == 0).sum().cast(pl.Int64))
        .collect(engine="in-memory")
    )
