"""A version of the large tables in pieces that other machines read: plain values, which can be pickled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from finops.lake.rollup.spread import by_day
from finops.lake.tables.columns import COSTS_SCHEMA, DAILY_SCHEMA, DEMAND_SCHEMA, EMISSIONS_SCHEMA, with_columns_of
from finops.lake.tables.table import Table, files
from finops.objectstore.location import Location
from finops.ports.lake import COSTS, QUANTITIES, DimensionColumns
from finops.ports.records import COMMITMENTS_SCHEMA, INVOICES_SCHEMA

_ALWAYS: Mapping[str, pl.Schema] = {
    "costs": COSTS_SCHEMA,
    "costs_daily": DAILY_SCHEMA,
    "demand": DEMAND_SCHEMA,
    "emissions": EMISSIONS_SCHEMA,
    "commitments": COMMITMENTS_SCHEMA,
    "invoices": INVOICES_SCHEMA,
}
"""The columns that a table has whatever is in it."""

_PIECE_BYTES = 32 * 2**20
"""A piece that is smaller costs more to hand out than to read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """``finops.ports.lake.Piece``: some ``files`` of the table at ``location``, each with its partition's values.

    ``schema``: the table's columns and those that a view always has.
    """

    location: Location
    files: tuple[tuple[str, Mapping[str, str]], ...]
    schema: pl.Schema
    dimensions: DimensionColumns
    timezone: ZoneInfo

    def costs_daily(self) -> pl.LazyFrame:
        return self.rows()

    def costs_by_day(self) -> pl.LazyFrame:
        return costs_by_day(self.rows(), self.dimensions, self.timezone)

    def rows(self) -> pl.LazyFrame:
        options = self.location.storage_options() or None
        found = [self._scan(path, partition, options) for path, partition in self.files]
        return pl.concat(found, how="vertical") if found else pl.LazyFrame(schema=self.schema)

    def _scan(self, path: str, partition: Mapping[str, str], options: dict[str, str] | None) -> pl.LazyFrame:
        rows = pl.scan_parquet(f"{self.location.uri}/{path}", storage_options=options, hive_partitioning=False)
        values = {name: pl.lit(_value(text, self.schema[name])) for name, text in partition.items()}
        return with_columns_of(rows.with_columns(**values), self.schema).select(self.schema.names())


def pieces(
    table: Table,
    version: int | None,
    between: tuple[int, int],
    dimensions: DimensionColumns,
    timezone: ZoneInfo,
    *,
    without: Collection[str] = (),
) -> list[Piece]:
    """The files of ``version`` in pieces of about the same size, ``between`` so few and so many; of no file, none.

    ``without``: sources, or series of a table of them, whose files are left out.
    """
    read = table.open(version) if version is not None else None
    if read is None:
        return []
    always = _ALWAYS[table.name]
    schema = pl.Schema({**always, **pl.scan_delta(read).collect_schema()})
    found = [file for file in files(read) if file[f"partition.{table.partition_by[0]}"] not in without]
    fewest, most = between
    count = min(max(fewest, sum(file["size_bytes"] for file in found) // _PIECE_BYTES), most)
    shares: list[list[dict[str, Any]]] = [[] for _ in range(max(1, count))]
    sizes = [0] * len(shares)
    for file in sorted(found, key=lambda one: (-one["size_bytes"], one["path"])):
        least = sizes.index(min(sizes))
        shares[least].append(file)
        sizes[least] += file["size_bytes"]
    return [
        Piece(table.location, tuple(_file(file, table.partition_by) for file in share), schema, dimensions, timezone)
        for share in shares
        if share
    ]


def rows_of(
    table: Table, version: int, dimensions: DimensionColumns, timezone: ZoneInfo, *, without: Collection[str]
) -> pl.LazyFrame:
    """The rows of every file that is not left out."""
    (*found,) = pieces(table, version, (1, 1), dimensions, timezone, without=without)
    return found[0].rows() if found else pl.LazyFrame(schema=_ALWAYS[table.name])


def costs_by_day(costs: pl.LazyFrame, dimensions: DimensionColumns, timezone: ZoneInfo) -> pl.LazyFrame:
    """Rows of ``costs`` with configured dimensions and ``day``, spread over their days; Decimal quantities are spread
    like the costs, as whoever sums costs also sums those."""
    needed = pl.Schema(dict.fromkeys(sorted(dimensions.required_columns), pl.String()))
    rows = with_columns_of(costs, needed)
    quantities = [name for name, dtype in rows.collect_schema().items() if name in QUANTITIES and dtype.is_decimal()]
    return by_day(rows.with_columns(dimensions.expressions()), timezone, [*COSTS, *quantities])


def _file(file: Mapping[str, Any], partition_by: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    return file["path"], {name: file[f"partition.{name}"] for name in partition_by}


def _value(text: str, dtype: pl.DataType) -> str | date:
    return date.fromisoformat(text) if isinstance(dtype, pl.Date) else text
