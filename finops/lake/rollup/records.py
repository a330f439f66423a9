"""Rows of ``costs`` -> what they say of commitments and invoices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import polars as pl

from finops.lake.rollup.contract_applied import APPLIED, applied_of, only
from finops.lake.tables.columns import MOMENT, MONEY, with_columns_of
from finops.model.cell import read_moment
from finops.ports.lake import DimensionColumns
from finops.ports.records import COMMITMENT_LABELS, COMMITMENTS_SCHEMA, INVOICES_SCHEMA

VERSION = 2
"""Goes up when a rule changes, so that what is known is derived anew."""

START, END, TERM = "x_CommitmentPeriodStart", "x_CommitmentPeriodEnd", "x_SkuTerm"
"""What bills say of a commitment's term: AWS its first and last moment, Azure how many months it has."""

READ = pl.Schema(
    {
        **dict.fromkeys(
            (
                *COMMITMENT_LABELS,
                "BillingCurrency",
                "ChargeCategory",
                "ChargeClass",
                "ChargeFrequency",
                "CommitmentDiscountCategory",
                "CommitmentDiscountId",
                "CommitmentDiscountName",
                "CommitmentDiscountStatus",
                "CommitmentDiscountType",
                APPLIED,
                "InvoiceId",
                START,
                END,
                TERM,
            ),
            pl.String(),
        ),
        **dict.fromkeys(("BilledCost", "EffectiveCost"), MONEY),
        **dict.fromkeys(("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"), MOMENT),
    }
)
"""The columns of ``costs`` that are read."""

_OF_THE_OWNER = ("SubAccountId", "SubAccountName")
"""Usage that a commitment covers may be in any account; purchases and what lies idle are its owner's."""

_NAMED: Mapping[str, str] = MappingProxyType(
    {
        "ContractCommitmentCategory": "CommitmentDiscountCategory",
        "ContractCommitmentDescription": "CommitmentDiscountName",
        "ContractCommitmentType": "CommitmentDiscountType",
    }
)
_TERM = re.compile(r"(?i)p?\s*(\d+)\s*-?\s*(m|mo|month|months|y|yr|year|years)?")


def commitments_of(rows: pl.LazyFrame) -> pl.DataFrame:
    """``rows``: the columns of ``READ`` and ``billing_period``. A row a commitment, billing period and currency.

    Charges tell of a commitment by their CommitmentDiscountId, and by ContractApplied. Its term is what the bill says
    (AWS), else that of its one-time purchase and the months that it was bought for (Azure). A commitment that was
    bought before the first bill has no known term.
    """
    by = ("billing_period", "CommitmentDiscountId", "BillingCurrency")
    bought = pl.col("ChargeCategory") == "Purchase"
    owned = bought | (pl.col("CommitmentDiscountStatus") == "Unused")
    first_buy = bought & (pl.col("BilledCost") > 0) & pl.col("ChargeClass").is_null()
    once = first_buy & (pl.col("ChargeFrequency") == "One-Time")

    def cost(name: str, where: pl.Expr) -> pl.Expr:
        return pl.col(name).filter(where).sum()

    found = (
        rows.filter(pl.col("CommitmentDiscountId").is_not_null())
        .group_by(by)
        .agg(
            *_labels(owned),
            *(only(pl.col(of), name) for name, of in _NAMED.items()),
            only(pl.col(START), START),
            only(pl.col(END), END),
            only(pl.col(TERM), TERM),
            pl.col("ChargePeriodStart").filter(once).min().alias("bought_at"),
            cost("BilledCost", bought),
            cost("EffectiveCost", pl.col("CommitmentDiscountStatus") == "Used").alias("x_UsedCost"),
            cost("EffectiveCost", pl.col("CommitmentDiscountStatus") == "Unused").alias("x_UnusedCost"),
            pl.col("ChargePeriodEnd").max().alias("x_LastChargePeriodEnd"),
        )
        .collect(engine="streaming")
    )
    applied = applied_of(rows, by, _labels(owned))
    both = [name for name in applied.columns if name in found.columns and name not in by]
    found = (
        found.join(applied, on=by, how="full", coalesce=True, nulls_equal=True)
        .with_columns(
            pl.max_horizontal(name, f"{name}_right")
            if name == "x_LastChargePeriodEnd"
            else pl.coalesce(name, f"{name}_right")
            for name in both
        )
        .sort(by)
    )
    terms = [_term(row) for row in found.select(START, END, TERM, "bought_at").iter_rows(named=True)]
    named = found.with_columns(
        pl.Series("ContractCommitmentPeriodStart", [start for start, _ in terms], dtype=MOMENT),
        pl.Series("ContractCommitmentPeriodEnd", [end for _, end in terms], dtype=MOMENT),
        pl.col("CommitmentDiscountId").alias("ContractCommitmentId"),
    )
    return _in(named, COMMITMENTS_SCHEMA)


def invoices_of(rows: pl.LazyFrame) -> pl.DataFrame:
    """The sums of BilledCost by billing period, invoice, account, currency and charge category; ``rows`` as above.

    Charges without an InvoiceId are on no invoice yet.
    """
    by = ("billing_period", "InvoiceIssuerName", "InvoiceId", "BillingAccountId", "BillingCurrency", "ChargeCategory")
    found = (
        rows.filter(pl.col("InvoiceId").is_not_null())
        .group_by(by)
        .agg(pl.col("BilledCost").sum(), pl.col("BillingPeriodStart").min(), pl.col("BillingPeriodEnd").max())
        .sort(by)
        .collect(engine="streaming")
    )
    return _in(found, INVOICES_SCHEMA)


def with_dimensions(commitments: pl.LazyFrame, dimensions: DimensionColumns) -> pl.LazyFrame:
    """``commitments`` and the dimensions, as far as its labels tell them; any other column is null to their rules."""
    needed = pl.Schema(dict.fromkeys(sorted(dimensions.required_columns), pl.String()))
    rows = with_columns_of(commitments, needed).with_columns(dimensions.expressions())
    return rows.select(*COMMITMENTS_SCHEMA.names(), *dimensions.names)


def _labels(owned: pl.Expr) -> list[pl.Expr]:
    return [
        only(pl.col(name).filter(owned) if name in _OF_THE_OWNER else pl.col(name), name) for name in COMMITMENT_LABELS
    ]


def _term(row: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    start, end = (read_moment(row[name] or "") for name in (START, END))
    if start is not None or end is not None:
        return (start.at if start else None), (end.at if end else None)
    bought, term = row["bought_at"], _TERM.fullmatch((row[TERM] or "").strip())
    if bought is None or term is None:
        return bought, None
    months = int(term[1]) * (12 if (term[2] or "m").lower().startswith("y") else 1)
    return bought, pl.Series([bought]).dt.offset_by(f"{months}mo")[0]


def _in(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    return with_columns_of(rows.lazy(), schema).select(schema.names()).cast(dict(schema)).collect()  # type: ignore[arg-type] # the stub wants selectors
