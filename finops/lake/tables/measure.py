"""Counts and sums of rows: what a commit says about those that it brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import polars as pl

from finops.lake.tables.columns import COSTS_SCHEMA, with_columns_of
from finops.lake.tables.staging import StagedFile
from finops.model.money import EXACT
from finops.objectstore.location import Location
from finops.ports.lake import COSTS, MAY_BE_UNKNOWN, Sums

# a local day has 25 hours when summer time ends
_A_DAY = timedelta(hours=25)
_READ = pl.Schema(
    {name: COSTS_SCHEMA[name] for name in ("BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd", *COSTS)}
)
MEASURED = frozenset(_READ)
"""The columns that ``measure`` reads."""
_START = "ChargePeriodStart"
COSTS_SOMETHING = (pl.col("BilledCost") != 0) | (pl.col("EffectiveCost") != 0)
"""A row of nothing has no cost that anybody could miss."""


@dataclass(frozen=True, slots=True)
class Measured:
    """``short_end`` is the end of the newest charge period of a day or less, ``any_end`` of any length.
    ``unknown_costs``: see ``finops.ports.lake.LakeView``."""

    rows: int
    sums: Sums
    short_end: datetime | None
    any_end: datetime | None
    unknown_costs: Mapping[str, int] = field(default_factory=dict)

    def complete_through(self, started_at: datetime) -> datetime | None:
        """How far the rows reach, never later than the run that brought them.

        Long charge periods count only where there are no others: a subscription that is billed for the whole month
        says nothing about how far the month's usage has arrived.
        """
        end = self.short_end or self.any_end
        return min(end, started_at) if end is not None else None

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
            _newest(self.short_end, other.short_end),
            _newest(self.any_end, other.any_end),
            dict(sorted((Counter(self.unknown_costs) + Counter(other.unknown_costs)).items())),
        )


EMPTY = Measured(0, {}, None, None)


def measure(rows: pl.DataFrame) -> Measured:
    """Of rows of one billing period; columns that they lack are null."""
    short = (pl.col("ChargePeriodEnd") - pl.col("ChargePeriodStart")) <= _A_DAY
    lines = (
        with_columns_of(rows.lazy(), _READ)
        .group_by(pl.col("BillingCurrency").fill_null("").alias("currency"))
        .agg(
            pl.col(COSTS).sum(),
            pl.col("ChargePeriodEnd").filter(short).max().alias("short_end"),
            pl.col("ChargePeriodEnd").max().alias("any_end"),
        )
        .sort("currency")
        # not the streaming engine: its threads are those that wait here, and all of them may
        .collect(engine="in-memory")
        .to_dicts()
    )
    return Measured(
        rows.height,
        {line["currency"]: {cost: line[cost] for cost in COSTS} for line in lines},
        _newest(*(line["short_end"] for line in lines)),
        _newest(*(line["any_end"] for line in lines)),
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


def _newest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _stats(found: Mapping[str, Any]) -> dict[str, Any]:
    if found["first"] is None:
        return {}
    return {
        "minValues": {_START: f"{found['first']:%Y-%m-%dT%H:%M:%S.%fZ}"},
        "maxValues": {_START: f"{found['last']:%Y-%m-%dT%H:%M:%S.%fZ}"},
        "nullCount": {_START: found["missing"]},
    }
