"""Every file of every bill keeps to the rules of the FOCUS version that it is written in."""

from __future__ import annotations

import gzip
from datetime import date, timedelta

import polars as pl
import pytest

from finops.focus.schema import focus_columns
from tests.unit.demo.conftest import Demo
from tests.unit.demo.reading import read

SOURCES = ("aws", "azure", "datacentre", "ai")
COSTS = ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"]


@pytest.fixture(scope="session")
def rows(demo: Demo) -> dict[str, pl.DataFrame]:
    return {source: pl.concat([read(path) for path in demo.files(source)]) for source in SOURCES}


@pytest.mark.parametrize(
    ("source", "version", "count"), [("aws", 1.0, 43), ("azure", 1.2, 57), ("datacentre", 1.3, 65)]
)
def test_a_bill_of_an_older_version_has_exactly_its_columns(
    rows: dict[str, pl.DataFrame], source: str, version: float, count: int
) -> None:
    found = {column for column in rows[source].columns if not column.startswith("x_")}
    of_the_model = {name for name, column in focus_columns().items() if float(column.since) <= version}

    assert len(found) == count
    assert found - of_the_model == {"ProviderName", "PublisherName"}
    assert of_the_model <= found


def test_the_ai_bill_has_the_columns_of_the_newest_version(rows: dict[str, pl.DataFrame]) -> None:
    assert {c for c in rows["ai"].columns if not c.startswith("x_")} == set(focus_columns())


@pytest.mark.parametrize("source", SOURCES)
def test_allowed_values_are_the_models(rows: dict[str, pl.DataFrame], source: str) -> None:
    for name, column in focus_columns().items():
        if column.allowed_values and name in rows[source].columns:
            found = set(rows[source][name].drop_nulls().unique())
            assert found <= set(column.allowed_values), name


@pytest.mark.parametrize("source", SOURCES)
def test_what_may_not_be_null_is_not(rows: dict[str, pl.DataFrame], source: str) -> None:
    frame = rows[source]
    for name, column in focus_columns().items():
        if column.level == "Mandatory" and not column.nullable and name in frame.columns:
            assert frame[name].null_count() == 0, name


@pytest.mark.parametrize("source", SOURCES)
def test_cost_is_unit_price_times_quantity_except_for_corrections(rows: dict[str, pl.DataFrame], source: str) -> None:
    ordinary = rows[source].filter(pl.col("ChargeClass").is_null())
    refunds = pl.col("ChargeDescription").str.starts_with("Refund")
    for cost, price in (("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice")):
        priced = ordinary.filter(pl.col(price).is_not_null())
        wrong = priced.filter((pl.col(cost) - pl.col(price) * pl.col("PricingQuantity")).abs() > 1e-6)
        assert wrong.is_empty(), wrong.select("ChargeDescription", cost, price, "PricingQuantity")
        assert priced.filter(pl.col(price) < 0).is_empty()
    billed = ordinary.filter(pl.col("ChargeCategory").is_in(["Usage", "Purchase"]) & ~refunds)
    assert billed.filter(pl.col("ListUnitPrice").is_null() | (pl.col("PricingQuantity") <= 0)).is_empty()


@pytest.mark.parametrize("source", SOURCES)
def test_periods_are_days_of_utc_inside_their_month_except_for_corrections(
    demo: Demo, rows: dict[str, pl.DataFrame], source: str
) -> None:
    frame = rows[source]
    moments = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")

    assert frame.select(pl.all_horizontal(pl.col(*moments).dt.hour() == 0).all()).item()
    assert frame.filter(pl.col("ChargePeriodEnd") <= pl.col("ChargePeriodStart")).is_empty()
    ordinary = frame.filter(pl.col("ChargeClass").is_null())
    outside = (pl.col("ChargePeriodStart") < pl.col("BillingPeriodStart")) | (
        pl.col("ChargePeriodEnd") > pl.col("BillingPeriodEnd")
    )
    assert ordinary.filter(outside).is_empty()
    first, end = frame.select(pl.col("ChargePeriodStart").min(), pl.col("ChargePeriodEnd").max()).row(0)
    assert end.date() == demo.truth.until
    assert first.date() == demo.truth.until - timedelta(days=demo.truth.days)


@pytest.mark.parametrize("source", SOURCES)
def test_each_file_holds_one_billing_period(demo: Demo, source: str) -> None:
    for path in demo.files(source):
        starts = read(path)["BillingPeriodStart"].unique().to_list()
        assert len(starts) == 1
        assert f"{starts[0]:%Y-%m}" in path.name


