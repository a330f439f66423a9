"""What kind of charge a line is.

``line_item_line_item_type`` and ``bill_bill_type`` as AWS documents them
(https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-line-item.html), to FOCUS categories as the
specification's own notes on providers place them
(FOCUS_Spec, supporting_content/columns/chargecategory.md).
"""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur

COVERED = ("SavingsPlanCoveredUsage", "DiscountedUsage")
"""Usage that a commitment pays for: a savings plan, a reservation."""

UPFRONT = ("SavingsPlanUpfrontFee",)
RECURRING = ("SavingsPlanRecurringFee", "RIFee")
NEGATION = "SavingsPlanNegation"
"""Takes the on-demand cost of covered usage out of the bill again."""

_PURCHASES = ("Fee", "FlatRateSubscription", *UPFRONT, *RECURRING)


class LineItem:
    """Predicates and categories over the rows of one file."""

    def __init__(self, cur: Cur) -> None:
        self.type = cur.text("line_item_line_item_type")
        self.savings_plan = cur.text("savings_plan_savings_plan_a_r_n")
        self.reservation = cur.text("reservation_reservation_a_r_n")
        self.is_negation = self.type == NEGATION
        self.is_covered = self.type.is_in(COVERED)
        self.is_discount = self.type.str.ends_with("Discount")
        self.is_refund = self.type == "Refund"
        self.is_reservation_fee = (self.type == "Fee") & self.reservation.is_not_null()
        self.is_commitment_purchase = self.type.is_in([*UPFRONT, *RECURRING]) | self.is_reservation_fee
        self._tax = cur.text("line_item_tax_type")
        self._usage_type = cur.text("line_item_usage_type")
        self._market = pl.coalesce(cur.text("product_marketoption"), cur.entry("product", "marketoption"))

    def category(self) -> pl.Expr:
        """ChargeCategory. A refund has the category of what it gives back; a discount lowers usage."""
        bought = self.savings_plan.is_not_null() | self.reservation.is_not_null()
        of_refund = (
            pl.when(self._tax.is_not_null())
            .then(pl.lit("Tax"))
            .when(bought)
            .then(pl.lit("Purchase"))
            .otherwise(pl.lit("Usage"))
        )
        return (
            pl.when(self.type == "Tax")
            .then(pl.lit("Tax"))
            .when(self.type == "Credit")
            .then(pl.lit("Credit"))
            .when(self.is_refund)
            .then(of_refund)
            .when(self.type.is_in(_PURCHASES))
            .then(pl.lit("Purchase"))
            .when(self._is_usage())
            .then(pl.lit("Usage"))
            .otherwise(pl.lit("Adjustment"))
        )

    def frequency(self) -> pl.Expr:
        """ChargeFrequency."""
        return (
            pl.when(self.type.is_in([*RECURRING, "FlatRateSubscription"]))
            .then(pl.lit("Recurring"))
            .when(self._is_usage())
            .then(pl.lit("Usage-Based"))
            .otherwise(pl.lit("One-Time"))
        )

    def pricing_category(self) -> pl.Expr:
        """PricingCategory: null for a tax, as FOCUS asks; Dynamic for the spot market."""
        is_spot = (self._market == "Spot") | self._usage_type.str.contains("SpotUsage", literal=True)
        return (
            pl.when((self.type == "Tax") | self._tax.is_not_null())
            .then(pl.lit(None, pl.String))
            .when(self.is_covered | self.is_commitment_purchase)
            .then(pl.lit("Committed"))
            .when(is_spot)
            .then(pl.lit("Dynamic"))
            .when(self.type == "Credit")
            .then(pl.lit("Other"))
            .otherwise(pl.lit("Standard"))
        )

    def _is_usage(self) -> pl.Expr:
        return (self.type == "Usage") | self.is_covered | self.is_negation | self.is_discount
