"""Actual and amortised cost exports, from a real blob store to the lake."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.app.collection.source import Collected, collect
from finops.collect.azure.native.conversion import pricing_unit
from finops.lake import DeltaLake
from tests.support.bills import lake
from tests.unit.collect.azure.arm import SUBSCRIPTION
from tests.unit.collect.azure.documented_row import DOCS, documented_row
from tests.unit.collect.azure.export_tree import APRIL, MARCH, Tree
from tests.unit.collect.azure.focus_rows import blob, line
from tests.unit.collect.azure.native_rows import EA, MCA, PLAN, RESERVATION, native, native_csv, native_parquet

Rows = list[dict[str, str]]
RESERVED = {"PricingModel": "Reservation", "benefitId": RESERVATION, "benefitName": "VM_RI", "ReservationId": "R1"}
PLANNED = {"PricingModel": "SavingsPlan", "benefitId": PLAN, "benefitName": "Plan"}

ACTUAL = [
    native("4.80"),
    native("0", **RESERVED),
    native("300", ChargeType="Purchase", Frequency="Recurring", **RESERVED),
    native("-20", ChargeType="Refund", **PLANNED),
    native("9", ChargeType="Purchase", Frequency="OneTime", PricingModel="OnDemand", PublisherType="Marketplace"),
]
AMORTISED = [
    native("4.80"),
    native("3.50", **RESERVED),
    native("0.50", ChargeType="UnusedReservation", **RESERVED),
    native("1.25", ChargeType="UnusedSavingsPlan", **PLANNED),
    native("9", ChargeType="Purchase", Frequency="OneTime", PricingModel="OnDemand", PublisherType="Marketplace"),
]


@pytest.fixture
def own(tmp_path: Path) -> DeltaLake:
    return lake(tmp_path)


def run(tree: Tree, dataset: str, rows: Rows, write: Callable[..., bytes] = native_csv, **given: Any) -> None:
    form = "csv.gz" if write is native_csv else "parquet"
    given = {"version": "2024-08-01", "export": dataset.lower(), "run_id": dataset, **given}
    tree.run([write(*rows)], form, [len(rows)], dataset=dataset, **given)


def taken(tree: Tree, own: DeltaLake) -> Collected:
    collected = collect(tree.source(), own, tree.clock)
    assert collected.run.error == ""
    return collected


def costs(own: DeltaLake) -> pl.DataFrame:
    return own.at(own.version()).costs().sort("BilledCost", "EffectiveCost").collect()


@pytest.mark.parametrize("write", [native_csv, native_parquet], ids=["csv", "parquet"])
@pytest.mark.parametrize("agreement", [EA, MCA], ids=["ea", "mca"])
def test_actual_and_amortised_become_billed_and_effective(
    tree: Tree, own: DeltaLake, agreement: tuple[str, ...], write: Callable[..., bytes]
) -> None:
    by_name = [{name.lower(): value for name, value in row.items()} for row in (*ACTUAL, *AMORTISED)]
    rows = [{name: row.get(name.lower(), "") for name in agreement} for row in by_name]
    for row in rows:
        row.update({"billingCurrency": "EUR", "resourceGroupName": "rg-shop"} if agreement is MCA else {})
    run(tree, "ActualCost", rows[: len(ACTUAL)], write)
    run(tree, "AmortizedCost", rows[len(ACTUAL) :], write)
    collected = taken(tree, own)
    found = costs(own).select("BilledCost", "EffectiveCost", "ChargeCategory", "CommitmentDiscountStatus")
    assert found.rows() == [
        (Decimal(-20), Decimal(0), "Purchase", None),
        (Decimal(0), Decimal("0.5"), "Usage", "Unused"),
        (Decimal(0), Decimal("1.25"), "Usage", "Unused"),
        (Decimal(0), Decimal("3.5"), "Usage", "Used"),
        (Decimal("4.8"), Decimal("4.8"), "Usage", None),
        (Decimal(9), Decimal(9), "Purchase", None),
        (Decimal(300), Decimal(0), "Purchase", None),
    ]
    assert not [note for note in collected.run.notes if "repeats" in note]
    billed = sum(Decimal(row["CostInBillingCurrency"]) for row in ACTUAL)
    amortised = sum(Decimal(row["CostInBillingCurrency"]) for row in AMORTISED)
    assert (costs(own)["BilledCost"].sum(), costs(own)["EffectiveCost"].sum()) == (billed, amortised)


@pytest.mark.parametrize(
    ("dataset", "rows", "total", "said"),
    [
        ("ActualCost", ACTUAL, Decimal("293.8"), "EffectiveCost repeats BilledCost"),
        ("AmortizedCost", AMORTISED, Decimal("19.05"), "BilledCost repeats EffectiveCost"),
    ],
)
def test_one_alone_tells_one_cost_and_says_so(
    tree: Tree, own: DeltaLake, dataset: str, rows: Rows, total: Decimal, said: str
) -> None:
    run(tree, dataset, rows)
    collected = taken(tree, own)
    assert costs(own)["BilledCost"].sum() == costs(own)["EffectiveCost"].sum() == total
    assert any(said in note for note in collected.run.notes)
    assert own.known("bills")[MARCH].manifest["rows"] == len(rows)


def test_the_second_of_a_pair_restates_what_the_first_alone_said(tree: Tree, own: DeltaLake) -> None:
    run(tree, "ActualCost", ACTUAL)
    taken(tree, own)
    run(tree, "AmortizedCost", AMORTISED)
    assert taken(tree, own).run.restated == {"EUR": Decimal("19.05") - Decimal("293.8")}
    assert "rows" not in own.known("bills")[MARCH].manifest


def test_a_new_month_waits_for_its_pair_but_not_for_ever(tree: Tree, own: DeltaLake) -> None:
    run(tree, "ActualCost", ACTUAL)
    run(tree, "AmortizedCost", AMORTISED)
    april = [native("7", Date="04/01/2026", BillingPeriodStartDate="04/01/2026", BillingPeriodEndDate="04/30/2026")]
    run(tree, "ActualCost", april, month=APRIL, submitted="2026-04-01T20:00:00Z", run_id="april")
    tree.clock.moment = datetime(2026, 4, 1, 22, tzinfo=UTC)
    first = taken(tree, own)
    assert first.run.periods == (MARCH,)
    assert any("waiting for the other" in note for note in first.run.notes)
    tree.clock.advance(timedelta(days=3))
    assert taken(tree, own).run.periods == (APRIL,)


def test_where_a_focus_export_is_there_the_others_are_not_read(tree: Tree, own: DeltaLake) -> None:
    run(tree, "ActualCost", ACTUAL)
    tree.run([blob([line("1")], "parquet")], "parquet", [1])
    collected = taken(tree, own)
    assert costs(own)["BilledCost"].sum() == Decimal(1)
    assert any("its FOCUS export is read" in note for note in collected.run.notes)


def test_exports_that_are_no_bills_are_left_out_and_named(tree: Tree, own: DeltaLake) -> None:
    tree.run([blob([line("1")], "parquet")], "parquet", [1])
    tree.run([b"x"], "csv", [1], dataset="PriceSheet", export="prices", run_id="prices")
    collected = taken(tree, own)
    assert costs(own).height == 1
    assert collected.run.notes == ("exports of pricesheet are not bills and are skipped",)


def test_prices_quantities_and_units_of_a_customer_agreement(tree: Tree, own: DeltaLake) -> None:
    row = native(
        "4.40", MCA, invoiceId="G1", billingProfileId="P", billingProfileName="Profile", pricingCurrency="USD",
        exchangeRatePricingToBilling="0.9", PayGPrice="25", UnitPrice="20", paygCostInBillingCurrency="5.5",
        ProductId="DZH318Z0", PublisherName="", ResourceName="", Tags='{"team": "shop"}', PricingModel="Spot",
    )  # fmt: skip
    run(tree, "ActualCost", [row])
    taken(tree, own)
    (found,) = costs(own).iter_rows(named=True)
    assert (found["PricingQuantity"], found["PricingUnit"], found["ConsumedQuantity"]) == (Decimal("0.24"), "Hours", 24)
    assert (found["ListUnitPrice"], found["ListCost"]) == (Decimal("22.5"), Decimal("5.5"))
    assert (found["ContractedUnitPrice"], found["ContractedCost"]) == (Decimal(18), Decimal("4.32"))
    assert (found["BillingAccountId"], found["InvoiceId"], found["SkuId"]) == ("P", "G1", "DZH318Z0")
    assert (found["PricingCategory"], found["PricingCurrency"], found["Tags"]) == ("Dynamic", "USD", '{"team":"shop"}')
    assert found["ResourceName"] == "Web-1"


def test_a_charge_that_is_billed_in_the_next_period_stays_in_its_exports_month(tree: Tree, own: DeltaLake) -> None:
    late = native("7", BillingPeriodStartDate="04/01/2026", BillingPeriodEndDate="04/30/2026")
    run(tree, "ActualCost", [native("1"), late])
    collected = taken(tree, own)
    assert costs(own)["billing_period"].to_list() == [MARCH, MARCH]
    kind = "BillingPeriodStart: outside the exported month, counted in that month"
    assert collected.tally.repaired[kind] == 1


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Date": "yesterday"}, "row 1, column ChargePeriodStart"),
        ({"CostInBillingCurrency": "much"}, "'much' is not a valid number"),
        ({"BillingCurrencyCode": ""}, "row 1, column BillingCurrency"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row(
    tree: Tree, own: DeltaLake, values: dict[str, str], said: str
) -> None:
    run(tree, "ActualCost", [{**native("1"), **values}])
    assert said in collect(tree.source(), own, tree.clock).run.error


def test_a_file_of_something_else_is_refused(tree: Tree, own: DeltaLake) -> None:
    run(tree, "ActualCost", [{"MeterId": "1", "Date": "03/01/2026"}])
    error = collect(tree.source(), own, tree.clock).run.error
    assert "the column CostInBillingCurrency is missing" in error
    assert "its columns are MeterId, Date" in error


@pytest.mark.parametrize(
    ("measure", "block", "unit"),
    [
        ("1 Hour", "1", "Hours"), ("100 Hours", "100", "Hours"), ("1", "1", "Units"), ("10K", "10000", "Units"),
        ("1M", "1000000", "Units"), ("10K/Month", "10000", "Units/Month"), ("1 GB/Month", "1", "GB/Month"),
        ("100 GB", "100", "GB"), ("1/Month", "1", "Units/Month"), ("1 MB", "1", "MB"), ("1 Month", "1", "Months"),
        ("1,000 Requests", "1000", "Requests"), ("1 GB Hour", "1", "GB Hours"), ("Days", "1", "Days"),
        ("", "1", "Units"), ("1B", "1000000000", "Units"),
    ],
)  # fmt: skip
def test_units_of_measure(measure: str, block: str, unit: str) -> None:
    assert pricing_unit(measure) == (Decimal(block), unit)


def test_the_documented_row_becomes_what_the_page_says(tree: Tree, own: DeltaLake) -> None:
    documented = documented_row("azure-cost-export.md", "One row of cost details")
    given = {column: before for column, before, _ in documented if before}
    run(tree, "AmortizedCost", [{name: given.get(name, "") for name in EA}])
    run(tree, "ActualCost", [native("0", **RESERVED)])
    taken(tree, own)
    (row,) = costs(own).iter_rows(named=True)
    expected = {column: after for column, _, after in documented if after}
    assert {column: str(row[column]) for column in expected} == expected
    assert SUBSCRIPTION in str(row["SubAccountId"])


def test_every_column_that_is_made_is_on_the_page(tree: Tree, own: DeltaLake) -> None:
    run(tree, "ActualCost", ACTUAL)
    taken(tree, own)
    page = (DOCS / "azure-cost-export.md").read_text().partition("## Actual and amortised cost")[2]
    made = {name for name in costs(own).columns if costs(own)[name].null_count() < len(ACTUAL)}
    ours = {"source", "billing_period", "ServiceProviderName", "x_PublisherName"}
    assert sorted(name for name in made - ours if f"{name}" not in page) == []
