"""Delivered invoice lines beside the bills: what they sum to, what is voided, what may still change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finops.app.invoice_lines import delivered_invoices, invoice_sums, open_periods, source_contracts
from finops.ports.lake import LakeView
from finops.ports.records import Dataset, NewRecords
from tests.support.bills import APRIL, MARCH, MONEY, delivery, lake, line, rows, run

END = datetime(2027, 1, 1, tzinfo=UTC)


def _lines(*lines: tuple[str, str, str, str]) -> NewRecords:
    names = ("InvoiceId", "BilledCost", "BillingCurrency", "InvoiceIssueStatus")
    found = [dict(zip(names, (i, Decimal(a), c, s), strict=True)) | {"billing_period": MARCH} for i, a, c, s in lines]
    frame = pl.DataFrame(found, schema_overrides={"BilledCost": MONEY})
    return NewRecords("invoices", "aws", Dataset.INVOICE_DETAIL, frame, "1")


def _period(status: str) -> NewRecords:
    frame = pl.DataFrame({"billing_period": [MARCH], "BillingPeriodStatus": [status], "InvoiceIssuerName": ["Acme"]})
    return NewRecords("invoices", "aws", Dataset.BILLING_PERIOD, frame, status)


def _view(tmp_path: Path, *records: NewRecords) -> LakeView:
    own = lake(tmp_path)
    bill = rows(line("10", InvoiceId="I"), line("5", InvoiceId="J"), line("1", period=APRIL))
    own.replace(delivery(bill), run())
    own.replace_records("aws", list(records), run())
    return own.at(own.version())


def test_voided_invoices_do_not_count(tmp_path: Path) -> None:
    issued = (("I", "9.99", "EUR", "Issued"), ("I", "0.01", "EUR", "Issued"), ("I", "3", "USD", "Issued"))
    records = _lines(*issued, ("K", "7", "EUR", "Voided"))
    [invoice] = delivered_invoices(_view(tmp_path, records, _period("Closed")), ["aws"])
    assert [(total.amount, total.currency) for total in invoice.totals] == [(10, "EUR"), (3, "USD")]
    assert (invoice.billing_period, invoice.delivered, invoice.provisional) == (MARCH, True, False)


@pytest.mark.parametrize(("issue", "period"), [("Open", "Closed"), ("Issued", "Open")])
def test_what_is_open_may_still_change(tmp_path: Path, issue: str, period: str) -> None:
    view = _view(tmp_path, _lines(("I", "10", "EUR", issue)), _period(period))
    [invoice] = delivered_invoices(view, ["aws"])
    assert invoice.provisional
    said = "invoice I is not issued yet" if issue == "Open" else "Acme has not closed 2026-03"
    assert open_periods(view, MARCH, ["aws"]) == [said]


def test_each_number_stands_against_the_charges_that_carry_it(tmp_path: Path) -> None:
    view = _view(tmp_path, _lines(("I", "10", "EUR", "Issued"), ("K", "7", "EUR", "Issued")))
    found = {one.number: one for one in invoice_sums(view, MARCH, ["aws"])["aws", "EUR"]}
    assert {number: (one.invoiced, one.billed, one.agrees) for number, one in found.items()} == {
        "I": (10, 10, True), "J": (None, 5, None), "K": (7, None, None),
    }  # fmt: skip


def test_costs_alone_are_no_invoice(tmp_path: Path) -> None:
    """Sums of the bill by its own numbers would agree with the bill whatever it says."""
    assert delivered_invoices(_view(tmp_path), ["aws"]) == ()
    assert open_periods(_view(tmp_path), date(2026, 3, 1), ["aws"]) == []


def test_a_source_shows_its_commitments_and_newest_invoices(tmp_path: Path) -> None:
    agreed = pl.DataFrame({"ContractCommitmentId": ["edp", "plan"], "ContractCommitmentPeriodEnd": [None, END]})
    contract = NewRecords("commitments", "aws", Dataset.CONTRACT_COMMITMENT, agreed, "1")
    [found] = source_contracts(_view(tmp_path, contract, _lines(("I", "10", "EUR", "Issued"))), ["aws"], APRIL)
    assert found.commitments == (("commitment plan", END.date()), ("commitment edp", None))
    assert [(month, one.number) for month, one in found.invoices] == [(MARCH, "I"), (MARCH, "J")]
