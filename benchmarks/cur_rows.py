"""The rows of ``rows.py`` as an AWS Cost and Usage Report: the same rows as Parquet and as CSV.gz.

Names are those of CUR 2.0 and Athena (``line_item_unblended_cost``). ``legacy-csv-1`` has the same bytes below a
heading of the report before it (``lineItem/UnblendedCost``). Covered usage is billed at its on-demand cost and taken
out again by one negation line in 250,000, so that BilledCost adds up as AWS has it. In a process of its own, since it
takes memory:

    python -m benchmarks.cur_rows --rows 1000000 --layout parquet-4 --layout csv-1 --layout legacy-csv-1
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

import polars as pl

from benchmarks.rows import DATA, chunk, filled, write_csv, write_parquet

PLAN = "arn:aws:savingsplans::910273645518:savingsplan/1"
_TEXT_OR_ZERO = {
    "bill_bill_type": "Anniversary",
    "bill_billing_entity": "AWS",
    "bill_invoice_id": "",
    "line_item_tax_type": "",
    "line_item_blended_rate": "",
    "line_item_normalization_factor": 0.0,
    "line_item_normalized_usage_amount": 0.0,
    "pricing_currency": "USD",
    "pricing_lease_contract_length": "",
    "pricing_offering_class": "",
    "pricing_purchase_option": "",
    "pricing_term": "OnDemand",
    "product_from_location": "",
    "product_location_type": "AWS Region",
    "product_operation": "Usage",
    "product_product_family": "Compute Instance",
    "product_purchase_option": "On-Demand",
    "product_to_location": "",
    "reservation_amortized_upfront_cost_for_usage": 0.0,
    "reservation_effective_cost": 0.0,
    "reservation_reservation_a_r_n": "",
    "reservation_total_reserved_units": None,
    "reservation_unused_amortized_upfront_fee_for_billing_period": 0.0,
    "reservation_unused_recurring_fee": 0.0,
    "savings_plan_recurring_commitment_for_billing_period": 0.0,
    "savings_plan_total_commitment_to_date": 0.0,
    "savings_plan_used_commitment": 0.0,
}
"""Columns that the same report has for purchases, transfers and reservations, of which there are none here."""

_LEGACY = {
    "bill_": "bill/",
    "identity_": "identity/",
    "line_item_": "lineItem/",
    "pricing_": "pricing/",
    "product_": "product/",
    "reservation_": "reservation/",
    "savings_plan_": "savingsPlan/",
}
_LEGACY_SMALL = {
    "product_region": "region",
    "product_region_code": "regionCode",
    "product_sku": "sku",
    "pricing_unit": "unit",
} | {f"pricing_public_on_demand_{what}": f"publicOnDemand{what.title()}" for what in ("cost", "rate")}


def legacy_name(name: str) -> str:
    """``savings_plan_savings_plan_a_r_n`` -> ``savingsPlan/SavingsPlanARN``."""
    prefix = next((prefix for prefix in _LEGACY if name.startswith(prefix)), None)
    if prefix is None:
        return name
    rest = "".join(word[:1].upper() + word[1:] for word in name.removeprefix(prefix).split("_"))
    return _LEGACY[prefix] + _LEGACY_SMALL.get(name, rest)


def folder_of(rows: int, layout: str) -> Path:
    return DATA / f"cur-{rows}-{layout}"


def ensure(rows: int, layout: str) -> Path:
    """The folder with these rows in this layout, written when it is not there yet."""
    form, _, count = layout.rpartition("-")
    heading = legacy_name if form == "legacy-csv" else str
    write = (
        partial(write_parquet, compression="snappy")
        if form == "parquet"
        else partial(write_csv, tags="resource_tags", heading=heading)
    )
    return filled(folder_of(rows, layout), rows, int(count), report, write)


def report(resources: pl.DataFrame, first: int, last: int) -> pl.DataFrame:
    """Lines ``first`` up to, not including, ``last``; the last of them is the negation of those covered before it."""
    lines = _lines(chunk(resources, first, last - 1), first)
    covered = lines.filter(pl.col("line_item_line_item_type") == "SavingsPlanCoveredUsage")
    if not covered.height:
        raise SystemExit(f"{last - first} lines are too few to have one that a savings plan covers")
    taken_out = -round(covered["line_item_unblended_cost"].sum(), 10)
    negation = covered.head(1).with_columns(
        line_item_line_item_type=pl.lit("SavingsPlanNegation"),
        line_item_unblended_cost=pl.lit(taken_out),
        savings_plan_savings_plan_effective_cost=pl.lit(0.0),
        identity_line_item_id=pl.format("line-of-charge-{}", pl.lit(last - 1)),
    )
    return pl.concat([lines, negation])


def _lines(focus: pl.DataFrame, first: int) -> pl.DataFrame:
    covered, credit = pl.col("CommitmentDiscountId").is_not_null(), pl.col("ChargeCategory") == "Credit"
    start, end = pl.col("ChargePeriodStart"), pl.col("ChargePeriodEnd")
    moment = "%Y-%m-%dT%H:%M:%SZ"
    return focus.with_row_index("line", offset=first).select(
        pl.format("line-of-charge-{}", "line").alias("identity_line_item_id"),
        pl.format("{}/{}", start.dt.strftime(moment), end.dt.strftime(moment)).alias("identity_time_interval"),
        *[
            pl.lit(value, pl.String if isinstance(value, str) else pl.Float64).alias(n)
            for n, value in _TEXT_OR_ZERO.items()
        ],
        pl.col("BillingPeriodStart").alias("bill_billing_period_start_date"),
        pl.col("BillingPeriodEnd").alias("bill_billing_period_end_date"),
        pl.col("InvoiceIssuerName").alias("bill_invoicing_entity"),
        pl.col("BillingAccountId").alias("bill_payer_account_id"),
        pl.col("BillingAccountName").alias("bill_payer_account_name"),
        pl.col("AvailabilityZone").alias("line_item_availability_zone"),
        pl.col("BillingCurrency").alias("line_item_currency_code"),
        pl.col("PublisherName").alias("line_item_legal_entity"),
        pl.col("ChargeDescription").alias("line_item_line_item_description"),
        pl.when(credit)
        .then(pl.lit("Credit"))
        .when(covered)
        .then(pl.lit("SavingsPlanCoveredUsage"))
        .otherwise(pl.lit("Usage"))
        .alias("line_item_line_item_type"),
        pl.col("x_Operation").alias("line_item_operation"),
        pl.col("x_ServiceCode").alias("line_item_product_code"),
        pl.col("ResourceId").alias("line_item_resource_id"),
        pl.col("ContractedCost").alias("line_item_unblended_cost"),
        pl.col("ContractedCost").alias("line_item_blended_cost"),
        pl.col("ContractedUnitPrice").cast(pl.String).alias("line_item_unblended_rate"),
        pl.col("SubAccountId").alias("line_item_usage_account_id"),
        pl.col("SubAccountName").alias("line_item_usage_account_name"),
        pl.col("ConsumedQuantity").alias("line_item_usage_amount"),
        start.alias("line_item_usage_start_date"),
        end.alias("line_item_usage_end_date"),
        pl.col("x_UsageType").alias("line_item_usage_type"),
        pl.col("ListCost").alias("pricing_public_on_demand_cost"),
        pl.col("ListUnitPrice").cast(pl.String).alias("pricing_public_on_demand_rate"),
        pl.col("SkuPriceId").alias("pricing_rate_code"),
        pl.col("SkuPriceId").alias("pricing_rate_id"),
        pl.col("PricingUnit").alias("pricing_unit"),
        pl.col("ResourceType").alias("product_instance_type"),
        pl.col("RegionName").alias("product_location"),
        pl.col("RegionId").alias("product_region"),
        pl.col("RegionId").alias("product_region_code"),
        pl.col("SkuId").alias("product_sku"),
        pl.when(covered).then(pl.lit(PLAN)).otherwise(pl.lit("")).alias("savings_plan_savings_plan_a_r_n"),
        pl.when(covered).then("EffectiveCost").otherwise(0.0).alias("savings_plan_savings_plan_effective_cost"),
        pl.col("Tags").alias("resource_tags"),
        "tags_text",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--layout", action="append", required=True, help="parquet-N, csv-N or legacy-csv-N: N files")
    given = parser.parse_args()
    for layout in given.layout:
        ensure(given.rows, layout)


if __name__ == "__main__":
    main()
