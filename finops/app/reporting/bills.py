"""What the lake knows of a month's bills: who delivered them, what invoices say, what may still change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops.app.invoice_lines import delivered_invoices, invoice_sums, open_periods
from finops.model.completeness import reach
from finops.model.invoice import Invoice
from finops.model.period import month_start
from finops.model.source_freshness import SourceFreshness
from finops.model.statement import Bill, InvoiceSum, Restated, StatementLine, totals
from finops.ports.lake import Known, Lake, LakeView
from finops.publish.statement import bill_sums


@dataclass(frozen=True, slots=True)
class Billed:
    """``bills``: by source and currency. The others: see ``finops.model.statement.Statement``."""

    bills: tuple[Bill, ...]
    restated: tuple[Restated, ...]
    provisional: tuple[str, ...]
    faults: tuple[str, ...]


def billed_month(
    lake: Lake,
    view: LakeView,
    month: date,
    lines: Sequence[StatementLine],
    freshness: Sequence[SourceFreshness],
    *,
    sources: Sequence[str],
    invoices: Sequence[Invoice],
    settling: timedelta,
    now: datetime,
) -> Billed:
    """The bills of the month that begins on ``month``, whose lines in the statement's currency are ``lines``.

    ``sources``: those of finops.yaml, each of which is expected to deliver a bill.
    """
    delivered = {line.source for line in lines}
    known = {name: lake.known(name) for name in sorted({*sources, *delivered})}
    of_month = {name: periods[month] for name, periods in known.items() if month in periods}
    sums = bill_sums(view, month)
    end = datetime.combine(month_start(month, 1), datetime.min.time(), UTC)
    invoiced = (*invoices, *delivered_invoices(view, of_month))
    bills = tuple(_bills(invoiced, of_month, sums, month, lines, invoice_sums(view, month, of_month)))
    return Billed(
        bills,
        tuple(_restated(lake, month)),
        (
            *open_periods(view, month, of_month),
            *_provisional(month, of_month, freshness, sources=sources, settled=end + settling, end=end, now=now),
        ),
        tuple(_faults(of_month, sums)),
    )


def _bills(
    invoices: Sequence[Invoice],
    of_month: Mapping[str, Known],
    sums: Mapping[tuple[str, str], tuple[Decimal, Decimal]],
    month: date,
    lines: Sequence[StatementLine],
    numbered: Mapping[tuple[str, str], Sequence[InvoiceSum]],
) -> Iterator[Bill]:
    in_cents = totals(lines, lambda line: (line.source, line.currency))
    # what was delivered stands last, and so before what was typed in
    invoiced = {
        (invoice.source, total.currency): total.amount
        for invoice in invoices
        if invoice.billing_period == month
        for total in invoice.totals
    }
    for source, currency in sorted({*sums, *(of for of in invoiced if of[0] in of_month)}):
        known = of_month.get(source)
        if known is not None:
            nothing = Decimal(0), Decimal(0)
            yield Bill(
                source=source,
                currency=currency,
                rows=known.rows,
                delivered_at=known.written_at,
                complete_through=reach([known.completeness]).through,
                total=sums.get((source, currency), nothing)[0],
                billed=in_cents.get((source, currency), nothing)[0],
                invoiced=invoiced.get((source, currency)),
                invoices=tuple(numbered.get((source, currency), ())),
            )


def _restated(lake: Lake, month: date) -> Iterator[Restated]:
    """Changes of earlier bills that arrived in this month: each change is in one statement, and in one only."""
    for change in reversed(lake.history()):
        if change.billing_period < month <= change.at.astimezone(UTC).date() < month_start(month, 1):
            for currency, sums in sorted(change.restated.items()):
                billed, effective = (sums.get(cost, Decimal(0)) for cost in ("BilledCost", "EffectiveCost"))
                if billed or effective:
                    yield Restated(change.at, change.source, change.billing_period, currency, billed, effective)


def _provisional(
    month: date,
    of_month: Mapping[str, Known],
    freshness: Sequence[SourceFreshness],
    *,
    sources: Sequence[str],
    end: datetime,
    settled: datetime,
    now: datetime,
) -> Iterator[str]:
    if now < settled:
        yield f"{month:%Y-%m} is not settled before {settled:%Y-%m-%d %H:%M} UTC"
    reached = {source.source: source.complete_through for source in freshness}
    for name in sources:
        bill = of_month.get(name)
        if bill is None:
            yield f"{name} has delivered no bill of {month:%Y-%m}"
            continue
        through = reached.get(name) or reach([bill.completeness]).through
        if through is None or through < end:
            where = f"reaches {through.astimezone(UTC):%Y-%m-%d %H:%M} UTC only" if through else "holds no charges"
            yield f"the bill of {name} {where}"
        if bill.estimated_from is not None:
            yield f"{name} marks its charges from {bill.estimated_from} on as estimates"


def _faults(of_month: Mapping[str, Known], sums: Mapping[tuple[str, str], tuple[Decimal, Decimal]]) -> Iterator[str]:
    """The rollup against what the collections said when they wrote the bills; ``finops lake reconcile`` says more."""
    nothing = Decimal(0), Decimal(0)
    told = {
        (source, currency): tuple(costs.get(cost, Decimal(0)) for cost in ("BilledCost", "EffectiveCost"))
        for source, known in of_month.items()
        for currency, costs in known.sums.items()
    }
    for source, currency in sorted({*told, *sums}):
        if told.get((source, currency), nothing) != sums.get((source, currency), nothing):
            yield f"{source}: the rows in {currency} do not add up to its bill; 'finops lake reconcile' shows where"
