"""Files of FOCUS's other datasets: exact amounts, the newest of each row, and every mistake by its place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import polars as pl
import pytest

from finops.errors import RefusedBatch
from finops.focus.datasets import conform_dataset
from finops.ports.records import Dataset
from finops.ports.source import Part

COMMITMENTS = """ContractCommitmentId,ContractCommitmentCost,BillingCurrency,ContractCommitmentPeriodEnd
edp,1000000.10,USD,2027-01-01T00:00:00Z
"""
INVOICES = """\
InvoiceId,InvoiceDetailId,BilledCost,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,InvoiceDetailLastUpdated
I,1,10.01,EUR,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z
I,2,-0.01,EUR,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,2026-11-02T00:00:00Z
"""
PERIODS = """InvoiceIssuerName,BillingPeriodStart,BillingPeriodEnd,BillingPeriodStatus
Acme,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,closed
"""


def part(text: str, name: str = "beside.csv") -> Part:
    return Part(name, lambda: pl.read_csv(StringIO(text), infer_schema=False).lazy())


def read(dataset: Dataset, *texts: str) -> pl.DataFrame:
    return conform_dataset(dataset, [part(text, f"{number}.csv") for number, text in enumerate(texts)])[0]


def test_amounts_are_exact_and_times_are_utc() -> None:
    [edp] = read(Dataset.CONTRACT_COMMITMENT, COMMITMENTS).to_dicts()
    assert edp["ContractCommitmentCost"] == Decimal("1000000.10")
    assert edp["ContractCommitmentPeriodEnd"] == datetime(2027, 1, 1, tzinfo=UTC)
    assert (edp["ContractCommitmentPeriodStart"], edp["billing_period"]) == (None, None)


def test_doubles_lose_no_cent() -> None:
    frame = pl.read_csv(StringIO(INVOICES)).lazy()
    found, _ = conform_dataset(Dataset.INVOICE_DETAIL, [Part("invoice.parquet", lambda: frame)])
    assert found["BilledCost"].sum() == Decimal("10.00")
    assert found["InvoiceDetailId"].to_list() == ["1", "2"]


def test_the_billing_period_is_the_issuers_own() -> None:
    east = INVOICES.replace("2026-10-01T00:00:00Z", "2026-10-01T00:00:00+08:00")
    assert read(Dataset.INVOICE_DETAIL, east)["billing_period"].unique().to_list() == [date(2026, 10, 1)]


def test_of_a_row_that_was_restated_the_newest_counts() -> None:
    later = INVOICES.replace("10.01", "12.01").replace("2026-11-02", "2026-11-09")
    for order in ((INVOICES, later), (later, INVOICES), (INVOICES, later, INVOICES)):
        found, tally = conform_dataset(Dataset.INVOICE_DETAIL, [part(text, str(n)) for n, text in enumerate(order)])
        assert found["BilledCost"].sum() == Decimal("12.00")
        assert f"{2 * len(order) - 2} rows left out" in tally.notes[-1]


def test_lines_without_an_id_are_all_kept() -> None:
    bare = "InvoiceId,BilledCost,BillingCurrency,BillingPeriodStart\nI,1,EUR,2026-10-01\nI,2,EUR,2026-10-01\n"
    assert read(Dataset.INVOICE_DETAIL, bare)["BilledCost"].sum() == 3


def test_spelling_is_repaired_and_strange_columns_are_named() -> None:
    text = PERIODS.replace("InvoiceIssuerName", "invoiceissuername,x_Ours").replace("Acme", "Acme,1")
    found, tally = conform_dataset(Dataset.BILLING_PERIOD, [part(text)])
    assert found["BillingPeriodStatus"].to_list() == ["Closed"]
    assert tally.repaired["BillingPeriodStatus: casing"] == 1
    assert any("x_Ours" in note for note in tally.notes)


_C, _I, _P = Dataset.CONTRACT_COMMITMENT, Dataset.INVOICE_DETAIL, Dataset.BILLING_PERIOD
_TEXTS = {_C: COMMITMENTS, _I: INVOICES, _P: PERIODS}
MISTAKES = {
    "id missing": (_C, "edp", "", "row 1, column ContractCommitmentId"),
    "column missing": (_C, "CommitmentId", "CommitmentIdd", "header"),
    "column twice": (_C, "BillingCurrency", "contractcommitmentid", "header"),
    "cost not a number": (_I, "-0.01", "ten", "row 2, column BilledCost"),
    "cost missing": (_I, "-0.01", "", "row 2, column BilledCost"),
    "no currency": (_C, "USD", "", "row 1, column BillingCurrency"),
    "unknown currency": (_I, "EUR", "EUX", "row 1, column BillingCurrency"),
    "not a time": (_C, "2027-01-01T00", "soon", "row 1, column ContractCommitmentPeriodEnd"),
    "ends before it starts": (_P, "2026-11-01", "2026-09-01", "row 1, column BillingPeriodEnd"),
    "contradiction": (_I, "I,2,", "I,1,", "row 2, column InvoiceDetailId"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_refused_by_its_place(mistake: str) -> None:
    dataset, right, wrong, place = MISTAKES[mistake]
    with pytest.raises(RefusedBatch) as caught:
        read(dataset, _TEXTS[dataset].replace(right, wrong))
    assert caught.value.where == f"0.csv, {place}"
    assert caught.value.remedy
