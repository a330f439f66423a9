"""The rows of a test as a lake would hold them: what the test leaves out gets defaults."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import polars as pl

from finops.policy.testing import PolicyCase
from finops.lake import InMemoryLakeView
from finops.ports.lake import DimensionColumns
from finops.ports.records import Dataset

SOURCE = "test"
"""Of rows that name no source."""

DEFAULTS: Mapping[str, str] = {
    "source": SOURCE,
    "BillingAccountId": "test",
    "ChargeCategory": "Usage",
    "ChargeFrequency": "Usage-Based",
    "InvoiceIssuerName": "test",
    "PricingCategory": "Standard",
    "ServiceCategory": "Other",
    "ServiceName": "test",
    "ServiceProviderName": "test",
}
"""FOCUS columns that no bill leaves empty: a condition over them is never SQL's NULL by accident."""

_COSTS = ("EffectiveCost", "BilledCost", "ContractedCost", "ListCost")
"""A cost that a test leaves out is the first of these that it has."""


def view_of(case: PolicyCase, *, currency: str, dimensions: DimensionColumns, timezone: ZoneInfo) -> InMemoryLakeView:
    """The lake that a test speaks of. ``currency``: of rows that name none.

    A dimension that a row gives stands; else the rules of finops.yaml find it from the row's tags and columns.
    """
    costs = _with_dimensions(_costs(case.costs, currency, timezone), dimensions)
    emissions = case.emissions
    if "grams" in emissions.columns:
        emissions = _with_dimensions(emissions.with_columns(_or("source", pl.lit(SOURCE), emissions)), dimensions)
    else:
        emissions = InMemoryLakeView.empty().emission_rows
    demand = case.demand.with_columns(unit=pl.lit(""))
    commitments = case.commitments
    if commitments.height:
        named = commitments.with_columns(
            _or("source", pl.lit(SOURCE), commitments),
            _or("BillingCurrency", pl.lit(currency), commitments),
            dataset=pl.lit(Dataset.CONTRACT_COMMITMENT.value),
        )
        commitments = _with_dimensions(named, dimensions)
    return InMemoryLakeView(costs, dimensions.names, demand, emissions, commitment_rows=commitments)


def _with_dimensions(rows: pl.DataFrame, dimensions: DimensionColumns) -> pl.DataFrame:
    lacking = sorted(dimensions.required_columns - set(rows.columns))
    whole = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking)
    found = [
        _or(name, expression.alias(name), rows)
        for name, expression in zip(dimensions.names, dimensions.expressions(), strict=True)
    ]
    return whole.with_columns(found).drop(lacking)


def _costs(costs: pl.DataFrame, currency: str, timezone: ZoneInfo) -> pl.DataFrame:
    day = pl.col("day")
    midnight = day.cast(pl.Datetime("us"))
    start, end = (moment.dt.replace_time_zone(timezone.key) for moment in (midnight, midnight.dt.offset_by("1d")))
    month, next_month = day.dt.month_start(), day.dt.month_start().dt.offset_by("1mo")
    defaults: dict[str, pl.Expr] = {
        **{name: pl.lit(value) for name, value in DEFAULTS.items()},
        "BillingCurrency": pl.lit(currency),
        "ChargePeriodStart": start.dt.convert_time_zone("UTC"),
        "ChargePeriodEnd": end.dt.convert_time_zone("UTC"),
        "BillingPeriodStart": month.cast(pl.Datetime("us", "UTC")),
        "BillingPeriodEnd": next_month.cast(pl.Datetime("us", "UTC")),
    }
    given = [cost for cost in _COSTS if cost in costs.columns]
    first = pl.coalesce(given) if given else pl.lit(None, pl.Decimal(38, 15))
    defaults |= dict.fromkeys(_COSTS, first)
    return costs.with_columns(_or(name, default, costs) for name, default in defaults.items())


def _or(name: str, default: pl.Expr, given: pl.DataFrame) -> pl.Expr:
    return (pl.coalesce(name, default) if name in given.columns else default).alias(name)
