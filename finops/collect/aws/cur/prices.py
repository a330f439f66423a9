"""Quantities, unit prices and SKUs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from finops.collect.aws.cur.columns import Cur, exact, hidden, quotient
from finops.collect.aws.cur.costs import UNBLENDED
from finops.collect.aws.cur.line_items import LineItem

_DETAILS = {
    "InstanceType": ("product_instance_type", ("instance_type", "instanceType")),
    "x_Model": ("product_model", ("model",)),
    "x_ModelProvider": ("product_provider", ("provider",)),
    "x_InferenceType": ("product_inference_type", ("inference_type", "inferenceType")),
    "x_Feature": ("product_feature", ("feature",)),
}
"""Property of SkuPriceDetails -> the report's column, and the keys of its map ``product``, where it may stand."""


_USED = "line_item_usage_amount"
_QUANTITY = hidden("quantity")
_LIST_RATES = ("pricing_public_on_demand_rate",)
_CONTRACTED_RATES = ("line_item_net_unblended_rate", "line_item_unblended_rate")
_ROUNDED, _PRECISION = 1e-10, 1e-12
"""By how much a product may differ from a cost: AWS gives ten digits, a double has some sixteen."""


def quantity_step(cur: Cur, line: LineItem) -> dict[str, pl.Expr]:
    """A column to add, which ``price_columns`` needs."""
    return {_QUANTITY: _quantity(cur, line)}


def price_columns(cur: Cur, line: LineItem) -> dict[str, pl.Expr]:
    """Quantities and unit prices.

    Usage has those that AWS gives. Of a fee or a refund AWS gives the quantity or none, which is one, and no unit;
    a refund's is negative, as no price may be. Taxes, credits, discounts and negations have none.
    """
    quantity, unit = pl.col(_QUANTITY), cur.text("pricing_unit")
    return {
        "PricingQuantity": quantity,
        "PricingUnit": pl.when(line.is_usage)
        .then(unit)
        .when(_is_counted(line))
        .then(pl.coalesce(unit, pl.lit("Units"))),
        "ConsumedQuantity": pl.when(line.is_usage).then(quantity),
        "ConsumedUnit": pl.when(line.is_usage).then(unit),
        "ListUnitPrice": _unit_price(cur, "ListCost", _LIST_RATES),
        "ContractedUnitPrice": _unit_price(cur, "ContractedCost", _CONTRACTED_RATES),
        "PricingCurrency": pl.coalesce(cur.text("pricing_currency"), cur.text("line_item_currency_code")),
        "SkuId": pl.coalesce(cur.text("product_sku"), cur.entry("product", "sku")),
        "SkuPriceId": cur.text("pricing_rate_code"),
        "SkuMeter": cur.text("line_item_usage_type"),
    }


def _is_counted(line: LineItem) -> pl.Expr:
    return line.is_purchase | (line.is_refund & ~line.is_tax)


def _quantity(cur: Cur, line: LineItem) -> pl.Expr:
    """In the type that the report has, so that what is not a number is refused with its text."""
    dtype = cur.schema.get(_USED, pl.String())
    number = cur.exact(_USED).abs()
    size = pl.when(number != 0).then(number).otherwise(pl.lit(1))
    signed = pl.when(exact(UNBLENDED, cur.amount_type) < 0).then(-size).otherwise(size)
    return pl.when(line.is_usage).then(cur.raw(_USED)).when(_is_counted(line)).then(signed.cast(dtype))


def _unit_price(cur: Cur, cost: str, rates: Sequence[str]) -> pl.Expr:
    """The first of AWS's rates that makes the cost of the quantity, else what one unit cost: FOCUS wants the product.

    AWS's rates are those of one tier, and a line that was added up over a day can have several.
    """
    amount = exact(pl.col(hidden(cost)), cur.amount_type)
    units = exact(pl.col(_QUANTITY), cur.schema.get(_USED, pl.String()))
    total = amount.cast(pl.Float64)
    price = quotient(amount, units)
    price = pl.when(price >= 0).then(price)
    for name in reversed(rates):
        rate = cur.exact(name)
        difference = rate.cast(pl.Float64) * units.cast(pl.Float64) - total
        price = pl.when(difference.abs() <= _ROUNDED + _PRECISION * total.abs()).then(rate).otherwise(price)
    return price


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
