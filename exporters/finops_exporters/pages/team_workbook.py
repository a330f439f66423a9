"""The bill of a team as a workbook, a sheet a section."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops.model.cost_report import CostReport
from finops.model.money import added
from finops.model.team_bill import TeamBill
from finops.model.team_table import BILL_HEADS, VERDICT_HEADS, bill_labels, verdict_cells
from finops.model.untrusted import one_plain_line
from finops.model.wording import count_text
from finops.ports.pages import PendingCosts
from finops_exporters import words
from finops_exporters.pages.teams import about, lead_of, parts_of, signature_of
from finops_exporters.workbook import money_format, new_workbook

_LONGEST = 1000
_MOST_RESOURCES = 100_000


def bill_workbook(bill: TeamBill, resources: CostReport | PendingCosts, now: datetime) -> bytes:
    """A sheet a section. Text is written as text: no name of a bill is ever a formula. ``resources``: the answer to
    ``resource_question``; while it is being read, their sheet says so."""
    out = io.BytesIO()
    with new_workbook(out, f"{one_plain_line(bill.team.name, 80)} {bill.month:%Y-%m}", now) as book:
        formats = _Formats(book, bill.currency)
        _summary(book, bill, formats)
        direct, given, received = parts_of(bill)
        for name, lines in (("Direct", direct), ("Allocated", [*received, *given])):
            rows = [[*bill_labels(line), line.amount, line.before, line.change, bill.currency] for line in lines]
            _sheet(book, name, BILL_HEADS, rows, formats)
        _sheet(book, "Resources", *_resources(resources), formats)
        if verdicts := list(verdict_cells(bill)):
            _sheet(book, "Budgets and unit costs", VERDICT_HEADS, verdicts, formats)
        if bill.signed is not None:
            heads = ("part", "allocation", "from", "service", "account", "signed", "now", "change")
            changed = [[*bill_labels(one.line), one.signed, one.line.amount, one.change] for one in bill.corrections]
            _sheet(book, "Corrections", heads, changed, formats)
    return out.getvalue()


def _resources(found: CostReport | PendingCosts) -> tuple[Sequence[str], Sequence[Sequence[str | Decimal | None]]]:
    if isinstance(found, PendingCosts):
        rows, seconds = count_text(found.rows, "row"), count_text(found.seconds, "second")
        return ("note",), [(f"Resources are summed from {rows}, which takes about {seconds}: download it again then",)]
    rows_of = [
        [*one.group, one.amounts[0], one.compared[0] if one.compared else None, one.change, one.currency]
        for one in found.totals[:_MOST_RESOURCES]
    ]
    return ("resource", "name", "service", "amount", "before", "change", "currency"), rows_of


class _Formats:
    """``book``: an ``xlsxwriter.Workbook``, which ships no types."""

    def __init__(self, book: Any, currency: str) -> None:
        self.header = book.add_format({"bold": True, "bottom": 1})
        self.bold = book.add_format({"bold": True})
        self.money = book.add_format({"num_format": money_format(currency)})


def _summary(book: Any, bill: TeamBill, formats: _Formats) -> None:
    sheet = book.add_worksheet("Bill")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 60)
    rows: list[tuple[str, str | Decimal | None]] = [
        ("Team", bill.team.name),
        *about(bill),
        ("Month", f"{bill.month:%Y-%m}"),
        ("Currency", bill.currency),
        ("Direct", added(line.amount for line in bill.direct)),
        ("Allocated", added(line.amount for line in bill.allocated)),
        ("Total", bill.total),
        (words.period(bill.compared), bill.before),
        ("State", lead_of(bill)),
        *([("Signed off", signature_of(bill.signed, bill.currency))] if bill.signed is not None else []),
        *(("Note", words.sentence(note)) for note in bill.notes),
    ]
    for place, (head, value) in enumerate(rows):
        sheet.write_string(place, 0, head, formats.bold)
        if isinstance(value, Decimal):
            sheet.write_number(place, 1, float(value), formats.money)
        elif value is not None:
            sheet.write_string(place, 1, one_plain_line(value, _LONGEST))
    _for_print(sheet)


def _sheet(
    book: Any, name: str, heads: Sequence[str], rows: Sequence[Sequence[str | Decimal | None]], formats: _Formats
) -> None:
    sheet = book.add_worksheet(name)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, formats.header)
    for place, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, Decimal):
                sheet.write_number(place, column, float(cell), formats.money)
            elif cell is not None:
                sheet.write_string(place, column, one_plain_line(cell, _LONGEST))
    sheet.set_column(0, len(heads) - 1, 20)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
    _for_print(sheet)


def _for_print(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
