"""The tables at one data version."""

from __future__ import annotations

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
from finops.lake.retention import readable
from finops.lake.spread import by_day
from finops.lake.table import Table
from finops.model.data_version import DataVersion
from finops.ports.lake import COSTS, QUANTITIES, DimensionColumns


@dataclass(frozen=True, slots=True)
class View:
    """See ``finops.ports.lake.LakeView``. A table that did not exist is empty, with its columns."""

    version: DataVersion
    tables: tuple[Table, Table, Table, Table, Table]
    dimensions: DimensionColumns
    timezone: ZoneInfo

    def scopes(self) -> pl.LazyFrame:
        return _scan(self.tables[1], self.version.scopes, scopes_schema(self.dimensions.names))

    def costs_daily(self) -> pl.LazyFrame:
        return _scan(self.tables[2], self.version.costs_daily, DAILY_SCHEMA)

    def costs(self) -> pl.LazyFrame:
        return _scan(self.tables[0], self.version.costs, COSTS_SCHEMA)

    def costs_by_day(self) -> pl.LazyFrame:
        """As the port says; Decimal quantities are spread like the costs, as whoever sums costs also sums those."""
        needed = pl.Schema(dict.fromkeys(sorted(self.dimensions.required_columns), pl.String()))
        rows = with_columns_of(self.costs(), needed)
        quantities = [
            name for name, dtype in rows.collect_schema().items() if name in QUANTITIES and dtype.is_decimal()
        ]
        rows = rows.with_columns(self.dimensions.expressions())
        return by_day(rows, self.timezone, [*COSTS, *quantities])

    def demand(self) -> pl.LazyFrame:
        return _scan(self.tables[3], self.version.demand, DEMAND_SCHEMA)

    def emissions(self) -> pl.LazyFrame:
        return emissions_by_day(_scan(self.tables[4], self.version.emissions, EMISSIONS_SCHEMA), self.dimensions)


def _scan(table: Table, version: int | None, schema: pl.Schema) -> pl.LazyFrame:
    if version is None:
        return pl.LazyFrame(schema=schema)
    readable(table, version)
    return with_columns_of(table.scan(version), schema)
