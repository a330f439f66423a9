"""Quantities and costs that Azure's FOCUS exports divide by the pricing block twice.

Source: microsoft/finops-toolkit issue 727. Real rows have a ListUnitPrice of 0.05 for 10,000 units, ConsumedQuantity
0.0003, PricingQuantity 0.00000003 and ContractedCost 0.0000000015 beside a ListCost and a BilledCost of 0.000015.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from finops.collect.azure.blocks import Evidence
from finops.collect.azure.repairs.gap import Gap

_BLOCK = "x_PricingBlockSize"
_NEEDED = (_BLOCK, "PricingQuantity", "EffectiveCost", "BilledCost")
_MOST = 1.5
"""A repaired cost that stays further than this below what was charged is not explained by the block: it is left."""
_AMOUNT = pl.Decimal(38, 15)


def block_gaps(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """Per row, what was charged shows whether a cost or a quantity is too small by the whole block.

    ContractedCost is compared with what was charged, in its own currency; PricingQuantity only where prices are in the
    currency of the costs.
    """
    if not all(name in schema for name in _NEEDED):
        return
    rows = _Rows(schema)
    contracted, listed, quantity = (
        rows.amount("ContractedCost"),
        rows.amount("ListCost"),
        rows.amount("PricingQuantity"),
    )
    price = rows.amount("ContractedUnitPrice")
    cost_is_short = rows.short_of(rows.charged, contracted)
    # what ContractedCost was meant to be tells whether the quantity beside it is short
    known = pl.when(contracted != 0).then(contracted).otherwise(rows.charged)
    quantity_is_short = cost_is_short | (rows.one_currency & rows.short_of(known, price * quantity))
    consumed = rows.amount("ConsumedQuantity")
    counts_blocks = quantity_is_short & _near(consumed, quantity * rows.block)
    # ConsumedQuantity is the quantity as it was metered, PricingQuantity is rounded
    right_quantity = pl.when(counts_blocks).then(consumed).otherwise(quantity * rows.block)
    priced = price * right_quantity
    right_cost = pl.when(_near(priced, contracted * rows.block)).then(priced).otherwise(contracted * rows.block)
    found = (
        ("PricingQuantity", quantity_is_short, right_quantity),
        ("ContractedCost", cost_is_short, right_cost),
        ("ListCost", cost_is_short & rows.short_of(rows.charged, listed), listed * rows.block),
    )
    for column, where, value in found:
        if column in schema:
            kind = f"{column}: divided by the pricing block twice, multiplied by it"
            yield Gap(kind, column, where.fill_null(value=False), value.cast(schema[column]))
    if "ConsumedQuantity" in schema:
        kind = "ConsumedQuantity: counted pricing blocks, counts units"
        value = (consumed * rows.block).cast(schema["ConsumedQuantity"])
        yield Gap(kind, "ConsumedQuantity", counts_blocks.fill_null(value=False), value)


class _Rows:
    """What several columns of an export say together."""

    def __init__(self, schema: Mapping[str, pl.DataType]) -> None:
        self._schema = schema
        effective, billed = self.amount("EffectiveCost"), self.amount("BilledCost")
        self.charged = pl.when(effective != 0).then(effective).otherwise(billed)
        self.block = self.amount(_BLOCK)
        billing = self._text("BillingCurrency")
        pricing = pl.coalesce(self._text("PricingCurrency"), self._text("x_PricingCurrency"))
        self.one_currency = (pricing.is_null() | (pricing == "") | (pricing == billing)).fill_null(value=False)

    def amount(self, column: str) -> pl.Expr:
        """Decimal(38, 15); null where the column is missing or has no number."""
        if column not in self._schema:
            return pl.lit(None, _AMOUNT)
        return pl.col(column).cast(_AMOUNT, strict=False)

    def short_of(self, cost: pl.Expr, amount: pl.Expr) -> pl.Expr:
        """Whether ``amount`` explains ``cost`` only when it is multiplied by the block; null where one is nothing."""
        explained = cost.abs().cast(pl.Float64) <= (amount * self.block).abs().cast(pl.Float64) * _MOST
        return (Evidence(cost, amount, self.block).counts_blocks(self.block) & explained).fill_null(value=False)

    def _text(self, column: str) -> pl.Expr:
        return pl.col(column).cast(pl.String) if column in self._schema else pl.lit(None, pl.String)


def _near(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    ratio = one.cast(pl.Float64) / other.cast(pl.Float64)
    return ((ratio > 0.5) & (ratio < 2)).fill_null(value=False)
