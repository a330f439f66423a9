"""``invoices:`` of finops.yaml -> Invoice values."""

from __future__ import annotations

from collections.abc import Collection

from finops.documents import Document, Fault, did_you_mean
from finops.model.invoice import Invoice, parse_month
from finops.model.money import Money


def read_invoices(document: Document, sources: Collection[str]) -> tuple[tuple[Invoice, ...], list[Fault]]:
    """Every invoice, or its faults: a source that is none, a month or an amount that cannot be read."""
    invoices, faults = [], []
    for source, months in (document.data.get("invoices") or {}).items():
        at = ("invoices", source)
        if source not in sources:
            hint = did_you_mean(str(source), sources) if sources else "Add it under 'sources:'"
            faults.append(document.fault(at, f"no source '{source}'", hint))
        for month, amounts in (months if isinstance(months, dict) else {}).items():
            try:
                period = parse_month(str(month))
            except ValueError as error:
                message, _, hint = str(error).partition(" | ")
                faults.append(document.fault((*at, month), message, hint))
                continue
            totals, found = _totals(document, (*at, month), amounts)
            faults.extend(found)
            invoices.append(Invoice(source, period, totals, document.file))
    return tuple(invoices), faults


def _totals(document: Document, at: tuple[str, ...], amounts: object) -> tuple[tuple[Money, ...], list[Fault]]:
    totals: list[Money] = []
    try:
        for text in amounts if isinstance(amounts, list) else [amounts]:
            total = Money.parse(str(text))
            if any(total.currency == other.currency for other in totals):
                raise ValueError(f"two amounts in {total.currency} | Write their sum")
            totals.append(total)
    except ValueError as error:
        message, _, hint = str(error).partition(" | ")
        return (), [document.fault(at, message, hint, of_value=True)]
    return tuple(totals), []
