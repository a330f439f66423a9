"""The lake's table ``invoices`` -> what issuers invoiced, held beside the bills."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import polars as pl

from finops.evaluate.cases.agreements import Agreements
from finops.model.invoice import Invoice
from finops.model.money import EXACT, Money
from finops.model.statement import InvoiceSum, SourceContracts
from finops.ports.lake import LakeView
from finops.ports.records import Dataset

_MONTHS = 3
_VOIDED, _OPEN = "Voided", "Open"


def delivered_invoices(view: LakeView, sources: Collection[str]) -> tuple[Invoice, ...]:
    """One a source and billing period with Invoice Detail: the sums of its lines by currency, without voided invoices.

    ``provisional`` where an invoice of it is not issued yet, or its billing period is still open (FOCUS 1.4,
    InvoiceIssueStatus, BillingPeriodStatus).
    """
    rows = view.invoices().filter(pl.col("source").is_in(sorted(sources))).collect()
    lines = _lines(rows)
    still_open = {(row["source"], row["billing_period"]) for row in _open(rows).iter_rows(named=True)}
    found = []
    for (source, period), own in lines.partition_by(
        "source", "billing_period", as_dict=True, maintain_order=True
    ).items():
        sums = own.group_by("BillingCurrency").agg(pl.col("BilledCost").sum()).sort("BillingCurrency")
        numbers = own["InvoiceId"].unique().sort().to_list()
        unissued = (own["InvoiceIssueStatus"] == _OPEN).any() or (source, period) in still_open
        found.append(
            Invoice(
                source,
                period,
                tuple(Money(amount, currency) for currency, amount in sums.iter_rows()),
                f"Invoice Detail of {', '.join(numbers)}",
                delivered=True,
                provisional=bool(unissued),
            )
        )
    return tuple(found)


def invoice_sums(
    view: LakeView, month: date, sources: Collection[str]
) -> Mapping[tuple[str, str], Sequence[InvoiceSum]]:
    """(source, currency) -> its invoices of a billing month by number: what the issuer says, and what the charges that
    carry the number add up to."""
    rows = view.invoices().filter(pl.col("source").is_in(sorted(sources)), pl.col("billing_period") == month).collect()
    key = ("source", "BillingCurrency", "InvoiceId")
    told: dict[tuple[str, str, str], dict[str, Any]] = {}
    invoiced: dict[tuple[str, str, str], Decimal] = {}
    billed: dict[tuple[str, str, str], Decimal] = {}
    detail = rows.filter(pl.col("dataset") == Dataset.INVOICE_DETAIL.value)
    charges = rows.filter(pl.col("dataset") == Dataset.COST_AND_USAGE.value)
    with localcontext(EXACT):
        for row in detail.sort("InvoiceDetailLastUpdated", nulls_last=False).iter_rows(named=True):
            number = row[key[0]], row[key[1]], row[key[2]]
            told[number] = row
            invoiced[number] = invoiced.get(number, Decimal(0)) + row["BilledCost"]
        for row in charges.iter_rows(named=True):
            number = row[key[0]], row[key[1]], row[key[2]]
            told.setdefault(number, row)
            billed[number] = billed.get(number, Decimal(0)) + row["BilledCost"]
    found: dict[tuple[str, str], list[InvoiceSum]] = {}
    for number in sorted(told):
        row = told[number]
        found.setdefault(number[:2], []).append(
            InvoiceSum(
                number=number[2],
                issuer=row["InvoiceIssuerName"] or "",
                status=row["InvoiceIssueStatus"] or "",
                issued_on=row["InvoiceIssueDate"].date() if row["InvoiceIssueDate"] else None,
                due_on=row["PaymentDueDate"].date() if row["PaymentDueDate"] else None,
                currency=number[1],
                invoiced=invoiced.get(number),
                billed=billed.get(number),
            )
        )
    return found


def source_contracts(view: LakeView, sources: Collection[str], today: date) -> list[SourceContracts]:
    """Of each source that the lake knows commitments or invoices of: those of the newest three billing months."""
    agreed = Agreements(view).living(today)
    periods = view.invoices().filter(pl.col("InvoiceId").is_not_null()).select("source", "billing_period").collect()
    found = []
    for source in sorted(sources):
        months = (
            periods.filter(pl.col("source") == source)["billing_period"].drop_nulls().unique().sort(descending=True)
        )
        invoices = [
            (month, one)
            for month in months.head(_MONTHS)
            for own in invoice_sums(view, month, [source]).values()
            for one in own
        ]
        commitments = [(one.name, one.end) for one in agreed.get(source, ())]
        if commitments or invoices:
            found.append(SourceContracts(source, tuple(commitments), tuple(invoices)))
    return found


def open_periods(view: LakeView, month: date, sources: Collection[str]) -> list[str]:
    """Why a month may still change although its bills are complete, a sentence each."""
    rows = view.invoices().filter(pl.col("source").is_in(sorted(sources)), pl.col("billing_period") == month).collect()
    periods = [
        f"{row['InvoiceIssuerName'] or row['source']} has not closed {month:%Y-%m}"
        for row in _open(rows).iter_rows(named=True)
    ]
    unissued = _lines(rows).filter(pl.col("InvoiceIssueStatus") == _OPEN)
    invoices = [f"invoice {number} is not issued yet" for number in unissued["InvoiceId"].unique().sort()]
    return [*dict.fromkeys(periods), *invoices]


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(
        pl.col("dataset") == Dataset.INVOICE_DETAIL.value, pl.col("InvoiceIssueStatus").ne_missing(_VOIDED)
    ).sort("source", "billing_period")


def _open(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("dataset") == Dataset.BILLING_PERIOD.value, pl.col("BillingPeriodStatus") == _OPEN).sort(
        "source", "InvoiceIssuerName"
    )
