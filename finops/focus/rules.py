"""The rules of FOCUS that rows can violate, one by one, and how many do.

Nullability, allowed values and numeric ranges stand in the specification's machine-readable model; what depends on
other columns follows the requirements of each column in https://focus.finops.org/focus-specification/v1-4/. What
conforming refuses (no BilledCost, a period that ends before it starts) cannot be violated any more and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from finops.focus.schema import REQUIRED, focus_columns, polars_schema, subcategory_parents
from finops.model.quality import Extent, Quality

_C = pl.col
_USAGE = _C("ChargeCategory") == "Usage"
_PURCHASE = _C("ChargeCategory") == "Purchase"
_TAX = _C("ChargeCategory") == "Tax"
_NO_CORRECTION = _C("ChargeClass").ne_missing("Correction")
_PRICED = (_USAGE | _PURCHASE) & _NO_CORRECTION
_UNUSED = (_C("CommitmentDiscountStatus") == "Unused") | (_C("CapacityReservationStatus") == "Unused")
_COMMITTED = _C("CommitmentDiscountId").is_not_null()

_ABSOLUTE, _RELATIVE = 1e-9, 1e-6
"""Providers round unit prices and costs each by itself, at about ten digits."""

_AMOUNT = pl.max_horizontal(_C("BilledCost").abs(), _C("EffectiveCost").abs())

_PRICED_COLUMNS = (
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingCategory",
    "PricingQuantity",
    "SkuId",
    "SkuPriceId",
)
_TOGETHER = (
    ("PricingQuantity", "PricingUnit"),
    ("ConsumedQuantity", "ConsumedUnit"),
    ("CommitmentDiscountQuantity", "CommitmentDiscountUnit"),
    ("RegionId", "RegionName"),
    ("CommitmentDiscountId", "CommitmentDiscountCategory"),
    ("CommitmentDiscountId", "CommitmentDiscountType"),
    ("SubAccountId", "SubAccountType"),
    ("ResourceId", "ResourceType"),
)
"""The second is null if and only if the first is."""

_NEVER_WITHOUT = (
    ("CommitmentDiscountId", "CommitmentDiscountName"),
    ("CommitmentDiscountId", "CommitmentDiscountStatus"),
    ("CapacityReservationId", "CapacityReservationStatus"),
    ("SubAccountId", "SubAccountName"),
    ("ResourceId", "ResourceName"),
    ("SkuId", "SkuMeter"),
    ("SkuPriceId", "SkuPriceDetails"),
)
"""The second must be null where the first is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``violated``: a Boolean over the columns of conformed rows, null for false. ``if_present``: a bill without the
    column does not violate it, as FOCUS asks for the column under conditions only."""

    column: str
    text: str
    violated: pl.Expr

    @property
    def if_present(self) -> bool:
        return self.text.startswith("is null") and focus_columns()[self.column].level != "Mandatory"

    @property
    def name(self) -> str:
        return f"{self.column}: {self.text}"


@cache
def rules() -> tuple[Rule, ...]:
    """By column, then in the order of this module."""
    return tuple(sorted([*_of_single_columns(), *_of_nulls(), *_of_costs()], key=lambda rule: rule.column))


def _of_single_columns() -> Iterator[Rule]:
    for name, column in focus_columns().items():
        if not column.nullable and name not in REQUIRED:
            yield Rule(name, "is null", _C(name).is_null())
        if column.allowed_values and name not in REQUIRED:
            yield Rule(name, "is not one of the allowed values", ~_C(name).is_in(column.allowed_values))
        if column.value_format == "Decimal (non-negative)":
            yield Rule(name, "is negative", _C(name) < 0)
        if column.value_format == "Currency" and name not in REQUIRED:
            yield Rule(name, "is not a currency code", ~_C(name).str.contains("^[A-Z]{3}$"))
    parents = subcategory_parents()
    yield Rule(
        "ServiceSubcategory",
        "does not belong to the ServiceCategory",
        _C("ServiceSubcategory").replace_strict(parents, default=None, return_dtype=pl.String) != _C("ServiceCategory"),
    )
    yield Rule("ChargeFrequency", "is Usage-Based in a purchase", _PURCHASE & (_C("ChargeFrequency") == "Usage-Based"))


def _of_nulls() -> Iterator[Rule]:
    for name in _PRICED_COLUMNS:
        yield Rule(name, "is null in usage or a purchase", _PRICED & _C(name).is_null())
        yield Rule(name, "has a value in a tax", _TAX & _C(name).is_not_null())
    for first, second in _TOGETHER:
        yield Rule(second, f"is null beside a {first}", _C(first).is_not_null() & _C(second).is_null())
    for first, second in (*_TOGETHER, *_NEVER_WITHOUT):
        yield Rule(second, f"has a value without a {first}", _C(first).is_null() & _C(second).is_not_null())
    consumed = _C("ConsumedQuantity").is_not_null()
    used = _USAGE & ~_UNUSED.fill_null(value=False)
    yield Rule("ConsumedQuantity", "is null in usage", used & _NO_CORRECTION & ~consumed)
    yield Rule("ConsumedQuantity", "has a value where nothing was used", ~used & consumed)
    for kind, of in (
        ("CommitmentDiscount", _COMMITTED),
        ("CapacityReservation", _C("CapacityReservationId").is_not_null()),
    ):
        status = f"{kind}Status"
        yield Rule(status, f"is null in usage with a {kind}Id", of & _USAGE & _C(status).is_null())
    quantity = _C("CommitmentDiscountQuantity")
    counted = _COMMITTED & (_USAGE | _PURCHASE)
    yield Rule(
        "CommitmentDiscountQuantity",
        "is null in usage or a purchase of a commitment",
        counted & _NO_CORRECTION & quantity.is_null(),
    )
    yield Rule("CommitmentDiscountQuantity", "has a value without a commitment", ~counted & quantity.is_not_null())


def _of_costs() -> Iterator[Rule]:
    for cost, price in (("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice")):
        product = _C(price).cast(pl.Float64) * _C("PricingQuantity").cast(pl.Float64)
        differs = _differs(_C(cost).cast(pl.Float64), product)
        yield Rule(cost, f"is not {price} × PricingQuantity", _NO_CORRECTION & differs)
    covers_usage = _PURCHASE & _COMMITTED & (_C("EffectiveCost") != 0)
    yield Rule("EffectiveCost", "is not zero in the purchase of a commitment", covers_usage)
    ordinary = _USAGE & _NO_CORRECTION & ~_UNUSED.fill_null(value=False)
    for lower, higher in (("ContractedCost", "ListCost"), ("EffectiveCost", "ContractedCost")):
        low, high = _C(lower).cast(pl.Float64), _C(higher).cast(pl.Float64)
        above = (high >= 0) & (low > high) & _differs(low, high)
        yield Rule(lower, f"is above {higher} in ordinary usage", ordinary & above)


def _differs(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    return (one - other).abs() > _ABSOLUTE + _RELATIVE * pl.max_horizontal(one.abs(), other.abs())


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is asked of rows with certain columns: made once, as most batches have the same."""

    columns: tuple[pl.Expr, ...]
    flags: tuple[pl.Expr, ...]


