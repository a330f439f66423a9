"""Datasets beside the bills, on their way into the lake: one fault stops neither the bills nor the other datasets."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finops.app.collection.all import CollectedAll, collect_all
from finops.app.container import open_container
from tests.support.bills import StoppedClock
from tests.support.focus_frames import bill
from tests.unit.focus.test_datasets import COMMITMENTS, INVOICES, PERIODS

CONFIG = """\
apiVersion: finops/v1
policies: []
lake: ./lake
state: sqlite:///state.db
currency: EUR
sources:
  acme: {kind: focus-files, path: ./bills}
invoices:
  acme: {2026-10: [10.00 EUR, 5 USD]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "finops.yaml").write_text(CONFIG)
    (tmp_path / "bills").mkdir()
    bill({}).write_csv(tmp_path / "bills" / "costs.csv")
    for name, text in (("commitments", COMMITMENTS), ("invoices", INVOICES), ("periods", PERIODS)):
        (tmp_path / "bills" / f"{name}.csv").write_text(text)
    return tmp_path


def _collected(folder: Path) -> tuple[CollectedAll, dict[str, int], Decimal]:
    """With the rows of each dataset, and the sum of the delivered invoice lines."""
    container = open_container(folder / "finops.yaml", StoppedClock())
    try:
        outcome = collect_all(container.collectors)
        view = container.lake.at(container.lake.version())
        rows = pl.concat([view.commitments().select("dataset"), view.invoices().select("dataset")]).collect()
        delivered = view.invoices().filter(pl.col("dataset") == "InvoiceDetail").select("BilledCost").sum().collect()
    finally:
        container.close()
    return outcome, dict(rows["dataset"].value_counts().iter_rows()), delivered.item()


def test_every_dataset_has_its_rows_and_the_next_collection_writes_nothing(folder: Path) -> None:
    outcome, rows, _ = _collected(folder)
    assert rows == {"ContractCommitment": 1, "InvoiceDetail": 2, "BillingPeriod": 1, "Configuration": 2}
    assert outcome.exit_status == 0
    again, _, _ = _collected(folder)
    assert [one.run.outcome for one in again.sources] == ["unchanged"]


def test_a_new_invoice_alone_is_a_collection_that_brought_something(folder: Path) -> None:
    _collected(folder)
    (folder / "bills" / "invoices.csv").write_text(INVOICES.replace("10.01", "11.01"))
    outcome, _, delivered = _collected(folder)
    assert (outcome.sources[0].run.outcome, delivered) == ("ok", Decimal("11.00"))


def test_a_broken_dataset_is_named_and_keeps_its_rows_and_no_others(folder: Path) -> None:
    _collected(folder)
    (folder / "bills" / "invoices.csv").write_text(INVOICES.replace("10.01", "ten"))
    (folder / "bills" / "periods.csv").write_text(PERIODS + PERIODS.splitlines()[1].replace("10-01", "09-01") + "\n")
    outcome, rows, delivered = _collected(folder)
    [collected] = outcome.sources
    assert outcome.exit_status == 4
    assert (collected.run.error, collected.run.outcome) == ("", "ok")
    [note] = [note for note in collected.run.notes if "was not read" in note]
    assert "bills/invoices.csv, row 1, column BilledCost" in note
    assert (rows["BillingPeriod"], rows["InvoiceDetail"], delivered) == (2, 2, Decimal("10.00"))


def test_a_file_that_is_gone_takes_nothing_with_it(folder: Path) -> None:
    _collected(folder)
    (folder / "bills" / "invoices.csv").unlink()
    (folder / "finops.yaml").write_text(CONFIG.split("invoices:", maxsplit=1)[0])
    outcome, rows, _ = _collected(folder)
    assert "Invoice Detail: no file contains it any more; the collected rows are kept" in outcome.sources[0].run.notes
    assert (rows["InvoiceDetail"], rows.get("Configuration")) == (2, None)


def test_a_dry_run_lists_each_dataset_and_writes_nothing(folder: Path) -> None:
    def notes() -> list[str]:
        container = open_container(folder / "finops.yaml", StoppedClock())
        try:
            [source] = collect_all(container.collectors, dry_run=True).sources
        finally:
            container.close()
        return sorted(source.run.notes)

    titles = ("Billing Period", "Contract Commitment", "Invoice Detail")
    assert notes() == [f"{title}, 1 file: would be read" for title in titles]
    assert notes() == [f"{title}, 1 file: would be read" for title in titles], "nothing was written"
    _collected(folder)
    (folder / "bills" / "invoices.csv").write_text(INVOICES.replace("10.01", "11.01"))
    assert notes() == [
        *(f"{title}, 1 file: unchanged" for title in titles[:2]),
        "Invoice Detail, 1 file: would be read",
    ]
