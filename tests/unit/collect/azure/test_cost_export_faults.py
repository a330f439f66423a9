"""What Cost Management and its store do wrong: nothing half-delivered reaches the lake, and the next run heals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finops.app.collection.source import collect
from finops.collect.azure.export import AzureCostExport
from finops.errors import NotFound, RefusedBatch, Unreachable
from finops.lake import DeltaLake
from tests.support.bills import lake
from tests.unit.collect.azure.export_tree import APRIL, MARCH, Tree
from tests.unit.collect.azure.focus_rows import Form, blob, line

ROWS = [[line("10"), line("1", day=2)], [line("5", day=3)]]
PARTS = [blob(rows, "csv.gz") for rows in ROWS]


def run(tree: Tree, **given: Any) -> list[str]:
    return tree.run(PARTS, "csv.gz", [2, 1], **given)


@pytest.fixture
def own(tmp_path: Path, tree: Tree) -> DeltaLake:
    """A lake that holds March from an earlier run."""
    made = lake(tmp_path)
    run(tree, submitted="2026-03-19T05:00:00Z", run_id="before")
    assert collect(tree.source(), made, tree.clock).run.error == ""
    return made


def more_bytes(manifest: dict[str, Any]) -> None:
    manifest["blobs"][1]["byteCount"] += 1


def more_rows_in_a_blob(manifest: dict[str, Any]) -> None:
    manifest["blobs"][0]["dataRowCount"] += 1


def more_rows_in_all(manifest: dict[str, Any]) -> None:
    manifest["dataRowCount"] += 1


def more_blobs(manifest: dict[str, Any]) -> None:
    manifest["blobCount"] += 1


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        (more_bytes, f"has {len(PARTS[1]):,} bytes, the manifest says {len(PARTS[1]) + 1:,}"),
        (more_rows_in_a_blob, "has 2 rows, the manifest says 3"),
        (more_rows_in_all, "3 rows received, the manifest says 4"),
        (more_blobs, "the manifest counts 3 blobs and names 2"),
    ],
)
def test_a_run_that_is_not_what_its_manifest_says(
    tree: Tree, own: DeltaLake, lie: Callable[[dict[str, Any]], None], said: str
) -> None:
    before = own.version()
    run(tree, change=lie)
    failed = collect(tree.source(), own, tree.clock)
    assert said in failed.run.error
    assert "half-delivered" in failed.run.error
    assert failed.exit_status == 4
    assert own.version() == before
    run(tree)
    healed = collect(tree.source(), own, tree.clock)
    assert (healed.run.error, healed.run.rows) == ("", 3)


def test_a_blob_that_is_not_there_yet(tree: Tree, own: DeltaLake) -> None:
    names = run(tree, deliver=False)
    tree.put(names[0], PARTS[0])
    with pytest.raises(Unreachable, match=f"half-delivered: the blob {names[1]} does not exist"):
        tree.source().discover(own.known("bills"))
    tree.put(names[1], PARTS[1])
    assert collect(tree.source(), own, tree.clock).run.rows == 3


def test_a_run_whose_blobs_were_cleared_away_holds_up_nothing(tree: Tree, own: DeltaLake) -> None:
    for name in run(tree, submitted="2026-03-19T05:00:00Z", run_id="before"):
        tree.remove(name)
    tree.clock.moment = tree.clock.moment.replace(year=2026, month=6)
    run(tree, month=APRIL, submitted="2026-04-20T05:00:00Z", run_id="april")
    discovery = tree.source().discover(own.known("bills"))
    assert [offer.billing_period for offer in discovery.offers] == [APRIL]
    assert any("2026-03: the blobs of" in note and "were deleted" in note for note in discovery.notes)


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_rows_that_are_billed_in_another_period_stay_in_their_exports_month(
    tree: Tree, own: DeltaLake, form: Form
) -> None:
    tree.run([blob([line("10"), line("1", month=APRIL)], form)], form, [2])
    collected = collect(tree.source(), own, tree.clock)
    assert collected.run.error == ""
    assert collected.tally.repaired["BillingPeriodStart: outside the exported month, counted in that month"] == 1
    found = own.at(own.version()).costs().collect()
    assert found["billing_period"].to_list() == [MARCH, MARCH]
    assert {f"{moment:%m-%d}" for moment in found["BillingPeriodEnd"]} == {"04-01"}


def test_a_blob_that_is_overwritten_while_it_is_read(tree: Tree, own: DeltaLake) -> None:
    names = run(tree, overwrite=True, run_id="new")
    source = tree.source()
    offers = source.discover({}).offers
    (offer,) = offers
    part = offer.parts[0]
    part.open().collect()
    tree.put(names[0], PARTS[0])
    with pytest.raises(Unreachable, match="rewritten while it was read"):
        part.verify()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "Expecting property name"),
        (b"[]", "expected a mapping, found a list"),
        (b'{"exportConfig": {}}', "exportConfig"),
        (b'{"runInfo": {"submittedTime": "soon"}}', "Invalid isoformat string"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_named(tree: Tree, content: bytes, said: str) -> None:
    tree.put("bills/x/manifest.json", content)
    with pytest.raises(RefusedBatch) as caught:
        tree.source().discover({})
    assert caught.value.where == "bills/x/manifest.json"
    assert said in caught.value.what


def test_a_container_without_a_manifest(tree: Tree) -> None:
    tree.put("bills/part_0_0001.csv", b"a")
    with pytest.raises(NotFound, match="no export manifest"):
        tree.source().discover({})


def test_a_name_that_no_export_has(tree: Tree) -> None:
    run(tree)
    with pytest.raises(NotFound, match="no export named 'focus'") as caught:
        tree.source(export="focus").discover({})
    assert "focus-daily" in caught.value.remedy


def test_the_preview_of_focus_is_refused_with_a_way_out(tree: Tree) -> None:
    run(tree, version="1.0-preview(v1)")
    with pytest.raises(RefusedBatch, match=r"FOCUS 1\.0-preview") as caught:
        tree.source().discover({})
    assert "1.2" in caught.value.remedy


def test_a_period_without_a_run_any_more_is_noted(tree: Tree, own: DeltaLake) -> None:
    run(tree, month=APRIL, submitted="2026-04-20T05:00:00Z", run_id="april")
    known = own.known("bills")
    found = AzureCostExport.discover(tree.source(directory="bills/focus-daily/20260401-20260430"), known)
    assert any("2026-03: no export run contains it any more" in note for note in found.notes)


def test_the_check_says_how_old_the_newest_run_is_and_whether_it_is_whole(tree: Tree) -> None:
    names = run(tree)
    tree.clock.moment = tree.clock.moment.replace(2026, 3, 20, 6, 12, 3)
    checks = tree.source().check()
    assert [check.passed for check in checks] == [True, True]
    assert "1 run of focus-daily, 2026-03 to 2026-03" in checks[0].detail
    assert "1 h ago" in checks[1].detail
    tree.remove(names[0])
    assert "half-delivered" in tree.source().check()[1].detail


def test_the_check_names_the_permission_that_is_missing(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tree)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "d3Jvbmc=")
    (check,) = tree.source().check()
    assert not check.passed
    assert "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read" in check.detail
