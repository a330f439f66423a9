"""What a source delivers beside its bills, and the invoices typed in for it: into ``commitments`` and ``invoices``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256

import polars as pl
import structlog

from finops.errors import FinopsError
from finops.focus.datasets import conform_dataset
from finops.focus.observations import add_up
from finops.model.invoice import Invoice
from finops.model.period import month_start
from finops.model.wording import count_text
from finops.ports.lake import Lake, Run, Tally
from finops.ports.records import INVOICES_SCHEMA, TABLE_OF, Dataset, NewRecords
from finops.ports.source import DatasetOffer

log = structlog.get_logger("finops.collect")


@dataclass(frozen=True, slots=True)
class RecordsCollected:
    """``notes``: sentences for people, faults among them: the tables then hold what they held before."""

    notes: tuple[str, ...] = ()
    changed: bool = False
    tally: Tally = field(default_factory=Tally)
    exit_status: int = 0


def collect_records(
    source: str, offers: Sequence[DatasetOffer], invoices: Sequence[Invoice], lake: Lake, run: Run
) -> RecordsCollected:
    """Writes what is new, in one commit a table. A dataset that cannot be read stops neither the bills nor the others,
    and neither does a table that cannot be written."""
    try:
        return _collected(source, offers, invoices, lake, run)
    except FinopsError as error:
        log.warning("commitments and invoices not written", source=source, error=str(error))
        return RecordsCollected((f"commitments and invoices were not written: {error}",), exit_status=error.exit_status)


def recognised_records(source: str, offers: Sequence[DatasetOffer], lake: Lake) -> list[str]:
    """A sentence for each dataset beside the bills, for a run that writes nothing."""
    known = lake.record_digests(source)
    return [
        f"{offer.dataset.title}, {count_text(len(offer.parts), 'file')}: "
        + ("unchanged" if known.get((TABLE_OF[offer.dataset], offer.dataset)) == offer.digest else "would be read")
        for offer in offers
    ]


def _collected(
    source: str, offers: Sequence[DatasetOffer], invoices: Sequence[Invoice], lake: Lake, run: Run
) -> RecordsCollected:
    known = lake.record_digests(source)
    new: list[NewRecords] = []
    notes: list[str] = []
    tallies: list[Tally] = []
    exit_status = 0
    for offer in offers:
        table = TABLE_OF[offer.dataset]
        if known.get((table, offer.dataset)) == offer.digest:
            continue
        try:
            frame, tally = conform_dataset(offer.dataset, offer.parts)
        except FinopsError as error:
            log.warning("dataset not collected", source=source, dataset=offer.dataset.value, error=str(error))
            notes.append(f"{offer.dataset.title} was not read, the lake keeps what it had: {error}")
            exit_status = max(exit_status, error.exit_status)
            continue
        tallies.append(tally)
        notes += [*tally.notes, f"{offer.dataset.title}: {count_text(frame.height, 'row')} in '{table}'"]
        new.append(NewRecords(table, source, offer.dataset, frame, offer.digest))
    offered = {offer.dataset.value for offer in offers}
    notes += [
        f"{Dataset(dataset).title}: no file contains it any more; the collected rows are kept"
        for _, dataset in sorted(known)
        if Dataset(dataset) in TABLE_OF and dataset not in offered
    ]
    new.append(_typed_in(source, invoices))
    run.check()
    written = lake.replace_records(source, new, run)
    return RecordsCollected(tuple(notes), bool(written), add_up(tallies), exit_status)


def _typed_in(source: str, invoices: Sequence[Invoice]) -> NewRecords:
    rows = [
        {
            "billing_period": invoice.billing_period,
            "BillingPeriodStart": _midnight(invoice.billing_period),
            "BillingPeriodEnd": _midnight(month_start(invoice.billing_period, 1)),
            "BilledCost": total.amount,
            "BillingCurrency": total.currency,
        }
        for invoice in sorted(invoices, key=lambda one: one.billing_period)
        if invoice.source == source
        for total in invoice.totals
    ]
    text = "\n".join(f"{row['billing_period']} {row['BilledCost']} {row['BillingCurrency']}" for row in rows)
    frame = pl.DataFrame(rows, schema={name: INVOICES_SCHEMA[name] for name in _TYPED}, orient="row")
    return NewRecords("invoices", source, Dataset.CONFIGURATION, frame, f"sha256:{sha256(text.encode()).hexdigest()}")


_TYPED = ("billing_period", "BillingPeriodStart", "BillingPeriodEnd", "BilledCost", "BillingCurrency")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)
