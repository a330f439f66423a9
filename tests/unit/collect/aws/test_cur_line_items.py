"""Every type of line item of a Cost and Usage Report, and the FOCUS rows that it becomes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl
import pytest

from finops.collect.aws.cur import CurConversion
from finops.errors import RefusedBatch
from finops.focus.conform import conform
from finops.ports.source import Part
from tests.unit.collect.aws.cur_rows import PLAN, RESERVATION, as_csv, as_parquet, at, row

FORMS = [as_parquet, as_csv]


def focus(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows as they would stand in the lake."""
    conversion = CurConversion("report.csv", frame.schema)
    conformed = conform(Part("report.csv", lambda: conversion.rows(frame.lazy())))
    rows = conformed.rows.collect(engine="streaming")
    conformed.verify()
    return rows


PLANNED = {"savings_plan_savings_plan_a_r_n": PLAN}
RESERVED = {"reservation_reservation_a_r_n": RESERVATION}
# category, frequency, pricing; billed, effective, list, contracted; commitment status
CASES: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "Usage": ({}, [("Usage", "Usage-Based", "Standard", "2.4", "2.4", "2.76", "2.4", None)]),
    "Usage after discounts": (
        {"line_item_net_unblended_cost": 2.2},
        [("Usage", "Usage-Based", "Standard", "2.2", "2.2", "2.76", "2.2", None)],
    ),
    "Usage on the spot market": (
        {"line_item_usage_type": "EUC1-SpotUsage:m5.large"},
        [("Usage", "Usage-Based", "Dynamic", "2.4", "2.4", "2.76", "2.4", None)],
    ),
    "Usage of the marketplace, which has no public price": (
        {"bill_billing_entity": "AWS Marketplace", "pricing_public_on_demand_cost": 0.0},
        [("Usage", "Usage-Based", "Standard", "2.4", "2.4", None, "2.4", None)],
    ),
    "Usage of the marketplace without any public cost": (
        {"bill_billing_entity": "AWS Marketplace", "pricing_public_on_demand_cost": None},
        [("Usage", "Usage-Based", "Standard", "2.4", "2.4", None, "2.4", None)],
    ),
    "Usage that is free": (
        {"line_item_unblended_cost": 0.0, "pricing_public_on_demand_cost": 0.0},
        [("Usage", "Usage-Based", "Standard", "0", "0", "0", "0", None)],
    ),
    "SavingsPlanCoveredUsage": (
        {**PLANNED, "savings_plan_savings_plan_effective_cost": 1.7},
        [("Usage", "Usage-Based", "Committed", "0", "1.7", "2.76", "2.4", "Used")],
    ),
    "SavingsPlanCoveredUsage after discounts": (
        {
            **PLANNED,
            "savings_plan_savings_plan_effective_cost": 1.7,
            "savings_plan_net_savings_plan_effective_cost": 1.6,
        },
        [("Usage", "Usage-Based", "Committed", "0", "1.6", "2.76", "2.4", "Used")],
    ),
    "SavingsPlanNegation": (
        {**PLANNED, "line_item_unblended_cost": -2.4},
        [("Usage", "Usage-Based", "Standard", "0", "0", "0", "0", None)],
    ),
    "SavingsPlanUpfrontFee": (
        {**PLANNED, "line_item_unblended_cost": 8760.0},
        [("Purchase", "One-Time", "Committed", "8760", "0", "8760", "8760", None)],
    ),
    "SavingsPlanRecurringFee": (
        {
            **PLANNED,
            "line_item_unblended_cost": 10.0,
            "savings_plan_total_commitment_to_date": 10.0,
            "savings_plan_used_commitment": 9.7,
        },
        [
            ("Purchase", "Recurring", "Committed", "10", "0", "10", "10", None),
            ("Usage", "Usage-Based", "Committed", "0", "0.3", "0", "0", "Unused"),
        ],
    ),
    "SavingsPlanRecurringFee used up": (
        {
            **PLANNED,
            "line_item_unblended_cost": 10.0,
            "savings_plan_total_commitment_to_date": 10.0,
            "savings_plan_used_commitment": 10.0,
        },
        [("Purchase", "Recurring", "Committed", "10", "0", "10", "10", None)],
    ),
    "DiscountedUsage": (
        {**RESERVED, "line_item_unblended_cost": 0.0, "reservation_effective_cost": 1.5},
        [("Usage", "Usage-Based", "Committed", "0", "1.5", "2.76", "2.76", "Used")],
    ),
    "SavingsPlanRecurringFee after discounts": (
        {
            **PLANNED,
            "line_item_unblended_cost": 10.0,
            "line_item_net_unblended_cost": 9.0,
            "savings_plan_total_commitment_to_date": 12.0,
            "savings_plan_used_commitment": 4.0,
            "savings_plan_recurring_commitment_for_billing_period": 10.0,
            "savings_plan_net_recurring_commitment_for_billing_period": 9.0,
            "savings_plan_amortized_upfront_commitment_for_billing_period": 2.0,
            "savings_plan_net_amortized_upfront_commitment_for_billing_period": 1.5,
        },
        [
            ("Purchase", "Recurring", "Committed", "9", "0", "9", "9", None),
            ("Usage", "Usage-Based", "Committed", "0", "7", "0", "0", "Unused"),
        ],
    ),
    "RIFee after discounts": (
        {
            **RESERVED,
            "line_item_unblended_cost": 30.0,
            "line_item_net_unblended_cost": 27.0,
            "reservation_unused_amortized_upfront_fee_for_billing_period": 0.1,
            "reservation_net_unused_amortized_upfront_fee_for_billing_period": 0.09,
            "reservation_unused_recurring_fee": 0.2,
            "reservation_net_unused_recurring_fee": 0.18,
        },
        [
            ("Purchase", "Recurring", "Committed", "27", "0", "27", "27", None),
            ("Usage", "Usage-Based", "Committed", "0", "0.27", "0", "0", "Unused"),
        ],
    ),
    "RIFee": (
        {
            **RESERVED,
            "line_item_unblended_cost": 30.0,
            "reservation_unused_amortized_upfront_fee_for_billing_period": 0.1,
            "reservation_unused_recurring_fee": 0.2,
        },
        [
            ("Purchase", "Recurring", "Committed", "30", "0", "30", "30", None),
            ("Usage", "Usage-Based", "Committed", "0", "0.3", "0", "0", "Unused"),
        ],
    ),
    "Fee of a reservation": (
        {**RESERVED, "line_item_unblended_cost": 500.0},
        [("Purchase", "One-Time", "Committed", "500", "0", "500", "500", None)],
    ),
    "Fee": (
        {"line_item_unblended_cost": 100.0},
        [("Purchase", "One-Time", "Standard", "100", "100", "100", "100", None)],
    ),
    "Tax": (
        {"line_item_unblended_cost": 0.45, "line_item_tax_type": "VAT"},
        [("Tax", "One-Time", None, "0.45", "0.45", "0.45", "0.45", None)],
    ),
    "Credit": (
        {"line_item_unblended_cost": -5.0},
        [("Credit", "One-Time", "Other", "-5", "-5", "-5", "-5", None)],
    ),
    "Refund": (
        {"line_item_unblended_cost": -1.0, "bill_bill_type": "Refund"},
        [("Usage", "One-Time", "Standard", "-1", "-1", "-1", "-1", None)],
    ),
    "Refund of a plan's fee": (
        {**PLANNED, "line_item_unblended_cost": -876.0},
        [("Purchase", "One-Time", "Committed", "-876", "0", "-876", "-876", None)],
    ),
    "Refund of a plan that only its description names": (
        {
            "line_item_unblended_cost": -876.0,
            "line_item_product_code": "ComputeSavingsPlans",
            "line_item_line_item_description": "Refund for one-time fee for Savings Plan ID: 1111",
        },
        [("Purchase", "One-Time", "Committed", "-876", "0", "-876", "-876", None)],
    ),
    "Refund of a plan without its ID": (
        {
            "line_item_unblended_cost": -876.0,
            "line_item_line_item_description": "1 year All Upfront Compute Savings Plan",
        },
        [("Purchase", "One-Time", "Committed", "-876", "0", "-876", "-876", None)],
    ),
    "Refund of a reservation's fee": (
        {**RESERVED, "line_item_unblended_cost": -500.0},
        [("Purchase", "One-Time", "Committed", "-500", "0", "-500", "-500", None)],
    ),
    "Refund of a reservation that only its description names": (
        {
            "line_item_unblended_cost": -500.0,
            "line_item_line_item_description": "Sign up charge for subscription: 36383, planId: 1026",
        },
        [("Purchase", "One-Time", "Committed", "-500", "0", "-500", "-500", None)],
    ),
    "Refund of a reservation's hours": (
        {"line_item_unblended_cost": -5.0, "line_item_usage_type": "EUC1-HeavyUsage:m5.large"},
        [("Purchase", "One-Time", "Committed", "-5", "0", "-5", "-5", None)],
    ),
    "Refund of a discount on a plan's usage": (
        {
            "line_item_unblended_cost": -8.0,
            "line_item_product_code": "ComputeSavingsPlans",
            "line_item_line_item_description": "Enterprise Discount Program: refund for Savings Plan fees",
        },
        [("Usage", "One-Time", "Standard", "-8", "-8", "-8", "-8", None)],
    ),
    "Refund of a plan's product for another reason": (
        {
            "line_item_unblended_cost": -8.0,
            "line_item_product_code": "ComputeSavingsPlans",
            "line_item_usage_type": "ComputeSP:1yrAllUpfront",
            "line_item_line_item_description": "Goodwill",
        },
        [("Usage", "One-Time", "Standard", "-8", "-8", "-8", "-8", None)],
    ),
    "Refund of a tax": (
        {"line_item_unblended_cost": -0.19, "line_item_tax_type": "VAT"},
        [("Tax", "One-Time", None, "-0.19", "-0.19", "-0.19", "-0.19", None)],
    ),
    "EdpDiscount": (
        {"line_item_unblended_cost": -0.5},
        [("Usage", "Usage-Based", "Standard", "-0.5", "-0.5", "0", "-0.5", None)],
    ),
    "PrivateRateDiscount": (
        {"line_item_unblended_cost": -0.5},
        [("Usage", "Usage-Based", "Standard", "-0.5", "-0.5", "0", "-0.5", None)],
    ),
    "BundledDiscount": (
        {"line_item_unblended_cost": -0.5},
        [("Usage", "Usage-Based", "Standard", "-0.5", "-0.5", "0", "-0.5", None)],
    ),
    "FlatRateSubscription": (
        {"line_item_unblended_cost": 20.0},
        [("Purchase", "Recurring", "Standard", "20", "20", "20", "20", None)],
    ),
    "SomethingNewOfAws": (
        {"line_item_unblended_cost": 1.0},
        [("Adjustment", "One-Time", "Standard", "1", "1", "1", "1", None)],
    ),
}
SHOWN = [
    "ChargeCategory",
    "ChargeFrequency",
    "PricingCategory",
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "CommitmentDiscountStatus",
]


