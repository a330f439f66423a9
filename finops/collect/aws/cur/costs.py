"""The four costs of FOCUS, and the rows that AWS folds into fees: what of a commitment was not used.

BilledCost: ``line_item_net_unblended_cost``, or ``line_item_unblended_cost`` without discounts. The report bills usage
that a savings plan covers at its on-demand cost, and takes it out again in a negation line; FOCUS bills covered usage
at 0, so both are 0 here, as AWS's own FOCUS export has it. They add up to 0, and so BilledCost adds up to the unblended
cost.

EffectiveCost: AWS's amortised cost
(https://docs.aws.amazon.com/cur/latest/userguide/cur-sp.html, https://docs.aws.amazon.com/cur/latest/userguide/understanding-amortized-reservation-data.html).
A purchase of a commitment has none; what was not used is a row of its own.
"""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import COST, Cur
from finops.collect.aws.cur.line_items import LineItem

_NET_COST = "line_item_net_unblended_cost"


def unblended(cur: Cur) -> pl.Expr:
    """What the line costs in AWS's bill, after discounts where AWS gives them."""
    return cur.net(_NET_COST, COST)


def is_offset(line: LineItem) -> pl.Expr:
    """Lines of covered usage and its negation, which add up to nothing."""
    return line.is_negation | (line.type == "SavingsPlanCoveredUsage")


def billed(cur: Cur, line: LineItem) -> pl.Expr:
    return pl.when(is_offset(line)).then(cur.zero()).otherwise(unblended(cur))


def effective(cur: Cur, line: LineItem) -> pl.Expr:
    of_plan = cur.net("savings_plan_net_savings_plan_effective_cost", "savings_plan_savings_plan_effective_cost")
    of_reservation = cur.net("reservation_net_effective_cost", "reservation_effective_cost")
    return (
        pl.when(line.type == "SavingsPlanCoveredUsage")
        .then(of_plan)
        .when(line.type == "DiscountedUsage")
        .then(of_reservation)
        .when(line.is_negation | line.is_commitment_purchase)
        .then(cur.zero())
        .otherwise(unblended(cur))
    )


def listed(cur: Cur, line: LineItem) -> pl.Expr:
    """ListCost: the public on-demand cost of usage; a discount leaves it as it was."""
    public = cur.amount("pricing_public_on_demand_cost")
    is_priced = (line.type == "Usage") | line.is_covered
    return (
        pl.when(line.is_negation | line.is_discount)
        .then(cur.zero())
        .when(is_priced)
        .then(pl.coalesce(public, cur.amount(COST)))
        .otherwise(unblended(cur))
    )


def contracted(cur: Cur, line: LineItem) -> pl.Expr:
    """ContractedCost: after negotiated discounts, without those of commitments.

    Reserved usage is billed at 0 and has no contracted price in the report: its public cost stands for it.
    """
    public = cur.amount("pricing_public_on_demand_cost")
    return (
        pl.when(line.is_negation)
        .then(cur.zero())
        .when(line.type == "DiscountedUsage")
        .then(pl.coalesce(public, unblended(cur)))
        .otherwise(unblended(cur))
    )


def unused(cur: Cur) -> pl.Expr:
    """What of a recurring fee paid for nothing; null where the line is no such fee.

    Savings plans: commitment of the line's period minus what was used of it. Reservations: unused hours of the
    recurring fee and of the amortised upfront fee.
    """
    kind = cur.text("line_item_line_item_type")
    plan = cur.total(
        cur.amount("savings_plan_total_commitment_to_date"), cur.amount("savings_plan_used_commitment"), sign=-1
    )
    upfront = cur.net(
        "reservation_net_unused_amortized_upfront_fee_for_billing_period",
        "reservation_unused_amortized_upfront_fee_for_billing_period",
    )
    recurring = cur.net("reservation_net_unused_recurring_fee", "reservation_unused_recurring_fee")
    return (
        pl.when(kind == "SavingsPlanRecurringFee").then(plan).when(kind == "RIFee").then(cur.total(upfront, recurring))
    )