@cache
def _questions(present: frozenset[str]) -> _Questions:
    columns = (
        pl.col(name) if name in present else pl.lit(None, dtype).alias(name) for name, dtype in polars_schema().items()
    )
    applicable = (rule for rule in rules() if not rule.if_present or rule.column in present)
    return _Questions(
        (*columns, pl.col("billing_period")),
        tuple(rule.violated.fill_null(value=False).alias(rule.name) for rule in applicable),
    )


def count_violations(rows: pl.DataFrame) -> dict[date, Quality]:
    """``rows``: conformed, with ``billing_period``; FOCUS columns that they lack are null. By billing period."""
    asked = _questions(frozenset(polars_schema().keys() & set(rows.columns)))
    whole = rows.select(asked.columns)
    flags = whole.select(asked.flags)
    occurring = [flag for flag in flags.iter_columns() if flag.any()]
    amounts = whole.select(_AMOUNT).to_series()
    found: dict[date, Quality] = {}
    # by masks: a grouping here would wait for threads that wait for the stream which this batch is part of
    for period, in_period in _parts(whole["billing_period"]):
        nulls = {column.name: int((column.is_null() & in_period).sum()) for column in whole.iter_columns()}
        found[period] = Quality(nulls={name: count for name, count in nulls.items() if count})
        for currency, in_currency in _parts(whole["BillingCurrency"]):
            if not (here := in_period & in_currency).any():
                continue
            violated = [(flag.name, flag & here) for flag in occurring]
            violations = {name: _extent(mask, amounts, currency) for name, mask in violated if mask.any()}
            found[period] += Quality(_extent(here, amounts, currency), violations)
    return found


def _parts(keys: pl.Series) -> Iterator[tuple[Any, pl.Series]]:
    """Each value with the mask of its rows."""
    for key in keys.unique():
        yield key, keys.eq_missing(key)


def _extent(mask: pl.Series, amounts: pl.Series, currency: str) -> Extent:
    return Extent(int(mask.sum()), {currency: Decimal(amounts.filter(mask).sum())})