def test_commitments_cost_what_was_bought_to_the_last_digit(rows: dict[str, pl.DataFrame]) -> None:
    plan = rows["aws"].filter(pl.col("CommitmentDiscountType") == "Savings Plan")
    by_kind = (
        plan.group_by("ChargeCategory", "CommitmentDiscountStatus")
        .agg(pl.col(COSTS).sum())
        .rows_by_key(["ChargeCategory", "CommitmentDiscountStatus"], named=True, unique=True)
    )
    bought, used, idle = (by_kind[key] for key in (("Purchase", None), ("Usage", "Used"), ("Usage", "Unused")))

    assert bought["EffectiveCost"] == 0
    assert used["BilledCost"] == idle["BilledCost"] == 0
    assert used["EffectiveCost"] + idle["EffectiveCost"] == pytest.approx(bought["BilledCost"], abs=1e-6)
    assert used["EffectiveCost"] < used["ContractedCost"] < used["ListCost"]
    assert plan.filter(pl.col("EffectiveCost") < 0).is_empty()


def test_a_reservation_is_bought_once_and_used_every_day_after(rows: dict[str, pl.DataFrame]) -> None:
    reservation = rows["azure"].filter(pl.col("CommitmentDiscountType") == "Reservation")
    bought = reservation.filter(pl.col("ChargeCategory") == "Purchase")
    used = reservation.filter(pl.col("CommitmentDiscountStatus") == "Used")

    assert bought.select("ChargeFrequency", "EffectiveCost").rows() == [("One-Time", 0.0)]
    assert bought["BilledCost"].item() > 1000
    assert used["ChargePeriodStart"].min() == bought["ChargePeriodStart"].item()
    assert used["ChargePeriodStart"].n_unique() == 250


def test_the_bills_hold_everything_that_real_ones_do(rows: dict[str, pl.DataFrame]) -> None:
    aws = rows["aws"]

    assert set(aws["ChargeCategory"].unique()) == {"Usage", "Purchase", "Tax", "Credit"}
    assert set(rows["azure"]["ChargeCategory"].unique()) == {"Usage", "Purchase", "Adjustment"}
    assert aws.filter(pl.col("ChargeDescription").str.starts_with("Refund"))["BilledCost"].to_list() == [-86.4]
    correction = aws.filter(pl.col("ChargeClass") == "Correction")
    assert correction.height == 1
    assert (correction["BillingPeriodStart"] > correction["ChargePeriodStart"]).all()
    assert aws["ServiceName"].n_unique() >= 15
    assert aws["SubAccountId"].n_unique() == 15
    assert "004271905836" in set(aws["SubAccountId"])
    assert 100_000 < sum(frame.height for frame in rows.values()) < 300_000


def test_tags_are_spelt_in_several_ways_and_some_are_missing(rows: dict[str, pl.DataFrame]) -> None:
    aws, azure = rows["aws"]["Tags"], rows["azure"]["Tags"]

    for spelling in ('"team"', '"Team"', '"owner"'):
        assert aws.str.contains(spelling).any()
    assert azure.str.contains('" cost-centre"').any()
    assert 0.1 < aws.null_count() / len(aws) < 0.35


def test_contracts_of_the_datacentre_last_the_month_and_in_the_running_month_until_yesterday(
    demo: Demo, rows: dict[str, pl.DataFrame]
) -> None:
    contracts = rows["datacentre"].filter(pl.col("ChargeFrequency") == "Recurring")
    running = contracts.filter(pl.col("BillingPeriodStart").dt.date() == date(2026, 11, 1))
    october = contracts.filter(pl.col("BillingPeriodStart").dt.date() == date(2026, 10, 1))

    assert set(october["ChargePeriodEnd"].dt.date()) == {date(2026, 11, 1)}
    assert set(running["ChargePeriodEnd"].dt.date()) == {demo.truth.until}
    assert running["BilledCost"].sum() == pytest.approx(october["BilledCost"].sum() * 21 / 30, rel=1e-3)


def test_ai_rows_count_tokens(rows: dict[str, pl.DataFrame]) -> None:
    ai = rows["ai"]

    assert set(ai["ConsumedUnit"]) == {"Tokens"}
    assert set(ai["PricingUnit"]) == {"1000 Tokens"}
    assert set(ai["x_AiTokenKind"]) == {"input", "output", "cache_read", "cache_write"}
    assert ai.filter((pl.col("ConsumedQuantity") - pl.col("PricingQuantity") * 1000).abs() > 1e-6).is_empty()


def test_text_files_have_no_time_of_writing_in_them(demo: Demo) -> None:
    for path in (*demo.files("azure"), *demo.files("ai")):
        assert path.read_bytes()[4:8] == bytes(4)
        assert gzip.decompress(path.read_bytes()).startswith(b"A")