@cache
def bill_of(form: Any, cases: str) -> pl.DataFrame:
    """One bill with a line for each case, which is called so as a resource."""
    named: Mapping[str, tuple[dict[str, Any], Any]] = CASES if cases == "CASES" else PRICED
    lines = [
        row(**{"line_item_line_item_type": case.split(maxsplit=1)[0], "line_item_resource_id": case, **values})
        for case, (values, _) in named.items()
    ]
    return focus(form(lines))


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.replace(" ", "-"))
def test_a_line_becomes_these_rows(form: Any, case: str) -> None:
    expected = CASES[case][1]
    rows = bill_of(form, "CASES").filter(pl.col("ResourceId") == case)
    wanted = [tuple(Decimal(v) if v and 3 <= n <= 6 else v for n, v in enumerate(one)) for one in expected]
    assert rows.select(SHOWN).rows() == wanted


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_commitments_are_named(form: Any) -> None:
    kinds = ["SavingsPlanCoveredUsage", "SavingsPlanNegation", "DiscountedUsage", "Usage", "Fee"]
    rows = focus(form([row(line_item_line_item_type=kind, **PLANNED, **RESERVED) for kind in kinds]))
    shown = rows.select("CommitmentDiscountCategory", "CommitmentDiscountType", "CommitmentDiscountId").rows()
    assert shown == [
        ("Spend", "Savings Plan", PLAN),
        (None, None, None),
        ("Usage", "Reserved Instance", RESERVATION),
        (None, None, None),
        ("Usage", "Reserved Instance", RESERVATION),
    ]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_what_is_neither_used_nor_bought_has_no_quantity(form: Any) -> None:
    kinds = ["Credit", "Tax", "EdpDiscount", "SavingsPlanNegation"]
    rows = focus(form([row(line_item_line_item_type=kind) for kind in kinds]))
    columns = ["PricingQuantity", "PricingUnit", "ConsumedQuantity", "ConsumedUnit", "ListUnitPrice"]
    assert set(rows.select(*columns, "ContractedUnitPrice").rows()) == {(None,) * 6}


