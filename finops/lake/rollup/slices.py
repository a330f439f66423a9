"""The rows of one partition of ``costs``, a bounded number at a time, only the columns that a rollup needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count

import polars as pl

from finops.lake.rollup.cell_keys import Lines
from finops.lake.rollup.cells import Cells
from finops.lake.tables.columns import with_columns_of
from finops.lake.tables.failures import lake_failures
from finops.objectstore.location import Location
from finops.ports.lake import DimensionColumns

_ROWS_AT_ONCE = 100_000
Partition = tuple[str, str]
"""source, billing period (ISO date)."""


def slices(
    table: Location, partition: Partition, paths: Sequence[str], types: pl.Schema, dimensions: DimensionColumns
) -> Iterator[pl.DataFrame]:
    """``types``: every column that is read, so that one which is younger than a file is null in its own type."""
    source, period = partition
    keys = {"source": pl.lit(source), "billing_period": pl.lit(date.fromisoformat(period))}
    for path in paths:
        uri = f"{table.uri}/{path}"
        with lake_failures(uri):
            scan = pl.scan_parquet(uri, storage_options=table.storage_options() or None, hive_partitioning=False)
            needed = with_columns_of(scan.with_columns(**keys), types).select(
                sorted({*Lines.reads(dimensions), *Cells.reads()})
            )
        for start in count(step=_ROWS_AT_ONCE):
            with lake_failures(uri):
                rows = needed.slice(start, _ROWS_AT_ONCE).collect()
            yield rows
            if rows.height < _ROWS_AT_ONCE:
                break
