"""A report of costs as a workbook: numbers as numbers, a frozen header with filters, groups and rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from finops.model.cost_report import CostReport
from finops.model.cost_table import Cell, cost_cells, cost_heads
from finops_exporters.workbook import Tables, new_workbook, plain_cells

_MOST_ROWS = 1_000_000
"""https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3: 1,048,576 with the header."""


def costs_workbook(report: CostReport, now: datetime) -> bytes:
    """Text is written as text: no name of a bill is ever a formula. An unknown amount is an empty cell."""
    out = io.BytesIO()
    with new_workbook(out, "Costs", now) as book:
        costs = report.question.costs
        heads = [*report.by, "currency", *costs]
        if report.compared_period is not None:
            heads += [f"compared_{cost}" for cost in costs]
        tables = Tables(book)
        for name, columns, rows in (
            ("Groups", heads, _groups(report)),
            ("Rows", cost_heads(report), cost_cells(report)),
        ):
            tables.add(name, columns, _at_most(rows), width=22, currency=report.currency)
    return out.getvalue()


def _groups(report: CostReport) -> Iterator[Sequence[Cell]]:
    nothing = (None,) * len(report.question.costs)
    for total in report.totals:
        compared = (total.compared or nothing) if report.compared_period is not None else ()
        yield plain_cells([*total.group, total.currency, *total.amounts, *compared])


def _at_most(rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for number, cells in enumerate(rows):
        if number == _MOST_ROWS:
            yield ["More rows: the CSV file has them all"]
            return
        yield cells