PRICED: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    # PricingQuantity, PricingUnit, ListUnitPrice, ContractedUnitPrice, ConsumedQuantity
    "Usage": ({}, ("24", "Hrs", "0.115", "0.1", "24")),
    "Usage after discounts": (
        {"line_item_net_unblended_cost": 2.16, "line_item_net_unblended_rate": "0.0900000000"},
        ("24", "Hrs", "0.115", "0.09", "24"),
    ),
    "Usage after discounts without their rate": (
        {"line_item_net_unblended_cost": 2.16},
        ("24", "Hrs", "0.115", "0.09", "24"),
    ),
    "Usage of several tiers": ({"line_item_unblended_cost": 1.8}, ("24", "Hrs", "0.115", "0.075", "24")),
    "DiscountedUsage": (
        {**RESERVED, "line_item_unblended_cost": 0.0, "reservation_effective_cost": 1.5},
        ("24", "Hrs", "0.115", "0.115", "24"),
    ),
    "Fee": (
        {"line_item_usage_amount": 2.0, "line_item_unblended_cost": 100.0, "pricing_unit": "Quantity"},
        ("2", "Quantity", "50", "50", None),
    ),
    "Fee without a quantity": (
        {"line_item_usage_amount": None, "line_item_unblended_cost": 100.0, "pricing_unit": ""},
        ("1", "Units", "100", "100", None),
    ),
    "SavingsPlanUpfrontFee": (
        {**PLANNED, "line_item_usage_amount": 1.0, "line_item_unblended_cost": 8760.0},
        ("1", "Hrs", "8760", "8760", None),
    ),
    "Refund": (
        {"line_item_usage_amount": 4.0, "line_item_unblended_cost": -10.0},
        ("-4", "Hrs", "2.5", "2.5", None),
    ),
    "Usage of the marketplace": (
        {"bill_billing_entity": "AWS Marketplace", "pricing_public_on_demand_cost": 0.0},
        ("24", "Hrs", None, "0.1", "24"),
    ),
}


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
@pytest.mark.parametrize("case", PRICED, ids=lambda case: case.replace(" ", "-"))
def test_the_unit_price_makes_the_cost_of_the_quantity(form: Any, case: str) -> None:
    expected = PRICED[case][1]
    rows = bill_of(form, "PRICED").filter(pl.col("ResourceId") == case)
    columns = ["PricingQuantity", "PricingUnit", "ListUnitPrice", "ContractedUnitPrice", "ConsumedQuantity"]
    assert rows.select(columns).row(0) == tuple(Decimal(v) if v and v[-1].isdigit() else v for v in expected)


