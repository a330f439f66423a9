"""The bill of a team as a workbook, a sheet a section."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops.model.cost_report import CostReport
from finops.model.cost_table import Cell
from finops.model.money import added
from finops.model.team_bill import TeamBill
from finops.model.team_table import BILL_HEADS, VERDICT_HEADS, bill_labels, verdict_cells
from finops.model.untrusted import one_plain_line
from finops.model.wording import count_text
from finops.ports.pages import PendingCosts
from finops_exporters import words
from finops_exporters.pages.teams import about, lead_of, parts_of, signature_of
from finops_exporters.workbook import Tables, for_print, new_workbook, plain_cells

_MOST_RESOURCES = 100_000
_Rows = Sequence[Sequence[Cell]]


def bill_workbook(bill: TeamBill, resources: CostReport | PendingCosts, now: datetime) -> bytes:
    """A sheet a section. Text is written as text: no name of a bill is ever a formula. ``resources``: the answer to
    ``resource_question``; while it is being read, their sheet says so."""
    out = io.BytesIO()
    with new_workbook(out, f"{one_plain_line(bill.team.name, 80)} {bill.month:%Y-%m}", now) as book:
        tables = Tables(book)
        _summary(book, bill, tables.money(bill.currency))
        for name, heads, rows in _sections(bill, resources):
            tables.add(name, heads, map(plain_cells, rows), width=20, currency=bill.currency)
        for sheet in book.worksheets():
            for_print(sheet)
    return out.getvalue()


def _sections(bill: TeamBill, resources: CostReport | PendingCosts) -> Iterator[tuple[str, Sequence[str], _Rows]]:
    direct, given, received = parts_of(bill)
    for name, lines in (("Direct", direct), ("Allocated", [*received, *given])):
        rows = [[*bill_labels(line), line.amount, line.before, bill.currency, line.change] for line in lines]
        yield name, BILL_HEADS, rows
    yield "Resources", *_resources(resources)
    if verdicts := list(verdict_cells(bill)):
        yield "Budgets and unit costs", VERDICT_HEADS, verdicts
    if bill.signed is not None:
        heads = ("part", "allocation", "from", "service", "account", "signed", "now", "change")
        changed = [[*bill_labels(one.line), one.signed, one.line.amount, one.change] for one in bill.corrections]
        yield "Corrections", heads, changed


def _resources(found: CostReport | PendingCosts) -> tuple[Sequence[str], _Rows]:
    if isinstance(found, PendingCosts):
        rows, seconds = count_text(found.rows, "row"), count_text(found.seconds, "second")
        return ("note",), [(f"Resources are summed from {rows}, which takes about {seconds}: download it again then",)]
    rows_of = [
        [*one.group, one.amounts[0], one.compared[0] if one.compared else None, one.change, one.currency]
        for one in found.totals[:_MOST_RESOURCES]
    ]
    return ("resource", "name", "service", "amount", "before", "change", "currency"), rows_of


def _summary(book: Any, bill: TeamBill, money: Any) -> None:
    """``book``: an ``xlsxwriter.Workbook``, which ships no types."""
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Bill")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 60)
    rows: list[tuple[str, Cell]] = [
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
    for place, (head, told) in enumerate(rows):
        [value] = plain_cells([told])
        sheet.write_string(place, 0, head, bold)
        if isinstance(value, Decimal):
            sheet.write_number(place, 1, float(value), money)
        elif value is not None:
            sheet.write_string(place, 1, value)
