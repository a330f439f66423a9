"""The tables at one data version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from zoneinfo import ZoneInfo

import polars as pl

from finops.allocate import NO_RULES, AllocatedView, MovedView, Rules
from finops.lake.distributed.pieces import costs_by_day, pieces, rows_of
from finops.lake.rollup.emissions import emissions_by_day
from finops.lake.rollup.records import with_dimensions
from finops.lake.tables.columns import (
    COSTS_SCHEMA,
    DAILY_SCHEMA,
    DEMAND_SCHEMA,
    EMISSIONS_SCHEMA,
    scopes_schema,
    with_columns_of,
)
from finops.lake.tables.ledger import unknown_costs
from finops.lake.tables.retention import readable
from finops.lake.tables.table import Table, files
from finops.model.data_version import DataVersion
from finops.ports.allocated import Allocated, nothing_allocated
from finops.ports.engine import Engine
from finops.ports.lake import DimensionColumns, Divisible, Marks, Piece
from finops.ports.lake_faults import NO_FAULTS, LakeFaults
from finops.ports.records import COMMITMENTS_SCHEMA, INVOICES_SCHEMA


@dataclass(frozen=True, slots=True)
class View:
    """See ``finops.ports.lake.LakeView``. A table that did not exist is empty, with its columns."""

    version: DataVersion
    tables: tuple[Table, Table, Table, Table, Table, Table, Table]
    dimensions: DimensionColumns
    timezone: ZoneInfo
    engine: Engine | None = None
    faults: LakeFaults = NO_FAULTS
    allocations: Rules = NO_RULES

    def allocated(self) -> AllocatedView:
        return AllocatedView(self, self.allocations)

    def allocated_alone(self) -> MovedView:
        return MovedView(self, self.allocations)

    def moved(self) -> Allocated:
        return nothing_allocated()

    def marks(self) -> Marks:
        """By the names of the files: a file never changes, and a compacted one has a new name."""
        costs, scopes, daily = (
            files(read) if version is not None and (read := table.open(version)) is not None else []
            for table, version in zip(
                self.tables, (self.version.costs, self.version.scopes, self.version.costs_daily), strict=False
            )
        )
        periods: dict[tuple[str, date], list[str]] = {}
        for file in (*daily, *costs):
            source, period = file["partition.source"], date.fromisoformat(file["partition.billing_period"])
            if source not in self.faults.costs_daily:
                without = [] if source not in self.faults.costs else ["its rows are left out"]
                periods.setdefault((source, period), without).append(file["path"])
        return Marks(_digest(file["path"] for file in scopes), {of: _digest(paths) for of, paths in periods.items()})

    def unknown_costs(self) -> Mapping[tuple[str, date], Mapping[str, int]]:
        return unknown_costs(self.tables[0], self.version.costs) if self.version.costs is not None else {}

    def scopes(self) -> pl.LazyFrame:
        return _scan(self.tables[1], self.version.scopes, scopes_schema(self.dimensions.names))

    def costs_daily(self) -> pl.LazyFrame:
        return self._bills(self.tables[2], self.version.costs_daily, DAILY_SCHEMA, self.faults.costs_daily)

    def costs(self) -> pl.LazyFrame:
        return self._bills(self.tables[0], self.version.costs, COSTS_SCHEMA, self.faults.costs)

    def costs_by_day(self) -> pl.LazyFrame:
        return costs_by_day(self.costs(), self.dimensions, self.timezone)

    def pieces(self, table: Divisible, *, fewest: int, most: int) -> Sequence[Piece]:
        at, version = (
            (self.tables[2], self.version.costs_daily)
            if table == "costs_daily"
            else (self.tables[0], self.version.costs)
        )
        if version is not None:
            readable(at, version)
        without = self.faults.costs_daily if table == "costs_daily" else self.faults.costs
        return pieces(at, version, (fewest, most), self.dimensions, self.timezone, without=without)

    def demand(self) -> pl.LazyFrame:
        return self._series(self.tables[3], self.version.demand, DEMAND_SCHEMA, self.faults.demand)

    def emissions(self) -> pl.LazyFrame:
        rows = self._series(self.tables[4], self.version.emissions, EMISSIONS_SCHEMA, self.faults.emissions)
        return emissions_by_day(rows, self.dimensions)

    def _bills(self, table: Table, version: int | None, schema: pl.Schema, without: Collection[str]) -> pl.LazyFrame:
        """The files of other sources by name, as one that cannot be read would stop the scan of all."""
        if version is None or not without:
            return _scan(table, version, schema)
        readable(table, version)
        return rows_of(table, version, self.dimensions, self.timezone, without=without)

    def _series(self, table: Table, version: int | None, schema: pl.Schema, without: Collection[str]) -> pl.LazyFrame:
        if "" in without or version is None or not without:
            return _scan(table, None if "" in without else version, schema)
        return rows_of(table, version, self.dimensions, self.timezone, without=without)

    def commitments(self) -> pl.LazyFrame:
        return with_dimensions(
            self._series(self.tables[5], self.version.commitments, COMMITMENTS_SCHEMA, self.faults.commitments),
            self.dimensions,
        )

    def invoices(self) -> pl.LazyFrame:
        return self._series(self.tables[6], self.version.invoices, INVOICES_SCHEMA, self.faults.invoices)


def _digest(paths: Iterable[str]) -> str:
    return blake2b("\n".join(sorted(paths)).encode(), digest_size=16).hexdigest()


def _scan(table: Table, version: int | None, schema: pl.Schema) -> pl.LazyFrame:
    if version is None:
        return pl.LazyFrame(schema=schema)
    readable(table, version)
    return with_columns_of(table.scan(version), schema)
