"""Known gaps of Azure's FOCUS exports, filled as FOCUS wants it.

Source of each: "FOCUS conformance summary", microsoft/finops-toolkit, docs-mslearn/focus/conformance-summary.md, which
lists them with Microsoft's own workarounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from finops.collect.azure.repairs.block_gaps import block_gaps
from finops.collect.azure.repairs.gap import Gap

_PLACEHOLDERS = ("-2", "Unassigned")
_WITH_PLACEHOLDERS = (
    "SkuPriceId",
    "SubAccountName",
    "x_AccountId",
    "x_AccountName",
    "x_AccountOwnerId",
    "x_InvoiceSectionId",
    "x_InvoiceSectionName",
    "x_PricingUnitDescription",
)
_UNPRICED = (("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice"))
_PRICED = ("Usage", "Purchase")


def gaps(schema: Mapping[str, pl.DataType]) -> list[Gap]:
    """Those that a blob with these columns can have; the conditions of one column exclude each other."""
    kinds = (_placeholders, _services, _publisher, _invoice, _prices, _commitments, _taxes, block_gaps)
    return [gap for kind in kinds for gap in kind(schema)]


def filled_schema(schema: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    """``schema`` with InvoiceId where FOCUS 1.0 has only Azure's own column for it."""
    needs_invoice = "x_InvoiceId" in schema and "InvoiceId" not in schema
    return {**schema, **({"InvoiceId": pl.String()} if needs_invoice else {})}


def _placeholders(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """``-2`` and ``Unassigned`` stand where there is no value."""
    for column in _WITH_PLACEHOLDERS:
        if schema.get(column) == pl.String:
            where = pl.col(column).is_in(_PLACEHOLDERS)
            yield Gap(f"{column}: placeholder for no value", column, where, pl.lit(None, pl.String))


def _services(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """ServiceName is empty for Marketplace (EA), commitment purchases, rounding and credits (MCA)."""
    if "ServiceName" not in schema:
        return
    left = _empty("ServiceName")
    for column in ("x_SkuMeterSubcategory", "PublisherName"):
        if column in schema:
            where = left & ~_empty(column)
            yield Gap(f"ServiceName: empty, set from {column}", "ServiceName", where, pl.col(column))
            left &= _empty(column)
    if "ServiceCategory" in schema:
        where = _empty("ServiceCategory")
        yield Gap("ServiceCategory: empty, set to Other", "ServiceCategory", where, pl.lit("Other"))


def _publisher(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """PublisherName is empty for reservations and unused savings plans, which Microsoft sells itself."""
    if "PublisherName" in schema:
        where = _empty("PublisherName")
        yield Gap("PublisherName: empty, set to Microsoft", "PublisherName", where, pl.lit("Microsoft"))


def _invoice(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """InvoiceId is FOCUS 1.2; before, Azure has x_InvoiceId. Enterprise agreements have neither."""
    missing = _empty("InvoiceId") if "InvoiceId" in schema else pl.lit(value=True)
    if "x_InvoiceId" in schema:
        where = missing & ~_empty("x_InvoiceId")
        yield Gap("InvoiceId: taken from x_InvoiceId", "InvoiceId", where, pl.col("x_InvoiceId"))
        missing &= _empty("x_InvoiceId")
    if "InvoiceId" in filled_schema(schema):
        yield Gap("InvoiceId: missing, left null", "InvoiceId", missing, pl.lit(None, pl.String))


def _prices(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """List and contracted cost are 0 where the price sheet was not joined: that is not known, not nothing."""
    if "EffectiveCost" not in schema or "ChargeCategory" not in schema:
        return
    costs = pl.col("ChargeCategory").is_in(_PRICED) & ~_is_zero("EffectiveCost", schema)
    for cost, price in _UNPRICED:
        if cost in schema:
            where = costs & _is_zero(cost, schema)
            yield Gap(f"{cost}: 0 for a non-zero charge, set to null", cost, where, pl.lit(None, schema[cost]))
            if price in schema:
                unknown = where & _is_zero(price, schema)
                yield Gap(f"{price}: 0 for a non-zero charge, set to null", price, unknown, pl.lit(None, schema[price]))


def _commitments(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """A commitment that is bought or given back has no effective cost: its uses have it.

    Source: microsoft/finops-toolkit, "InvalidEffectiveCost" and "InvalidChargeFrequency" of its 1.0 and 1.2 ingestion;
    FOCUS 1.2, EffectiveCost of a Purchase that covers future eligible charges.
    """
    if "ChargeCategory" not in schema:
        return
    named = [~_empty("CommitmentDiscountId")] if "CommitmentDiscountId" in schema else []
    committed = [_says("PricingCategory", "committed")] if "PricingCategory" in schema else []
    bought = _says("ChargeCategory", "purchase") & pl.any_horizontal([*named, *committed, pl.lit(value=False)])
    for column in ("EffectiveCost", "x_EffectiveCostInUsd"):
        if column in schema:
            kind = f"{column}: that of a commitment purchase or refund, set to 0"
            yield Gap(kind, column, bought & _is_not_zero(column), _nothing(schema[column]))
    if "ChargeFrequency" in schema:
        where = bought & _says("ChargeFrequency", "usage-based")
        kind = "ChargeFrequency: Usage-Based for a commitment's purchase, Recurring"
        yield Gap(kind, "ChargeFrequency", where, pl.lit("Recurring"))


def _taxes(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """FOCUS 1.2: a tax has no quantity and no price."""
    if "ChargeCategory" not in schema:
        return
    for column in ("PricingQuantity", "ListUnitPrice", "ContractedUnitPrice"):
        if column in schema:
            where = _says("ChargeCategory", "tax") & _is_zero(column, schema)
            yield Gap(f"{column}: 0 for a tax, set to null", column, where, pl.lit(None, schema[column]))


def _says(column: str, word: str) -> pl.Expr:
    return (pl.col(column).cast(pl.String).str.strip_chars().str.to_lowercase() == word).fill_null(value=False)


def _is_not_zero(column: str) -> pl.Expr:
    """A text that is not a number is left to conforming, which refuses it."""
    return (pl.col(column).cast(pl.Float64, strict=False) != 0).fill_null(value=False)


def _nothing(dtype: pl.DataType) -> pl.Expr:
    return pl.lit("0") if dtype == pl.String else pl.lit(0).cast(dtype)


def _empty(column: str) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column).cast(pl.String) == "")


def _is_zero(column: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    value = pl.col(column)
    number = value.cast(pl.Float64, strict=False) if schema[column] == pl.String else value
    return (number == 0).fill_null(value=False)
