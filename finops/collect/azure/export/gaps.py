"""Known gaps of Azure's FOCUS exports, filled as FOCUS wants it.

Source of each: "FOCUS conformance summary", microsoft/finops-toolkit, docs-mslearn/focus/conformance-summary.md, which
lists them with Microsoft's own workarounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

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


@dataclass(frozen=True, slots=True)
class Gap:
    """``kind``: what a run's tally shows. Where ``where`` holds, ``column`` becomes ``value``."""

    kind: str
    column: str
    where: pl.Expr
    value: pl.Expr


def gaps(schema: Mapping[str, pl.DataType]) -> list[Gap]:
    """Those that a blob with these columns can have; the conditions of one column exclude each other."""
    return [*_placeholders(schema), *_services(schema), *_publisher(schema), *_invoice(schema), *_prices(schema)]


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
            yield Gap(f"ServiceName: was empty, taken from {column}", "ServiceName", where, pl.col(column))
            left &= _empty(column)
    if "ServiceCategory" in schema:
        where = _empty("ServiceCategory")
        yield Gap("ServiceCategory: was empty, Other", "ServiceCategory", where, pl.lit("Other"))


def _publisher(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """PublisherName is empty for reservations and unused savings plans, which Microsoft sells itself."""
    if "PublisherName" in schema:
        where = _empty("PublisherName")
        yield Gap("PublisherName: was empty, Microsoft", "PublisherName", where, pl.lit("Microsoft"))


def _invoice(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """InvoiceId is FOCUS 1.2; before, Azure has x_InvoiceId. Enterprise agreements have neither."""
    missing = _empty("InvoiceId") if "InvoiceId" in schema else pl.lit(value=True)
    if "x_InvoiceId" in schema:
        where = missing & ~_empty("x_InvoiceId")
        yield Gap("InvoiceId: taken from x_InvoiceId", "InvoiceId", where, pl.col("x_InvoiceId"))
        missing &= _empty("x_InvoiceId")
    if "InvoiceId" in filled_schema(schema):
        yield Gap("InvoiceId: not given, stays null", "InvoiceId", missing, pl.lit(None, pl.String))


def _prices(schema: Mapping[str, pl.DataType]) -> Iterator[Gap]:
    """List and contracted cost are 0 where the price sheet was not joined: that is not known, not nothing."""
    if "EffectiveCost" not in schema or "ChargeCategory" not in schema:
        return
    costs = pl.col("ChargeCategory").is_in(_PRICED) & ~_is_zero("EffectiveCost", schema)
    for cost, price in _UNPRICED:
        if cost in schema:
            where = costs & _is_zero(cost, schema)
            yield Gap(f"{cost}: 0 for a charge that costs, not known", cost, where, pl.lit(None, schema[cost]))
            if price in schema:
                unknown = where & _is_zero(price, schema)
                yield Gap(f"{price}: 0 for a charge that costs, not known", price, unknown, pl.lit(None, schema[price]))


def _empty(column: str) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column).cast(pl.String) == "")


def _is_zero(column: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    value = pl.col(column)
    number = value.cast(pl.Float64, strict=False) if schema[column] == pl.String else value
    return (number == 0).fill_null(value=False)
