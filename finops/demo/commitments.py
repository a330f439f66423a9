"""Savings plans and reservations: what was bought, what used it, what lay idle.

FOCUS: the purchase is billed and has EffectiveCost 0; covered usage is billed 0 and has its amortised EffectiveCost;
what was not used is a Usage row of its own. So, over the commitment's days, the EffectiveCost of Used and Unused rows
is what was bought, to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal
from typing import Literal

import polars as pl

from finops.demo.rows import AMOUNT, charge_day, single_rows

_HOURS = Decimal(24)


@dataclass(frozen=True, slots=True)
class Commitment:
    """``rate_ratio`` of the list price is what covered usage costs.

    ``upfront_days`` > 0: paid at once for that many days, else by the day. ``headroom_ratio`` is how much more was
    committed than the busiest day used.
    """

    id: str
    name: str
    category: Literal["Spend", "Usage"]
    type: str
    currency: str
    start: date
    rate_ratio: Decimal
    headroom_ratio: Decimal = Decimal("1.02")
    upfront_days: int = 0

    @property
    def facts(self) -> Mapping[str, str]:
        return {
            "CommitmentDiscountId": self.id,
            "CommitmentDiscountName": self.name,
            "CommitmentDiscountCategory": self.category,
            "CommitmentDiscountType": self.type,
            "CommitmentDiscountUnit": self.currency if self.category == "Spend" else "Hours",
        }


def covered(rows: pl.DataFrame, commitment: Commitment, holder: Mapping[str, str | None]) -> pl.DataFrame:
    """The rows with the commitment applied to its lines, and its purchases and unused parts added.

    ``holder``: the columns of the account that bought it (team, accounts, service, region, provider).
    """
    applies = (pl.col("commitment") == commitment.id).fill_null(value=False) & (pl.col("day") >= commitment.start)
    used = rows.filter(applies)
    if used.is_empty():
        return rows
    rate = (pl.col("ListUnitPrice") * pl.lit(commitment.rate_ratio).cast(AMOUNT)).round(8)
    used = used.with_columns(
        pl.lit(Decimal(0)).cast(AMOUNT).alias("BilledCost"),
        (rate.cast(AMOUNT) * pl.col("PricingQuantity")).alias("EffectiveCost"),
        pl.lit("Committed").alias("PricingCategory"),
        _quantity(commitment, rate),
        pl.lit("Used").alias("CommitmentDiscountStatus"),
        *[pl.lit(text).alias(column) for column, text in commitment.facts.items()],
    )
    spent = used.group_by("day").agg(pl.col("EffectiveCost").sum()).sort("day")
    days: dict[date, Decimal] = dict(spent.iter_rows())
    busiest = max(days.values())
    hourly = (busiest * commitment.headroom_ratio / _HOURS).quantize(Decimal("0.01"), rounding=ROUND_UP)
    added = single_rows([*_purchases(commitment, holder, days, hourly), *_unused(commitment, holder, days, hourly)])
    return pl.concat([rows.filter(~applies), used, added], how="diagonal")


def _quantity(commitment: Commitment, rate: pl.Expr) -> pl.Expr:
    """A spend commitment is used up by money, a usage commitment by hours."""
    hours = pl.col("PricingQuantity")
    return (rate.cast(AMOUNT) * hours if commitment.category == "Spend" else hours).alias("CommitmentDiscountQuantity")


def _purchases(
    commitment: Commitment, holder: Mapping[str, str | None], days: Mapping[date, Decimal], hourly: Decimal
) -> list[dict[str, object]]:
    if commitment.upfront_days and commitment.start < min(days):
        return []
    first = [commitment.start] if commitment.upfront_days else list(days)
    span = commitment.upfront_days or 1
    hours = _HOURS * span
    return [
        {
            "CommitmentDiscountQuantity": hourly * hours if commitment.category == "Spend" else hours,
            **holder,
            **commitment.facts,
            **charge_day(day),
            "ChargeCategory": "Purchase",
            "ChargeFrequency": "One-Time" if commitment.upfront_days else "Recurring",
            "ChargeDescription": f"{commitment.type}, {hourly} per hour" + (", all upfront" if span > 1 else ""),
            "PricingCategory": "Committed",
            "PricingQuantity": hours,
            "PricingUnit": "Hours",
            "ListUnitPrice": hourly,
            "ContractedUnitPrice": hourly,
            "BilledCost": hourly * hours,
            "EffectiveCost": Decimal(0),
            "ListCost": hourly * hours,
            "ContractedCost": hourly * hours,
        }
        for day in first
    ]


def _unused(
    commitment: Commitment, holder: Mapping[str, str | None], days: Mapping[date, Decimal], hourly: Decimal
) -> list[dict[str, object]]:
    return [
        {
            "CommitmentDiscountQuantity": hourly * _HOURS - used if commitment.category == "Spend" else _HOURS,
            **holder,
            **commitment.facts,
            **charge_day(day),
            "ChargeCategory": "Usage",
            "ChargeFrequency": "Usage-Based",
            "ChargeDescription": f"{commitment.type}, unused",
            "CommitmentDiscountStatus": "Unused",
            "PricingCategory": "Committed",
            "PricingQuantity": _HOURS,
            "PricingUnit": "Hours",
            "ListUnitPrice": Decimal(0),
            "ContractedUnitPrice": Decimal(0),
            "BilledCost": Decimal(0),
            "EffectiveCost": hourly * _HOURS - used,
            "ListCost": Decimal(0),
            "ContractedCost": Decimal(0),
        }
        for day, used in days.items()
    ]