def test_net_columns_that_were_left_out_are_read_off_the_fee() -> None:
    net = {"line_item_unblended_cost": 10.0, "line_item_net_unblended_cost": 9.0}
    plan = row(
        line_item_line_item_type="SavingsPlanRecurringFee",
        savings_plan_total_commitment_to_date=10.0,
        savings_plan_used_commitment=4.0,
        **PLANNED,
        **net,
    )
    reservation = row(line_item_line_item_type="RIFee", reservation_unused_recurring_fee=5.0, **RESERVED, **net)
    frame = as_parquet([plan, reservation])
    rows = focus(frame.drop("^.*_net_.*_for_billing_period$", "reservation_net_unused_recurring_fee"))
    unused = rows.filter(pl.col("CommitmentDiscountStatus") == "Unused").sort("CommitmentDiscountType")
    assert unused["EffectiveCost"].to_list() == [Decimal("4.5"), Decimal("5.4")]


def test_usage_whose_discount_raises_its_cost_is_told() -> None:
    dear = row(pricing_public_on_demand_cost=2.0)
    refund = row(line_item_line_item_type="Refund", line_item_unblended_cost=-1.0)
    frame = as_parquet([dear, refund, row()])
    conversion = CurConversion("report.csv", frame.schema)
    tally = conform(Part("report.csv", lambda: conversion.rows(frame.lazy()))).verify()
    assert tally.notes == ("report.csv: ContractedCost: is above ListCost in ordinary usage (1 row)",)


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_what_was_not_used_is_priced_like_the_fee_and_of_no_quantity(form: Any) -> None:
    fee = {
        "line_item_line_item_type": "SavingsPlanRecurringFee",
        "line_item_usage_amount": 1.0,
        "line_item_unblended_cost": 10.0,
        "savings_plan_total_commitment_to_date": 10.0,
        "savings_plan_used_commitment": 9.0,
    }
    rows = focus(form([row(**PLANNED, **fee)]))
    columns = ["PricingQuantity", "PricingUnit", "ContractedUnitPrice", "ConsumedQuantity"]
    assert rows.select(columns).rows() == [(1, "Hrs", 10, None), (0, "Hrs", 10, None)]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_a_plan_is_counted_in_money_and_a_reservation_in_hours(form: Any) -> None:
    plan, reserved = {"line_item_usage_amount": 1.0, **PLANNED}, RESERVED
    lines = [
        row(line_item_line_item_type="SavingsPlanUpfrontFee", **plan | {"line_item_unblended_cost": 8760.0}),
        row(
            line_item_line_item_type="SavingsPlanRecurringFee",
            savings_plan_total_commitment_to_date=10.0,
            savings_plan_used_commitment=9.0,
            **plan,
        ),
        row(
            line_item_line_item_type="SavingsPlanCoveredUsage",
            savings_plan_savings_plan_effective_cost=1.5,
            savings_plan_net_savings_plan_effective_cost=1.2,
            **plan,
        ),
        row(line_item_line_item_type="DiscountedUsage", reservation_effective_cost=1.5, **reserved),
        row(
            line_item_line_item_type="RIFee",
            reservation_total_reserved_units=720.0,
            reservation_unused_quantity=20.0,
            reservation_unused_recurring_fee=1.0,
            **reserved,
        ),
        row(),
    ]
    rows = focus(form(lines)).select("CommitmentDiscountQuantity", "CommitmentDiscountUnit").rows()
    assert Counter(rows) == Counter(
        [
            (8760, "USD"),
            (10, "USD"),
            (1, "USD"),
            (Decimal("1.5"), "USD"),
            (24, "Hrs"),
            (720, "Hrs"),
            (20, "Hrs"),
            (None, None),
        ]
    )


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_a_reservation_of_several_sizes_is_counted_in_normalised_hours(form: Any) -> None:
    lines = [
        row(
            line_item_line_item_type="DiscountedUsage",
            line_item_normalized_usage_amount=96.0,
            reservation_effective_cost=1.5,
            **RESERVED,
        ),
        row(
            line_item_line_item_type="RIFee",
            reservation_total_reserved_normalized_units=2880.0,
            reservation_unused_normalized_unit_quantity=80.0,
            reservation_unused_recurring_fee=1.0,
            **RESERVED,
        ),
    ]
    rows = focus(form(lines)).select("CommitmentDiscountQuantity", "CommitmentDiscountUnit").rows()
    assert Counter(rows) == Counter((quantity, "Normalized Hrs") for quantity in (96, 2880, 80))


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_a_refund_names_the_plan_that_its_description_names(form: Any) -> None:
    described = "Refund for one-time fee for Savings Plan ID: 1111"
    refund = row(
        line_item_line_item_type="Refund",
        line_item_line_item_description=described,
        line_item_usage_account_id="000123456789",
    )
    assert focus(form([refund]))["CommitmentDiscountId"].to_list() == [PLAN]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_accounts_and_services_have_their_types(form: Any) -> None:
    rows = focus(form([row(), row(line_item_usage_account_id="000123456789", line_item_product_code="AmazonS3")]))
    assert rows.select("BillingAccountType", "SubAccountType", "ServiceSubcategory").rows() == [
        ("Management Account", "Member Account", "Virtual Machines"),
        ("Management Account", "Management Account", "Object Storage"),
    ]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_who_spends_is_kept(form: Any) -> None:
    role = "arn:aws:iam::000000000042:role/ml"
    rows = focus(
        form(
            [
                row(line_item_iam_principal=role, line_item_user_identifier="u1"),
                row(),
                row(line_item_user_identifier="u2"),
            ]
        )
    )
    assert rows.select("x_Principal", "x_UserIdentifier").rows() == [(role, "u1"), (None, None), ("u2", "u2")]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_a_container_has_its_share_beside_the_costs_and_costs_nothing_itself(form: Any) -> None:
    pod = {
        "line_item_resource_id": "arn:aws:eks:eu-central-1:42:pod/shop",
        "line_item_unblended_cost": 0.0,
        "pricing_public_on_demand_cost": 0.0,
        "split_line_item_parent_resource_id": "i-0123",
        "split_line_item_split_cost": 1.5,
        "split_line_item_unused_cost": 0.5,
    }
    rows = focus(form([row(), row(**pod)]))
    assert (rows["BilledCost"].sum(), rows["EffectiveCost"].sum()) == (Decimal("2.4"), Decimal("2.4"))
    found = rows.select("x_SplitParentResourceId", pl.col("x_SplitCost", "x_SplitUnusedCost").cast(pl.Float64)).row(1)
    assert found == ("i-0123", 1.5, 0.5)


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_who_sells_what_to_whom(form: Any) -> None:
    market = {"bill_billing_entity": "AWS Marketplace", "line_item_legal_entity": "Acme Inc."}
    rows = focus(form([row(), row(**market, line_item_product_code="abc123", product={})]))
    columns = ["ServiceProviderName", "HostProviderName", "x_PublisherName", "ServiceName", "ServiceCategory"]
    amazon = "Amazon Web Services EMEA SARL"
    assert rows.select(columns).rows() == [
        ("AWS", "AWS", amazon, "Amazon Elastic Compute Cloud", "Compute"),
        ("Acme Inc.", "AWS", "Acme Inc.", "abc123", "Other"),
    ]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_tags_have_the_keys_that_people_gave_them(form: Any) -> None:
    tags = {"user_team": 'a, "user_x', "aws_created_by": "Root", "user_userid": "7"}
    rows = focus(form([row(resource_tags=tags), row(resource_tags={})]))
    assert rows["Tags"].to_list() == [
        r'{"aws_created_by":"Root","team":"a, \"user_x","userid":"7"}',
        rows["Tags"][1],
    ]
    assert rows["Tags"][1] in (None, "{}")


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_of_all_tags_the_resource_has_its_own_keys_and_none_replaces_another(form: Any) -> None:
    both = {"resourceTags/user:team": "a", "accountTag/team": "b", "costCategory/team": "c", "userAttribute/team": "d"}
    odd = {"resourceTags/accountTag/team": "x", "accountTag/team": "y", "resourceTags/aws:createdBy": "Root"}
    lines = [row(tags=both), row(tags=odd), row(tags={"resourceTags/user_id": "7"}), row(tags={})]
    found = [json.loads(text) for text in focus(form(lines))["Tags"].to_list()]
    assert found == [
        {"team": "a", "accountTag/team": "b", "costCategory/team": "c", "userAttribute/team": "d"},
        {"resourceTags/accountTag/team": "x", "accountTag/team": "y", "aws:createdBy": "Root"},
        {"user_id": "7"},
        {"team": "checkout"},  # of resource_tags, where the other column has nothing
    ]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_bedrock_lines_keep_model_and_kind_of_token(form: Any) -> None:
    line = row(
        line_item_product_code="AmazonBedrock",
        line_item_usage_type="EUC1-Claude-cache-read-input-token-count",
        product={"product_name": "Amazon Bedrock", "model": 'Claude "Opus"', "inferenceType": "on-demand"},
        product_instance_type="",
        pricing_unit="1K tokens",
    )
    (found,) = focus(form([line])).iter_rows(named=True)
    assert found["SkuPriceDetails"] == r'{"x_InferenceType":"on-demand","x_Model":"Claude \"Opus\""}'
    assert found["SkuMeter"] == found["x_UsageType"] == "EUC1-Claude-cache-read-input-token-count"
    assert (found["ServiceCategory"], found["ConsumedUnit"]) == ("AI and Machine Learning", "1K tokens")


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_a_charge_before_its_billing_period_is_a_correction(form: Any) -> None:
    old = {"line_item_usage_start_date": at(2026, 1, 5), "line_item_usage_end_date": at(2026, 1, 6)}
    into = {"line_item_usage_start_date": at(2026, 2, 5), "line_item_usage_end_date": at(2026, 3, 5)}
    rows = focus(form([row(**old), row(**into), row()]))
    assert rows["ChargeClass"].to_list() == ["Correction", None, None]
    assert rows["billing_period"].unique().to_list() == [date(2026, 3, 1)]


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
def test_ends_become_exclusive_and_are_counted(form: Any) -> None:
    whole = {
        "line_item_usage_start_date": at(2026, 3, 1),
        "line_item_usage_end_date": at(2026, 3, 31, 23, 59, 59),
    }
    moment = {"line_item_usage_start_date": at(2026, 3, 4), "line_item_usage_end_date": at(2026, 3, 4)}
    frame = form([row(**whole), row(**moment), row()])
    conversion = CurConversion("report.csv", frame.schema)
    conformed = conform(Part("report.csv", lambda: conversion.rows(frame.lazy())))
    ends = conformed.rows.select(pl.col("ChargePeriodEnd").dt.replace_time_zone(None)).collect().to_series()
    assert ends.to_list() == [at(2026, 4, 1), at(2026, 3, 4, 0, 0, 1), at(2026, 3, 3)]
    assert not [kind for kind in conformed.verify().repaired if "zone" in kind]
    assert conversion.repaired == {"ChargePeriodEnd: inclusive, made exclusive": 2}


