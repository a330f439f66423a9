"""Who else counts what a source costs: its provider, another source, its manifest, an invoice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from finops.model.invoice import Invoice
from finops.model.period import Period, month_start
from finops.ports.lake import LakeView
from finops.ports.provider_totals import TOTALS_SCHEMA, ProviderTotals, Totals
from finops.ports.source import Source


@dataclass(frozen=True, slots=True)
class Counterpart:
    """``against``: whose count, for people. ``ask`` may raise whatever asking a provider raises."""

    against: str
    ask: Callable[[], Totals]


def counterparts(
    sources: Mapping[str, Source],
    view: LakeView,
    source: str,
    billing_period: date,
    invoices: Sequence[Invoice],
    *,
    twin: str | None = None,
) -> Iterator[Counterpart]:
    """Everybody who counts this period of this source; the provider is not asked before ``ask`` is called.

    ``twin``: another source that bills the same.
    """
    period = Period(billing_period, month_start(billing_period, 1))
    if source in sources and (asked := _asking(sources[source], period)):
        yield Counterpart("the provider", asked)
    if twin is not None:
        if asked := _asking(sources[twin], period):
            yield Counterpart(f"the provider by {twin}", asked)
        else:
            yield Counterpart(f"the source {twin}", partial(_of_source, view, twin, billing_period))
    for invoice in invoices:
        if (invoice.source, invoice.billing_period) == (source, billing_period):
            against = "the invoice lines" if invoice.delivered else "the invoice"
            yield Counterpart(against, partial(_of_invoice, invoice))


def lake_lines(view: LakeView, source: str, billing_period: date, cost: str) -> pl.DataFrame:
    """The lake's rows by UTC day of their charge period's start, service and currency: ``TOTALS_SCHEMA``.

    Charges stay whole on that day, as bills and cost APIs show them; nothing is spread.
    """
    return (
        view.costs()
        .filter(pl.col("source") == source, pl.col("billing_period") == billing_period)
        .group_by(
            day=pl.col("ChargePeriodStart").dt.date(),
            service=pl.col("ServiceName"),
            currency=pl.col("BillingCurrency").fill_null(""),
        )
        .agg(amount=pl.col(cost).sum())
        .select(pl.col(name).cast(dtype) for name, dtype in TOTALS_SCHEMA.items())
        .collect(engine="streaming")
    )


def _asking(source: object, period: Period) -> Callable[[], Totals] | None:
    return partial(source.totals, period) if isinstance(source, ProviderTotals) else None


def _of_source(view: LakeView, name: str, billing_period: date) -> Totals:
    return Totals(lake_lines(view, name, billing_period, "BilledCost"), "BilledCost", "its rows in the lake")


def _of_invoice(invoice: Invoice) -> Totals:
    lines = [
        {"day": None, "service": None, "currency": total.currency, "amount": total.amount} for total in invoice.totals
    ]
    frame = pl.DataFrame(lines, schema=TOTALS_SCHEMA)
    return Totals(frame, "BilledCost", invoice.origin, provisional=invoice.provisional)
