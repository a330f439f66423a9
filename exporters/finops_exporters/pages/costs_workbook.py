"""A report of costs as a workbook: numbers as numbers, a frozen header with filters, groups and rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops.model.cost_report import CostReport
from finops.model.cost_table import Cell, cost_cells, cost_heads
from finops.model.untrusted import one_plain_line
from finops_exporters.workbook import money_format, new_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_ROWS = 1_000_000
"""https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3: 1,048,576 with the header."""
_LONGEST = 1000


def costs_workbook(report: CostReport, now: datetime) -> bytes:
    """Text is written as text: no name of a bill is ever a formula. An unknown amount is an empty cell."""
    out = io.BytesIO()
    with new_workbook(out, "Costs", now) as book:
        header = book.add_format({"bold": True, "bottom": 1})
        money = book.add_format({"num_format": money_format(report.currency)})
        costs = report.question.costs
        heads = [*report.by, "currency", *costs]
        if report.compared_period is not None:
            heads += [f"compared_{cost}" for cost in costs]
        _sheet(book, "Groups", heads, _groups(report), header, money)
        _sheet(book, "Rows", cost_heads(report), cost_cells(report), header, money)
    return out.getvalue()


def _groups(report: CostReport) -> Iterable[Sequence[Cell]]:
    nothing = (None,) * len(report.question.costs)
    for total in report.totals:
        compared = (total.compared or nothing) if report.compared_period is not None else ()
        yield [*(one_plain_line(value, _LONGEST) for value in total.group), total.currency, *total.amounts, *compared]


def _sheet(book: Any, name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], header: Any, money: Any) -> None:
    """``book``: an ``xlsxwriter.Workbook``, which ships no types."""
    sheet = book.add_worksheet(name)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, one_plain_line(head, _LONGEST), header)
    last = 0
    for last, cells in enumerate(rows, start=1):
        if last > _MOST_ROWS:
            sheet.write_string(last, 0, "More rows: the CSV file has them all")
            break
        for column, cell in enumerate(cells):
            if isinstance(cell, Decimal):
                sheet.write_number(last, column, float(cell), money)
            elif cell is not None:
                sheet.write_string(last, column, cell)
    sheet.set_column(0, len(heads) - 1, 22)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
