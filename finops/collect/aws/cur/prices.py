"""Quantities, unit prices and SKUs."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur
from finops.collect.aws.cur.line_items import LineItem

_DETAILS = {
    "InstanceType": ("product_instance_type", ("instance_type", "instanceType")),
    "x_Model": ("product_model", ("model",)),
    "x_ModelProvider": ("product_provider", ("provider",)),
    "x_InferenceType": ("product_inference_type", ("inference_type", "inferenceType")),
    "x_Feature": ("product_feature", ("feature",)),
}
"""Property of SkuPriceDetails -> the report's column, and the keys of its map ``product``, where it may stand."""


def price_columns(cur: Cur, line: LineItem) -> dict[str, pl.Expr]:
    """Usage has quantities and prices; fees, taxes, credits, discounts and negations have none."""
    is_usage = (line.type == "Usage") | line.is_covered
    quantity, unit = cur.raw("line_item_usage_amount"), cur.text("pricing_unit")
    return {
        "PricingQuantity": pl.when(is_usage).then(quantity),
        "PricingUnit": pl.when(is_usage).then(unit),
        "ConsumedQuantity": pl.when(is_usage).then(quantity),
        "ConsumedUnit": pl.when(is_usage).then(unit),
        "ListUnitPrice": pl.when(is_usage).then(cur.raw("pricing_public_on_demand_rate")),
        "ContractedUnitPrice": pl.when(line.type.is_in(["Usage", "SavingsPlanCoveredUsage"])).then(
            cur.raw("line_item_unblended_rate")
        ),
        "PricingCurrency": pl.coalesce(cur.text("pricing_currency"), cur.text("line_item_currency_code")),
        "SkuId": pl.coalesce(cur.text("product_sku"), cur.entry("product", "sku")),
        "SkuPriceId": cur.text("pricing_rate_code"),
        "SkuMeter": cur.text("line_item_usage_type"),
    }


def detail_columns(cur: Cur) -> dict[str, pl.Expr]:
    """Properties of SkuPriceDetails, each as a column."""
    return {
        name: pl.coalesce(cur.text(column), cur.entry("product", *keys)) for name, (column, keys) in _DETAILS.items()
    }


def sku_price_details(cur: Cur, rows: pl.DataFrame) -> pl.Series:
    """JSON objects of what sets a SKU's price; null where nothing of it is known. Few rows have any of it."""
    values = detail_columns(cur)
    found = rows.select(**values)
    has_any = found.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    details = pl.Series("SkuPriceDetails", [None], dtype=pl.String).new_from_index(0, rows.height)
    if not has_any.any():
        return details
    objects = [
        pl.when(pl.col(name).is_not_null()).then(pl.struct(name).struct.json_encode().str.slice(1).str.head(-1))
        for name in values
    ]
    texts = found.filter(has_any).select(
        pl.concat_str(pl.lit("{"), pl.concat_str(objects, separator=",", ignore_nulls=True), pl.lit("}"))
    )
    return details.scatter(has_any.arg_true(), texts.to_series())
