"""Counts and sums of staged files: what a commit says about the rows that it brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import polars as pl

from finops.lake.columns import COSTS_SCHEMA, with_columns_of
from finops.lake.staging import StagedFile
from finops.model.money import EXACT
from finops.objectstore.location import Location
from finops.ports.lake import COSTS, Sums

# a local day has 25 hours when summer time ends
_A_DAY = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Measured:
    """``short_end`` is the end of the newest charge period of a day or less, ``any_end`` of any length."""

    rows: int
    sums: Sums
    short_end: datetime | None
    any_end: datetime | None

    def complete_through(self, started_at: datetime) -> datetime | None:
        """How far the rows reach, never later than the run that brought them.

        Long charge periods count only where there are no others: a subscription that is billed for the whole month
        says nothing about how far the month's usage has arrived.
        """
        end = self.short_end or self.any_end
        return min(end, started_at) if end is not None else None


EMPTY = Measured(0, {}, None, None)


def measure(
    table: Location, staged: Sequence[tuple[date | None, StagedFile]]
) -> tuple[dict[date, Measured], list[StagedFile]]:
    """One streaming pass over the few columns that are needed.

    Returns what each period holds, and the files with the range of their ChargePeriodStart for pruning.
    """
    if not staged:
        return {}, []
    wanted = ["BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd", *COSTS]
    scan = pl.scan_parquet(
        [f"{table.uri}/{file.path}" for _, file in staged],
        storage_options=table.storage_options() or None,
        include_file_paths="file",
        hive_partitioning=False,
    )
    short = (pl.col("ChargePeriodEnd") - pl.col("ChargePeriodStart")) <= _A_DAY
    lines = (
        with_columns_of(scan, pl.Schema({name: COSTS_SCHEMA[name] for name in wanted}))
        .group_by("file", pl.col("BillingCurrency").fill_null("").alias("currency"))
        .agg(
            pl.col(COSTS).sum(),
            pl.col("ChargePeriodStart").min().alias("first_start"),
            pl.col("ChargePeriodStart").max().alias("last_start"),
            pl.col("ChargePeriodStart").null_count().alias("no_start"),
            pl.col("ChargePeriodEnd").filter(short).max().alias("short_end"),
            pl.col("ChargePeriodEnd").max().alias("any_end"),
        )
        .sort("file", "currency")
        .collect(engine="streaming")
        .to_dicts()
    )
    found: dict[date, Measured] = {}
    files = []
    for period, file in staged:
        own = [line for line in lines if line["file"].endswith(file.path)]
        files.append(replace(file, stats=_stats(own)))
        if period is not None:
            found[period] = _joined(found.get(period, EMPTY), file.rows, own)
    return found, files


def _joined(before: Measured, rows: int, lines: Sequence[Mapping[str, Any]]) -> Measured:
    sums = {currency: dict(costs) for currency, costs in before.sums.items()}
    with localcontext(EXACT):
        for line in lines:
            costs = sums.setdefault(line["currency"], dict.fromkeys(COSTS, Decimal(0)))
            for cost in COSTS:
                costs[cost] += line[cost]
    return Measured(
        before.rows + rows,
        dict(sorted(sums.items())),
        _newest(before.short_end, *(line["short_end"] for line in lines)),
        _newest(before.any_end, *(line["any_end"] for line in lines)),
    )


def _newest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _stats(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    starts = [line[key] for line in lines for key in ("first_start", "last_start") if line[key] is not None]
    if not starts:
        return {}
    shown = [f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}" for moment in (min(starts), max(starts))]
    return {
        "minValues": {"ChargePeriodStart": shown[0]},
        "maxValues": {"ChargePeriodStart": shown[1]},
        "nullCount": {"ChargePeriodStart": sum(line["no_start"] for line in lines)},
    }
