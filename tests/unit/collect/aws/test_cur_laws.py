"""Laws of the conversion: every cent of the bill arrives, amortised costs are AWS's, and the form does not matter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.collect.aws.cur_rows import PLAN, RESERVATION, as_csv, as_parquet, row
from tests.unit.collect.aws.test_cur_line_items import focus

amounts = st.decimals(-99_999, 99_999, places=6).map(float)
positive = st.decimals(0, 9_999, places=10).map(float)
plain = st.builds(
    lambda kind, cost, net: row(
        line_item_line_item_type=kind, line_item_unblended_cost=cost, line_item_net_unblended_cost=net
    ),
    st.sampled_from(["Usage", "Tax", "Credit", "Refund", "Fee", "EdpDiscount", "BundledDiscount", "NewOne"]),
    amounts,
    st.none() | amounts,
)
reserved = st.builds(
    lambda kind, cost, effective, upfront, recurring: row(
        line_item_line_item_type=kind,
        line_item_unblended_cost=cost,
        reservation_reservation_a_r_n=RESERVATION,
        reservation_effective_cost=effective,
        reservation_unused_amortized_upfront_fee_for_billing_period=upfront,
        reservation_unused_recurring_fee=recurring,
    ),
    st.sampled_from(["DiscountedUsage", "RIFee", "Fee"]),
    positive,
    positive,
    positive,
    positive,
)
planned = st.builds(
    lambda kind, cost, total, used: row(
        line_item_line_item_type=kind,
        line_item_unblended_cost=cost,
        savings_plan_savings_plan_a_r_n=PLAN,
        savings_plan_total_commitment_to_date=total,
        savings_plan_used_commitment=used,
    ),
    st.sampled_from(["SavingsPlanUpfrontFee", "SavingsPlanRecurringFee"]),
    positive,
    positive,
    positive,
)


def covered(cost: float, effective: float) -> list[dict[str, Any]]:
    """Usage that a savings plan covers, and the line that takes its on-demand cost out of the bill."""
    plan = {"savings_plan_savings_plan_a_r_n": PLAN}
    return [
        row(
            line_item_line_item_type="SavingsPlanCoveredUsage",
            line_item_unblended_cost=cost,
            savings_plan_savings_plan_effective_cost=effective,
            **plan,
        ),
        row(line_item_line_item_type="SavingsPlanNegation", line_item_unblended_cost=-cost, **plan),
    ]


bills = st.builds(
    lambda lines, pairs: [*lines, *(line for pair in pairs for line in pair)],
    st.lists(plain | reserved | planned, min_size=1, max_size=8),
    st.lists(st.builds(covered, positive, positive), max_size=3),
)


def exact(value: float | None) -> Decimal:
    return Decimal(repr(value or 0.0))


def unblended(line: dict[str, Any]) -> Decimal:
    net = line["line_item_net_unblended_cost"]
    return exact(line["line_item_unblended_cost"] if net is None else net)


def amortised(line: dict[str, Any]) -> Decimal:
    """AWS's own table of amortised costs, by type of line item."""
    kind = line["line_item_line_item_type"]
    if kind == "SavingsPlanCoveredUsage":
        return exact(line["savings_plan_savings_plan_effective_cost"])
    if kind == "SavingsPlanRecurringFee":
        return exact(line["savings_plan_total_commitment_to_date"]) - exact(line["savings_plan_used_commitment"])
    if kind == "DiscountedUsage":
        return exact(line["reservation_effective_cost"])
    if kind == "RIFee":
        upfront = exact(line["reservation_unused_amortized_upfront_fee_for_billing_period"])
        return upfront + exact(line["reservation_unused_recurring_fee"])
    is_bought_ahead = kind == "SavingsPlanUpfrontFee" or (kind == "Fee" and line["reservation_reservation_a_r_n"])
    return Decimal(0) if kind == "SavingsPlanNegation" or is_bought_ahead else unblended(line)


@settings(max_examples=25)
@given(bills)
def test_every_cost_adds_up_whatever_the_form_of_the_file(bill: list[dict[str, Any]]) -> None:
    typed, text = focus(as_parquet(bill)), focus(as_csv(bill))
    for rows in (typed, text):
        assert rows["BilledCost"].sum() == sum(unblended(line) for line in bill)
        assert rows["EffectiveCost"].sum() == sum(amortised(line) for line in bill)
    order = pl.exclude("x_Discounts", "x_CostCategories")
    assert typed.select(order).equals(text.select(order))
