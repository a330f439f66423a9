"""Recounts both cost tables against what the commits of ``costs`` say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

import polars as pl

from finops.lake.tables.failures import lake_failures
from finops.lake.tables.ledger import known_periods, latest
from finops.lake.tables.table import Table
from finops.lake.write.rollup import Rollup
from finops.model.wording import count_text
from finops.ports.lake import COSTS, Mismatch, Sums

Key = tuple[str, date]
Count = tuple[int, Mapping[str, Mapping[str, Decimal]]]
_NOTHING: Count = (0, {})


def reconcile(rollup: Rollup) -> list[Mismatch]:
    """Every (source, billing period) whose rows or sums differ, in order; reads the few columns needed, streaming."""
    costs = rollup.costs.open()
    if costs is None:
        return []
    said = _stated(rollup.costs, costs.version())
    counted = _counted(rollup.costs, costs.version(), "BillingCurrency", pl.len())
    found = list(_differences("costs", said, counted))
    daily = rollup.daily.open()
    mark = rollup.mark(daily)
    if daily is None or mark is None:
        return [
            *found,
            *(Mismatch(*key, "costs_daily: not rolled up yet; finops run or collect does it") for key in said),
        ]
    said = _stated(rollup.costs, mark["costs_version"])
    counted = _counted(rollup.daily, daily.version(), "currency", pl.col("rows").sum())
    return sorted(
        [*found, *_differences("costs_daily", said, counted)],
        key=lambda one: (one.source, one.billing_period, one.what),
    )


def _stated(costs: Table, version: int) -> dict[Key, Count]:
    return {
        (source, period): (known.rows, known.sums)
        for source in sorted(latest(costs, version))
        for period, known in known_periods(costs, version, source).items()
    }


def _counted(table: Table, version: int, currency: str, rows: pl.Expr) -> dict[Key, Count]:
    query = (
        table.scan(version)
        .group_by("source", "billing_period", pl.col(currency).fill_null("").alias("currency"))
        .agg(pl.col(COSTS).sum(), rows.alias("rows").cast(pl.Int64))
        .sort("source", "billing_period", "currency")
    )
    with lake_failures(table.location.uri):
        lines = query.collect(engine="streaming").to_dicts()
    found: dict[Key, tuple[int, dict[str, dict[str, Decimal]]]] = {}
    for line in lines:
        count, sums = found.get((line["source"], line["billing_period"]), (0, {}))
        sums[line["currency"]] = {cost: line[cost] for cost in COSTS}
        found[line["source"], line["billing_period"]] = (count + line["rows"], sums)
    return dict(found)


def _differences(table: str, said: Mapping[Key, Count], counted: Mapping[Key, Count]) -> Iterator[Mismatch]:
    for key in sorted({*said, *counted}):
        said_rows, said_sums = said.get(key, _NOTHING)
        rows, sums = counted.get(key, _NOTHING)
        if rows != said_rows:
            yield Mismatch(*key, f"{table}: {count_text(rows, 'row')}, its commit says {said_rows}")
        yield from (Mismatch(*key, f"{table}: {what}") for what in _sum_differences(said_sums, sums))


def _sum_differences(said: Sums, counted: Sums) -> Iterator[str]:
    for currency in sorted({*said, *counted}):
        for cost in COSTS:
            stated = said.get(currency, {}).get(cost, Decimal(0))
            found = counted.get(currency, {}).get(cost, Decimal(0))
            if stated != found:
                yield f"{cost} is {found:f} {currency}, its commit says {stated:f} {currency}"
