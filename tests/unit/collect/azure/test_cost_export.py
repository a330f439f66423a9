"""FOCUS exports of Azure, from a real blob store to the lake."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from finops.app.collection.source import Collected, collect
from finops.lake import DeltaLake
from finops.ports.source import Window
from tests.support.bills import lake
from tests.unit.collect.azure.export_tree import APRIL, MARCH, Tree
from tests.unit.collect.azure.focus_rows import SCOPE, SUBSCRIPTION, Form, Version, blob, columns, line


@pytest.fixture
def own(tmp_path: Path) -> DeltaLake:
    return lake(tmp_path)


def run(
    tree: Tree, *parts: list[dict[str, Any]], form: Form = "parquet", version: Version = "1.2-preview", **given: Any
) -> Any:
    contents = [blob(rows, form, version) for rows in parts]
    return tree.run(contents, form, [len(rows) for rows in parts], version=version, **given)


def taken(tree: Tree, own: DeltaLake, **options: Any) -> Collected:
    collected = collect(tree.source(**options), own, tree.clock)
    assert collected.run.error == ""
    return collected


def costs(own: DeltaLake) -> pl.DataFrame:
    return own.at(own.version()).costs().collect()


@pytest.mark.parametrize(
    ("form", "version"),
    [
        ("parquet", "1.0"),
        ("csv", "1.0"),
        ("csv.gz", "1.0r2"),
        ("snappy.parquet", "1.2-preview"),
        ("csv", "1.2-preview"),
        ("csv.gz", "1.2"),
    ],
)
def test_every_form_and_version_gives_the_same_rows(tree: Tree, own: DeltaLake, form: Form, version: Version) -> None:
    run(tree, [line("1.5"), line("0.000000000000001", day=2)], [line("-2", day=3)], form=form, version=version)
    collected = taken(tree, own)
    rows = costs(own).sort("ChargePeriodStart")
    assert rows["BilledCost"].to_list() == [Decimal("1.5"), Decimal("0.000000000000001"), Decimal(-2)]
    assert rows["BillingAccountId"].unique().to_list() == ["/providers/Microsoft.Billing/billingAccounts/0086034127"]
    assert rows["ServiceProviderName"].unique().to_list() == ["Microsoft"]
    assert [f"{moment:%m-%d %H:%M}" for moment in rows["ChargePeriodStart"]] == [
        "03-01 00:00",
        "03-02 00:00",
        "03-03 00:00",
    ]
    assert {name for name in columns(version) if name.startswith("x_")} - {"x_InvoiceId"} <= set(rows.columns)
    assert collected.run.rows == 3


def test_of_two_runs_of_a_month_the_later_submitted_counts_alone(tree: Tree, own: DeltaLake) -> None:
    first = [line("10"), line("20", day=2)]
    second = [line("10"), line("25.01", day=2), line("7", day=3)]
    run(tree, second, run_id="a", submitted="2026-03-20T05:12:03.1032075Z")
    run(tree, first, run_id="z", submitted="2026-03-20T05:12:03")  # without a zone, and the greater id
    taken(tree, own)
    assert costs(own)["BilledCost"].sum() == Decimal("42.01")


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_newer_run_replaces_and_says_by_how_much(tree: Tree, own: DeltaLake, overwrite: bool) -> None:
    run(tree, [line("10")], [line("5", day=2)], overwrite=overwrite)
    taken(tree, own)
    assert taken(tree, own).run.outcome == "unchanged"
    run(tree, [line("10")], [line("6", day=2)], overwrite=overwrite, run_id="run-2", submitted="2026-03-21T05:00:00Z")
    again = taken(tree, own)
    assert again.run.restated == {"EUR": Decimal(1)}
    assert costs(own)["BilledCost"].sum() == Decimal(16)


def test_days_after_the_month_bring_the_whole_previous_month_again(tree: Tree, own: DeltaLake) -> None:
    run(tree, [line("10")])
    taken(tree, own)
    run(tree, [line("1", month=APRIL)], month=APRIL, run_id="april", submitted="2026-04-02T05:00:00Z")
    run(tree, [line("10"), line("3", day=31)], run_id="march", submitted="2026-04-02T05:10:00Z")
    collected = taken(tree, own)
    assert collected.run.periods == (MARCH, APRIL)
    assert costs(own).group_by("billing_period").agg(pl.col("BilledCost").sum()).sort("billing_period").rows() == [
        (MARCH, Decimal(13)),
        (APRIL, Decimal(1)),
    ]


def test_older_manifests_without_counts_under_their_older_name(tree: Tree, own: DeltaLake) -> None:
    def bare(manifest: dict[str, Any]) -> None:
        for key in ("manifestVersion", "blobCount", "byteCount", "dataRowCount"):
            del manifest[key]
        for one in manifest["blobs"]:
            del one["dataRowCount"]

    run(tree, [line("10")], manifest="_manifest.json", change=bare)
    taken(tree, own)
    assert costs(own).height == 1


def test_gaps_are_filled_and_counted(tree: Tree, own: DeltaLake) -> None:
    reserved: dict[str, Any] = {"PricingCategory": "Committed", "ListCost": Decimal(0), "ListUnitPrice": Decimal(0)}
    rows = [
        line("1", ServiceName="", ServiceCategory=None),
        line("2", ServiceName=None, x_SkuMeterSubcategory="", PublisherName="Datadog"),
        line("3", SkuPriceId="-2", SubAccountName="Unassigned", PublisherName=None, **reserved),
        line("0", ListCost=Decimal(0)),
    ]
    run(tree, rows)
    collected = taken(tree, own)
    found = costs(own).sort("BilledCost")
    assert found["ServiceName"].to_list() == ["Virtual Machines", "Ddsv5 Series", "Datadog", "Virtual Machines"]
    assert found["ServiceCategory"].to_list() == ["Compute", "Other", "Compute", "Compute"]
    assert found["SkuPriceId"].null_count() == found["SubAccountName"].null_count() == 1
    assert found["x_AccountId"].null_count() == 4
    assert found["ListCost"].to_list() == [Decimal(0), Decimal(1), Decimal(2), None]
    assert found["ListUnitPrice"].null_count() == 4
    assert found["InvoiceId"].null_count() == 4
    repaired = collected.tally.repaired
    assert repaired["ServiceName: empty, set from x_SkuMeterSubcategory"] == 1
    assert repaired["ServiceName: empty, set from PublisherName"] == 1
    assert repaired["SkuPriceId: placeholder for no value"] == 1
    assert repaired["x_AccountName: placeholder for no value"] == 4
    assert repaired["PublisherName: empty, set to Microsoft"] == 1
    assert repaired["ListCost: 0 for a non-zero charge, set to null"] == 1
    assert repaired["InvoiceId: missing, left null"] == 4


def test_focus_1_0_has_the_invoice_in_a_column_of_azures_own(tree: Tree, own: DeltaLake) -> None:
    run(tree, [line("1", x_InvoiceId="G012345678"), line("2")], version="1.0", form="csv.gz")
    collected = taken(tree, own)
    assert costs(own).sort("BilledCost")["InvoiceId"].to_list() == ["G012345678", None]
    assert collected.tally.repaired["InvoiceId: taken from x_InvoiceId"] == 1


def test_exports_of_several_scopes_add_up(tree: Tree, own: DeltaLake) -> None:
    run(tree, [line("1")])
    run(tree, [line("2")], export="other", scope="/subscriptions/b", run_id="other")
    taken(tree, own)
    assert costs(own)["BilledCost"].sum() == Decimal(3)


def test_one_of_several_exports_by_name(tree: Tree, own: DeltaLake) -> None:
    run(tree, [line("1")])
    run(tree, [line("2")], export="other", scope="/subscriptions/b", run_id="other")
    taken(tree, own, export="Other")
    assert costs(own)["BilledCost"].sum() == Decimal(2)


def test_a_scope_inside_another_would_be_counted_twice(tree: Tree, own: DeltaLake) -> None:
    run(tree, [line("1")])
    run(tree, [line("2")], export="group", scope=f"{SCOPE}/resourceGroups/rg", run_id="other")
    collected = collect(tree.source(), own, tree.clock)
    assert "two exports hold the costs of /subscriptions/" in collected.run.error
    assert "export:" in collected.run.error
    assert SUBSCRIPTION in collected.run.error


def test_a_month_exported_again_by_another_export_is_replaced_not_added(tree: Tree, own: DeltaLake) -> None:
    run(tree, [line("1")])
    run(tree, [line("2")], export="backfill", run_id="other", submitted="2026-06-01T00:00:00Z")
    taken(tree, own)
    assert costs(own)["BilledCost"].sum() == Decimal(2)


def test_a_run_over_some_days_never_stands_for_the_month(tree: Tree, own: DeltaLake) -> None:
    def week(manifest: dict[str, Any]) -> None:
        manifest["runInfo"] |= {"startDate": "2026-03-09T00:00:00", "endDate": "2026-03-15T00:00:00"}

    run(tree, [line("10")])
    run(tree, [line("2")], run_id="week", submitted="2026-03-22T00:00:00Z", change=week)
    collected = taken(tree, own)
    assert costs(own)["BilledCost"].sum() == Decimal(10)
    assert any("covers only 2026-03-09 to 2026-03-15" in note for note in collected.run.notes)


def test_only_months_of_the_window(tree: Tree) -> None:
    run(tree, [line("10")])
    run(tree, [line("1", month=APRIL)], month=APRIL, run_id="april", submitted="2026-04-02T05:00:00Z")
    offers = tree.source().discover({}, Window(first=APRIL)).offers
    assert [offer.billing_period for offer in offers] == [APRIL]


def test_the_lakes_history_names_the_run_and_its_rows(tree: Tree, own: DeltaLake) -> None:
    run(tree, [line("10"), line("1", day=2)], [line("2")])
    taken(tree, own)
    kept = own.known("bills")[MARCH].manifest
    assert kept["rows"] == 3
    (one,) = cast("list[Any]", kept["runs"])
    assert (one["export"], one["run"], one["dataset"]) == ("focus-daily", "run-1", "focuscost 1.2-preview")


def test_a_second_look_fetches_no_manifest_again(tree: Tree) -> None:
    run(tree, [line("10")])
    source = tree.source()
    source.discover({})
    before = source.usage.requests
    source.discover({})
    assert source.usage.requests - before == 1
