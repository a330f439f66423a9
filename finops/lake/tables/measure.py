"""Counts and sums of rows: what a commit says about those that it brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import polars as pl

from finops.lake.tables.columns import COSTS_SCHEMA, with_columns_of
from finops.lake.tables.staging import StagedFile
from finops.lake.tables.usage import USAGE_COLUMNS, UsageCounts, count_usage
from finops.model.money import EXACT
from finops.objectstore.location import Location
from finops.ports.lake import COSTS, MAY_BE_UNKNOWN, Sums

_READ = pl.Schema({name: COSTS_SCHEMA[name] for name in ("BillingCurrency", *COSTS)})
MEASURED = frozenset(_READ) | USAGE_COLUMNS
"""The columns that ``measure`` reads."""
_START = "ChargePeriodStart"
COSTS_SOMETHING = (pl.col("BilledCost") != 0) | (pl.col("EffectiveCost") != 0)
"""A row of nothing has no cost that anybody could miss."""


@dataclass(frozen=True, slots=True)
class Measured:
    """``usage``: what tells how far the rows reach. ``unknown_costs``: see ``finops.ports.lake.LakeView``."""

    rows: int
    sums: Sums
    usage: UsageCounts = field(default_factory=UsageCounts)
    unknown_costs: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Measured) -> Measured:
        sums = {currency: dict(costs) for currency, costs in self.sums.items()}
        with localcontext(EXACT):
            for currency, costs in other.sums.items():
                own = sums.setdefault(currency, dict.fromkeys(COSTS, Decimal(0)))
                for cost in COSTS:
                    own[cost] += costs[cost]
        return Measured(
            self.rows + other.rows,
            dict(sorted(sums.items())),
            self.usage + other.usage,
            dict(sorted((Counter(self.unknown_costs) + Counter(other.unknown_costs)).items())),
        )


EMPTY = Measured(0, {})


def measure(rows: pl.DataFrame) -> Measured:
    """Of rows of one billing period; columns that they lack are null."""
    lines = (
        with_columns_of(rows.lazy(), _READ)
        .group_by(pl.col("BillingCurrency").fill_null("").alias("currency"))
        .agg(pl.col(COSTS).sum())
        .sort("currency")
        # not the streaming engine: its threads are those that wait here, and all of them may
        .collect(engine="in-memory")
        .to_dicts()
    )
    return Measured(
        rows.height,
        {line["currency"]: {cost: line[cost] for cost in COSTS} for line in lines},
        count_usage(rows),
        unknown_costs(rows),
    )


def unknown_costs(rows: pl.DataFrame) -> dict[str, int]:
    """Cost column -> rows that cost something and do not have this cost; a column that ``rows`` lack is null."""
    found: dict[str, int] = {}
    for cost in MAY_BE_UNKNOWN:
        column = rows.get_column(cost, default=None)
        if column is None or column.null_count():
            null = pl.col(cost).is_null() if column is not None else pl.lit(value=True)
            count = rows.select((null & COSTS_SOMETHING).sum()).item()
            if count:
                found[cost] = count
    return found


def with_ranges(table: Location, staged: Sequence[tuple[date | None, StagedFile]]) -> list[StagedFile]:
    """The files with the range of their ChargePeriodStart, by which readers pass files over."""
    if not staged:
        return []
    scan = pl.scan_parquet(
        [f"{table.uri}/{file.path}" for _, file in staged],
        storage_options=table.storage_options() or None,
        include_file_paths="file",
        hive_partitioning=False,
    )
    start = pl.col(_START)
    ranges = (
        with_columns_of(scan, pl.Schema({_START: COSTS_SCHEMA[_START]}))
        .group_by("file")
        .agg(start.min().alias("first"), start.max().alias("last"), start.null_count().alias("missing"))
        .collect(engine="streaming")
        .to_dicts()
    )
    return [
        replace(file, stats=next((_stats(one) for one in ranges if one["file"].endswith(file.path)), {}))
        for _, file in staged
    ]


def _stats(found: Mapping[str, Any]) -> dict[str, Any]:
    if found["first"] is None:
        return {}
    return {
        "minValues": {_START: f"{found['first']:%Y-%m-%dT%H:%M:%S.%fZ}"},
        "maxValues": {_START: f"{found['last']:%Y-%m-%dT%H:%M:%S.%fZ}"},
        "nullCount": {_START: found["missing"]},
    }
