"""``invoices:`` of finops.yaml -> Invoice values."""

from __future__ import annotations

from collections.abc import Collection

from finops.documents import Document, Fault, did_you_mean
from finops.errors import InvalidValue
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
            except InvalidValue as error:
                faults.append(document.fault((*at, month), error.what, error.remedy))
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
                raise InvalidValue(f"two amounts in {total.currency}", "Write their sum")
            totals.append(total)
    except InvalidValue as error:
        return (), [document.fault(at, error.what, error.remedy, of_value=True)]
    return tuple(totals), []
