"""The tables at one data version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from finops.lake.columns import (
    COSTS_SCHEMA,
    DAILY_SCHEMA,
    DEMAND_SCHEMA,
    EMISSIONS_SCHEMA,
    scopes_schema,
    with_columns_of,
)
from finops.lake.emissions import emissions_by_day
from finops.lake.pieces import costs_by_day, pieces
from finops.lake.retention import readable
from finops.lake.table import Table
from finops.model.data_version import DataVersion
from finops.ports.engine import Engine
from finops.ports.lake import DimensionColumns, Divisible, Piece


@dataclass(frozen=True, slots=True)
class View:
    """See ``finops.ports.lake.LakeView``. A table that did not exist is empty, with its columns."""

    version: DataVersion
    tables: tuple[Table, Table, Table, Table, Table]
    dimensions: DimensionColumns
    timezone: ZoneInfo
    engine: Engine | None = None

    def scopes(self) -> pl.LazyFrame:
        return _scan(self.tables[1], self.version.scopes, scopes_schema(self.dimensions.names))

    def costs_daily(self) -> pl.LazyFrame:
        return _scan(self.tables[2], self.version.costs_daily, DAILY_SCHEMA)

    def costs(self) -> pl.LazyFrame:
        return _scan(self.tables[0], self.version.costs, COSTS_SCHEMA)

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
        return pieces(at, version, (fewest, most), self.dimensions, self.timezone)

    def demand(self) -> pl.LazyFrame:
        return _scan(self.tables[3], self.version.demand, DEMAND_SCHEMA)

    def emissions(self) -> pl.LazyFrame:
        return emissions_by_day(_scan(self.tables[4], self.version.emissions, EMISSIONS_SCHEMA), self.dimensions)


def _scan(table: Table, version: int | None, schema: pl.Schema) -> pl.LazyFrame:
    if version is None:
        return pl.LazyFrame(schema=schema)
    readable(table, version)
    return with_columns_of(table.scan(version), schema)
