"""The four costs of FOCUS, and the rows that AWS folds into fees: what of a commitment was not used.

BilledCost: ``line_item_net_unblended_cost``, or ``line_item_unblended_cost`` without discounts. The report bills usage
that a savings plan covers at its on-demand cost, and takes it out again in a negation line; FOCUS bills covered usage
at 0, so both are 0 here, as AWS's own FOCUS export has it. They add up to 0, and so BilledCost adds up to the unblended
cost.

EffectiveCost: AWS's amortised cost
(https://docs.aws.amazon.com/cur/latest/userguide/cur-sp.html, https://docs.aws.amazon.com/cur/latest/userguide/understanding-amortized-reservation-data.html).
A purchase of a commitment has none, nor has what is given back of it; what was not used is a row of its own.
"""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import COST, Cur, exact, hidden
from finops.collect.aws.cur.line_items import LineItem
from finops.collect.aws.cur.parties import MARKETPLACE
from finops.ports.lake import COSTS

_NET_COST = "line_item_net_unblended_cost"
_NET_USED = "savings_plan_net_savings_plan_effective_cost"


UNBLENDED = pl.col(hidden("unblended"))
"""What a line costs in AWS's bill, after discounts where AWS gives them."""

_EFFECTIVE = pl.col(hidden("EffectiveCost"))


def cost_steps(cur: Cur, line: LineItem) -> list[dict[str, pl.Expr]]:
    """Columns to add one after the other: ``UNBLENDED``, and the costs of ``cost_columns``, in ``cur.amount_type``."""
    return [
        {hidden("unblended"): cur.net(_NET_COST, COST)},
        {hidden("BilledCost"): billed(cur, line), hidden("EffectiveCost"): effective(cur, line)},
        {hidden("ListCost"): listed(cur, line), hidden("ContractedCost"): contracted(cur, line)},
    ]


def cost_columns() -> dict[str, pl.Expr]:
    return {name: pl.col(hidden(name)) for name in COSTS}


def is_offset(line: LineItem) -> pl.Expr:
    """Lines of covered usage and its negation, which add up to nothing."""
    return line.is_negation | (line.type == "SavingsPlanCoveredUsage")


def billed(cur: Cur, line: LineItem) -> pl.Expr:
    return pl.when(is_offset(line)).then(cur.zero()).otherwise(UNBLENDED)


def effective(cur: Cur, line: LineItem) -> pl.Expr:
    of_plan = cur.net(_NET_USED, "savings_plan_savings_plan_effective_cost")
    of_reservation = cur.net("reservation_net_effective_cost", "reservation_effective_cost")
    return (
        pl.when(line.type == "SavingsPlanCoveredUsage")
        .then(of_plan)
        .when(line.type == "DiscountedUsage")
        .then(of_reservation)
        .when(line.is_negation | line.is_commitment_purchase)
        .then(cur.zero())
        .otherwise(UNBLENDED)
    )


def listed(cur: Cur, line: LineItem) -> pl.Expr:
    """ListCost: the public on-demand cost of usage; a discount leaves it as it was.

    Null where AWS publishes no price: usage of the marketplace, of support and of reservations with a public cost of 0
    that is not for free, or with none at all.
    """
    return (
        pl.when(line.is_negation | line.is_discount)
        .then(cur.zero())
        .when(line.is_usage)
        .then(_public(cur, line))
        .otherwise(UNBLENDED)
    )


def contracted(cur: Cur, line: LineItem) -> pl.Expr:
    """ContractedCost: after negotiated discounts, without those of commitments.

    Reserved usage is billed at 0 and has no contracted price in the report: its public cost stands for it.
    """
    return (
        pl.when(line.is_negation)
        .then(cur.zero())
        .when(line.type == "DiscountedUsage")
        .then(_public(cur, line))
        .otherwise(UNBLENDED)
    )


def _public(cur: Cur, line: LineItem) -> pl.Expr:
    """The public on-demand cost, or what the line costs where the export leaves it out; null where AWS has none."""
    public, cost = cur.amount("pricing_public_on_demand_cost"), cur.amount(COST)
    charged = pl.when(line.is_covered).then(_EFFECTIVE).otherwise(UNBLENDED)
    is_free = exact(charged, cur.amount_type) == 0
    has_price = is_free | (exact(public, cur.amount_type) != 0)
    is_sold_by_others = cur.text("bill_billing_entity") == MARKETPLACE
    return (
        pl.when(has_price)
        .then(public)
        .when(public.is_null() & (line.type != "DiscountedUsage") & ~is_sold_by_others.fill_null(value=False))
        .then(cost)
    )


def unused(cur: Cur) -> pl.Expr:
    """What of a recurring fee paid for nothing; null where the line is not such a fee.

    Savings plans: commitment of the line's period minus what was used of it, after the discount on the commitment.
    Reservations: unused hours of the recurring fee and of the amortised upfront fee.
    """
    kind = cur.text("line_item_line_item_type")
    plan = cur.total(
        cur.amount("savings_plan_total_commitment_to_date"), cur.amount("savings_plan_used_commitment"), sign=-1
    )
    return (
        pl.when(kind == "SavingsPlanRecurringFee")
        .then(cur.scaled(plan, *_commitment(cur)))
        .when(kind == "RIFee")
        .then(_unused_reservation(cur))
    )


def _unused_reservation(cur: Cur) -> pl.Expr:
    parts = ("amortized_upfront_fee_for_billing_period", "recurring_fee")
    net, gross = ([f"reservation_{kind}_{part}" for part in parts] for kind in ("net_unused", "unused"))
    unused = cur.total(*map(cur.net, net, gross))
    if cur.has("reservation_net_effective_cost") and not any(map(cur.has, net)):
        return cur.scaled(unused, UNBLENDED, cur.amount(COST))  # used hours are net, so the fee tells of the others
    return unused


def _commitment(cur: Cur) -> tuple[pl.Expr, pl.Expr]:
    """What a plan's period costs after discounts, and before them.

    Without AWS's columns for it the fee tells, which is all that a plan costs that was not paid upfront; and where used
    usage has no net column either, the rest is not net alone.
    """
    upfront, recurring = (
        (f"savings_plan_net_{part}_commitment_for_billing_period", f"savings_plan_{part}_commitment_for_billing_period")
        for part in ("amortized_upfront", "recurring")
    )
    if cur.has(recurring[0]) and cur.has(recurring[1]):
        return (
            cur.total(pl.coalesce(cur.net(*upfront), cur.zero()), cur.net(*recurring)),
            cur.total(pl.coalesce(cur.amount(upfront[1]), cur.zero()), cur.amount(recurring[1])),
        )
    if cur.has(_NET_USED):
        return UNBLENDED, cur.amount(COST)
    return cur.zero(), pl.lit(None, cur.amount_type)