def test_one_column_may_have_times_in_several_forms() -> None:
    last = "2026-03-31T23:59:59"
    texts = [f"{last}Z", last.replace("T", " "), f"{last}.250Z", f"{last.replace('T', ' ')}.250", last]
    frame = as_csv([row() for _ in texts]).with_columns(pl.Series("line_item_usage_end_date", texts))
    ends = focus(frame)["ChargePeriodEnd"].dt.replace_time_zone(None).to_list()
    quarter = timedelta(milliseconds=250)
    assert ends == [at(2026, 4, 1), at(2026, 4, 1), at(2026, 4, 1) + quarter, at(2026, 4, 1) + quarter, at(2026, 4, 1)]


def test_only_times_that_really_lack_a_zone_are_counted() -> None:
    texts = ["2026-03-03T00:00:00Z", "2026-03-03T00:00:00", "2026-03-03T00:00:00.000Z"]
    frame = as_csv([row() for _ in texts]).with_columns(pl.Series("line_item_usage_end_date", texts))
    conversion = CurConversion("report.csv", frame.schema)
    repaired = conform(Part("report.csv", lambda: conversion.rows(frame.lazy()))).verify().repaired
    assert repaired == {"ChargePeriodEnd: no zone, read as UTC": 1}


def test_an_export_may_leave_out_what_is_not_needed() -> None:
    frame = as_parquet([row()])
    needed = [
        "bill_billing_period_end_date",
        "bill_billing_period_start_date",
        "bill_payer_account_id",
        "line_item_currency_code",
        "line_item_line_item_type",
        "line_item_unblended_cost",
        "line_item_usage_end_date",
        "line_item_usage_start_date",
    ]
    (found,) = focus(frame.select(needed)).iter_rows(named=True)
    assert (found["BilledCost"], found["ServiceName"]) == (Decimal("2.4"), "AWS")
    with pytest.raises(RefusedBatch, match="lacks bill_payer_account_id, line_item_currency_code"):
        CurConversion("report.csv", frame.select(needed[:2] + needed[4:]).schema)


def test_a_commitment_whose_effective_cost_was_left_out_is_refused() -> None:
    frame = as_parquet([row(line_item_line_item_type="SavingsPlanCoveredUsage", **PLANNED)])
    with pytest.raises(RefusedBatch, match="the value is missing"):
        focus(frame.drop("savings_plan_savings_plan_effective_cost", "savings_plan_net_savings_plan_effective_cost"))


def test_a_cost_that_is_no_number_is_refused_with_its_place() -> None:
    frame = as_csv([row(), row()]).with_columns(
        pl.Series("line_item_unblended_cost", ["1.0", "many"]),
    )
    with pytest.raises(RefusedBatch, match="'many' is not a valid number") as caught:
        focus(frame)
    assert caught.value.where == "report.csv, row 2, column BilledCost"
