"""What kind of charge a line is.

``line_item_line_item_type`` and ``bill_bill_type`` as AWS documents them
(https://docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2-line-item.html), to FOCUS categories as the
specification's own notes on providers place them
(FOCUS_Spec, supporting_content/columns/chargecategory.md).
"""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur, hidden

COVERED = ("SavingsPlanCoveredUsage", "DiscountedUsage")
"""Usage that a commitment pays for: a savings plan, a reservation."""

UPFRONT = ("SavingsPlanUpfrontFee",)
RECURRING = ("SavingsPlanRecurringFee", "RIFee")
NEGATION = "SavingsPlanNegation"
"""Takes the on-demand cost of covered usage out of the bill again."""

_PURCHASES = ("Fee", "FlatRateSubscription", *UPFRONT, *RECURRING)

_PLAN_ID = r"(?i)\bsavings ?plans? id:? *(?:arn:\S*/)?([0-9a-z][0-9a-z-]*)"
"""A savings plan as AWS names it in "Refund for one-time fee for Savings Plan ID: …"."""

_FEE = r"(fees?|upfront|recurring|purchase|cancel\w*)"
_PLAN_FEE = rf"(?i)\bsavings ?plans?\b.*\b{_FEE}\b|\b{_FEE}\b.*\bsavings ?plans?\b"
_SIGN_UP = r"(?i)\bsign up charge for subscription: *(\w+)"
"""AWS's description of a reservation's upfront fee."""

_RESERVATION = (
    r"(?i)\bsign up charge for subscription\b|\bhourly fee per\b|\breserved (instance|node|cache|db|capacity|pricing)"
)
_DISCOUNT = r"(?i)discount|\bEDP\b|\bPPA\b|\bprivate (rate|pric)"


class LineItem:
    """Predicates and categories over the rows of one file, which have the columns ``found``."""

    def __init__(self, cur: Cur) -> None:
        self.type = cur.text("line_item_line_item_type")
        self.is_negation = self.type == NEGATION
        self.is_covered = self.type.is_in(COVERED)
        self.is_discount = self.type.str.ends_with("Discount")
        self.is_refund = self.type == "Refund"
        self._tax = cur.text("line_item_tax_type")
        self._usage_type = cur.text("line_item_usage_type")
        self._market = pl.coalesce(cur.text("product_marketoption"), cur.entry("product", "marketoption"))
        # descriptions are long: only those that decide are looked at
        description = pl.when(self.type.is_in(["Fee", "Refund"])).then(cur.text("line_item_line_item_description"))
        plan, reservation = cur.text("savings_plan_savings_plan_a_r_n"), cur.text("reservation_reservation_a_r_n")
        savings_plan = pl.coalesce(plan, _plan_arn(cur, description))
        subscription = pl.coalesce(cur.text("reservation_subscription_id"), description.str.extract(_SIGN_UP))
        is_signed_up = _matches(description, _SIGN_UP)
        # a discount that is given back has the product and the usage type of the plan's fee, and lowers what usage cost
        gives_back = self.is_refund & self._tax.is_null() & ~_matches(description, _DISCOUNT)
        is_plan_refund = gives_back & (savings_plan.is_not_null() | _matches(description, _PLAN_FEE))
        is_reservation_refund = (
            gives_back
            & ~is_plan_refund
            & (
                reservation.is_not_null()
                | _matches(description, _RESERVATION)
                | _matches(self._usage_type, "HeavyUsage")
            )
        )
        named = reservation.is_not_null() if cur.has("reservation_reservation_a_r_n") else is_signed_up
        self.found = {
            hidden("savings_plan"): savings_plan,
            hidden("reservation"): pl.coalesce(reservation, subscription),
            hidden("is_plan_refund"): is_plan_refund,
            hidden("is_reservation_refund"): is_reservation_refund,
            hidden("is_reservation_fee"): (self.type == "Fee") & named,
        }
        (
            self.savings_plan,
            self.reservation,
            self.is_plan_refund,
            self.is_reservation_refund,
            self.is_reservation_fee,
        ) = (pl.col(name) for name in self.found)
        self.is_commitment_purchase = (
            self.type.is_in([*UPFRONT, *RECURRING])
            | self.is_reservation_fee
            | self.is_plan_refund
            | self.is_reservation_refund
        )
        self.is_usage = (self.type == "Usage") | self.is_covered
        self.is_purchase = self.type.is_in(_PURCHASES) | self.is_plan_refund | self.is_reservation_refund
        self.is_tax = (self.type == "Tax") | (self.is_refund & self._tax.is_not_null())

    def is_of_plan(self) -> pl.Expr:
        """Usage that a savings plan covers, its fees and what is given back of them."""
        return (
            self.type.is_in(["SavingsPlanCoveredUsage", "SavingsPlanUpfrontFee", "SavingsPlanRecurringFee"])
            | self.is_plan_refund
        )

    def is_of_reservation(self) -> pl.Expr:
        """Reserved usage, the fees of a reservation and what is given back of them."""
        return self.type.is_in(["DiscountedUsage", "RIFee"]) | self.is_reservation_fee | self.is_reservation_refund

    def category(self) -> pl.Expr:
        """ChargeCategory. A refund has the category of what it gives back; a discount lowers usage."""
        return (
            pl.when(self.is_tax)
            .then(pl.lit("Tax"))
            .when(self.type == "Credit")
            .then(pl.lit("Credit"))
            .when(self.is_purchase)
            .then(pl.lit("Purchase"))
            .when(self._lowers_usage() | self.is_usage | self.is_refund)
            .then(pl.lit("Usage"))
            .otherwise(pl.lit("Adjustment"))
        )

    def frequency(self) -> pl.Expr:
        """ChargeFrequency."""
        return (
            pl.when(self.type.is_in([*RECURRING, "FlatRateSubscription"]))
            .then(pl.lit("Recurring"))
            .when(self._lowers_usage() | self.is_usage)
            .then(pl.lit("Usage-Based"))
            .otherwise(pl.lit("One-Time"))
        )

    def pricing_category(self) -> pl.Expr:
        """PricingCategory: null for a tax, as FOCUS asks; Dynamic for the spot market."""
        is_spot = (self._market == "Spot") | self._usage_type.str.contains("SpotUsage", literal=True)
        return (
            pl.when(self.is_tax)
            .then(pl.lit(None, pl.String))
            .when(self.is_covered | self.is_commitment_purchase)
            .then(pl.lit("Committed"))
            .when(is_spot)
            .then(pl.lit("Dynamic"))
            .when(self.type == "Credit")
            .then(pl.lit("Other"))
            .otherwise(pl.lit("Standard"))
        )

    def _lowers_usage(self) -> pl.Expr:
        return self.is_negation | self.is_discount


def _matches(text: pl.Expr, pattern: str) -> pl.Expr:
    return text.str.contains(pattern).fill_null(value=False)


def _plan_arn(cur: Cur, description: pl.Expr) -> pl.Expr:
    """The ARN of the plan that a description names by its ID: refunds can lack the ARN itself.

    https://github.com/aws-solutions-library-samples/cloud-intelligence-dashboards-framework/pull/1515
    """
    partition = pl.when(cur.text("line_item_currency_code") == "CNY").then(pl.lit("aws-cn")).otherwise(pl.lit("aws"))
    owner = pl.coalesce(cur.text("line_item_usage_account_id"), cur.text("bill_payer_account_id"))
    return pl.format("arn:{}:savingsplans::{}:savingsplan/{}", partition, owner, description.str.extract(_PLAN_ID))
