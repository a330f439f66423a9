"""Every type of line item of a Cost and Usage Report, and the FOCUS rows that it becomes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from finops.collect.aws.cur import CurConversion
from finops.errors import RefusedBatch
from finops.focus import conform
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
    "Refund of a purchase": (
        {**PLANNED, "line_item_unblended_cost": -1.0},
        [("Purchase", "One-Time", "Standard", "-1", "-1", "-1", "-1", None)],
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


@pytest.mark.parametrize("form", FORMS, ids=["parquet", "csv"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.replace(" ", "-"))
def test_a_line_becomes_these_rows(form: Any, case: str) -> None:
    values, expected = CASES[case]
    rows = focus(form([row(line_item_line_item_type=case.split(maxsplit=1)[0], **values)]))
    wanted = [tuple(Decimal(v) if 3 <= n <= 6 else v for n, v in enumerate(one)) for one in expected]
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
def test_only_usage_has_quantities_and_prices(form: Any) -> None:
    rows = focus(form([row(), row(line_item_line_item_type="Credit"), row(line_item_line_item_type="Fee")]))
    columns = ["PricingQuantity", "PricingUnit", "ConsumedQuantity", "ConsumedUnit", "ListUnitPrice"]
    price = Decimal("0.115")
    assert rows.select(columns).rows() == [(24, "Hrs", 24, "Hrs", price), (None,) * 5, (None,) * 5]


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
    ends = conversion.rows(frame.lazy()).collect()["ChargePeriodEnd"].to_list()
    assert ends == [at(2026, 4, 1), at(2026, 3, 4, 0, 0, 1), at(2026, 3, 3)]
    assert conversion.mended == {"ChargePeriodEnd: inclusive, made exclusive": 2}


def test_one_column_may_have_times_in_several_forms() -> None:
    last = "2026-03-31T23:59:59"
    texts = [f"{last}Z", last.replace("T", " "), f"{last}.250Z", f"{last.replace('T', ' ')}.250", last]
    frame = as_csv([row() for _ in texts]).with_columns(pl.Series("line_item_usage_end_date", texts))
    ends = CurConversion("report.csv", frame.schema).rows(frame.lazy()).collect()["ChargePeriodEnd"].to_list()
    quarter = timedelta(milliseconds=250)
    assert ends == [at(2026, 4, 1), at(2026, 4, 1), at(2026, 4, 1) + quarter, at(2026, 4, 1) + quarter, at(2026, 4, 1)]


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
    with pytest.raises(RefusedBatch, match="'many' is no number") as caught:
        focus(frame)
    assert caught.value.where == "report.csv, row 2, column BilledCost"
