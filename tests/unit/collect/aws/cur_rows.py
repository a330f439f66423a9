"""Small Cost and Usage Reports 2.0, as a program would get them: typed as in Parquet, or all text as in CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

PLAN = "arn:aws:savingsplans::000123456789:savingsplan/1111"
RESERVATION = "arn:aws:ec2:eu-central-1:000123456789:reserved-instances/2222"


def at(*parts: int) -> datetime:
    """A time as Parquet has it, without a zone: UTC."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


ROW: dict[str, Any] = {
    "bill_bill_type": "Anniversary",
    "bill_billing_entity": "AWS",
    "bill_billing_period_end_date": at(2026, 4, 1),
    "bill_billing_period_start_date": at(2026, 3, 1),
    "bill_invoice_id": "",
    "bill_invoicing_entity": "Amazon Web Services EMEA SARL",
    "bill_payer_account_id": "000123456789",
    "bill_payer_account_name": "Payer",
    "cost_category": {},
    "discount": {},
    "line_item_availability_zone": "eu-central-1a",
    "line_item_currency_code": "USD",
    "line_item_iam_principal": None,
    "line_item_legal_entity": "Amazon Web Services EMEA SARL",
    "line_item_line_item_description": "$0.10 per hour",
    "line_item_line_item_type": "Usage",
    "line_item_net_unblended_cost": None,
    "line_item_net_unblended_rate": None,
    "line_item_normalized_usage_amount": None,
    "line_item_operation": "RunInstances",
    "line_item_product_code": "AmazonEC2",
    "line_item_resource_id": "i-0123",
    "line_item_tax_type": "",
    "line_item_unblended_cost": 2.4,
    "line_item_unblended_rate": "0.1000000000",
    "line_item_usage_account_id": "000000000042",
    "line_item_usage_account_name": "Shop",
    "line_item_usage_amount": 24.0,
    "line_item_usage_end_date": at(2026, 3, 3),
    "line_item_usage_start_date": at(2026, 3, 2),
    "line_item_usage_type": "EUC1-BoxUsage:m5.large",
    "line_item_user_identifier": None,
    "pricing_currency": "USD",
    "pricing_public_on_demand_cost": 2.76,
    "pricing_public_on_demand_rate": "0.1150000000",
    "pricing_rate_code": "SKU1.TERM.RATE",
    "pricing_unit": "Hrs",
    "product": {"product_name": "Amazon Elastic Compute Cloud"},
    "product_instance_type": "m5.large",
    "product_location": "EU (Frankfurt)",
    "product_location_type": "AWS Region",
    "product_product_family": "Compute Instance",
    "product_region_code": "eu-central-1",
    "product_sku": "SKU1",
    "reservation_effective_cost": 0.0,
    "reservation_net_effective_cost": None,
    "reservation_net_unused_amortized_upfront_fee_for_billing_period": None,
    "reservation_net_unused_recurring_fee": None,
    "reservation_reservation_a_r_n": "",
    "reservation_unused_amortized_upfront_fee_for_billing_period": 0.0,
    "reservation_total_reserved_normalized_units": None,
    "reservation_total_reserved_units": None,
    "reservation_unused_normalized_unit_quantity": None,
    "reservation_unused_quantity": None,
    "reservation_unused_recurring_fee": 0.0,
    "resource_tags": {"user_team": "checkout"},
    "savings_plan_amortized_upfront_commitment_for_billing_period": None,
    "savings_plan_net_amortized_upfront_commitment_for_billing_period": None,
    "savings_plan_net_recurring_commitment_for_billing_period": None,
    "savings_plan_net_savings_plan_effective_cost": None,
    "savings_plan_recurring_commitment_for_billing_period": None,
    "savings_plan_savings_plan_a_r_n": "",
    "savings_plan_savings_plan_effective_cost": 0.0,
    "savings_plan_total_commitment_to_date": 0.0,
    "savings_plan_used_commitment": 0.0,
    "split_line_item_parent_resource_id": "",
    "split_line_item_split_cost": None,
    "split_line_item_unused_cost": None,
    "tags": {},
}
MAPS = {"cost_category", "product", "resource_tags", "tags"}
_NUMBERS = ("cost", "amount", "to_date", "used_commitment", "period", "recurring_fee", "units", "quantity")


def row(**values: Any) -> dict[str, Any]:
    assert not values.keys() - ROW.keys()
    return {**ROW, **values}


def as_parquet(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Types as AWS documents them: string, double, timestamp in milliseconds, map."""
    return pl.DataFrame({name: _series(name, [one[name] for one in rows]) for name in ROW})


def as_csv(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Every value as text, maps as JSON, nothing for a missing value."""
    return pl.DataFrame({name: pl.Series(name, [_text(one[name]) for one in rows], pl.String) for name in ROW})


def _series(name: str, values: list[Any]) -> pl.Series:
    if name in MAPS or name == "discount":
        pairs = [[{"key": key, "value": value} for key, value in found.items()] for found in values]
        inner = pl.Float64() if name == "discount" else pl.String()
        return pl.Series(name, pairs, pl.List(pl.Struct({"key": pl.String(), "value": inner}))).cast(
            pl.Map(pl.String(), inner)
        )
    if name.endswith("_date") and isinstance(ROW[name], datetime):
        return pl.Series(name, values, pl.Datetime("ms"))
    is_number = isinstance(ROW[name], float) or (ROW[name] is None and name.endswith(_NUMBERS))
    return pl.Series(name, values, pl.Float64 if is_number else pl.String)


def _text(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return json.dumps(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.000Z"
    if isinstance(value, float):
        return format(value, ".10f")
    return value or None
