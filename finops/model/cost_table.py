"""A report of costs as a document and as rows: the same for every way to ask for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from finops.model.cost_report import Amounts, CostReport, CostRow, CostTotal
from finops.model.money import plain
from finops.model.untrusted import spreadsheet_text

Cell = str | Decimal | None
_LONGEST = 1000
"""Characters of a resource's name in a file."""


def cost_document(report: CostReport, *, offset: int = 0, limit: int | None = None) -> dict[str, Any]:
    """``/api/v1/costs`` and ``finops costs --format json``. Amounts are decimal text with every digit, null where they
    are unknown; ``offset`` and ``limit`` are of ``rows``."""
    costs = report.question.costs
    rows = report.rows[offset : None if limit is None else offset + limit]
    return {
        "from": report.period.start.isoformat(),
        "to": report.period.end.isoformat(),
        "every": report.question.every.value,
        "by": list(report.by),
        "scope": report.question.scope,
        "currency": report.currency or None,
        "compared": (
            {
                "with": report.question.compare.value,
                "from": report.compared_period.start.isoformat(),
                "to": report.compared_period.end.isoformat(),
            }
            if report.compared_period is not None and report.question.compare is not None
            else None
        ),
        "settled_through": report.settled_through.isoformat() if report.settled_through else None,
        "sources": [one.to_json() for one in report.sources],
        "data_version": report.version.to_json(),
        "notes": list(report.notes),
        "restatements": [
            {
                "source": one.source,
                "month": f"{one.month:%Y-%m}",
                "at": one.at.isoformat(),
                "amounts": {currency: plain(amount, currency) for currency, amount in sorted(one.amounts.items())},
            }
            for one in report.restated
        ],
        "totals": [_total(report.by, one, costs) for one in report.totals],
        "rows": [_row(report.by, one, costs) for one in rows],
    }


def cost_heads(report: CostReport) -> list[str]:
    heads = ["day", *report.by, "currency", *report.question.costs, "provisional"]
    if report.compared_period is not None:
        heads += ["compared_day", *(f"compared_{cost}" for cost in report.question.costs)]
    return heads


def cost_cells(report: CostReport) -> Iterator[list[Cell]]:
    """As ``cost_heads``; None: unknown."""
    for row in report.rows:
        day = row.span.start.isoformat() if row.span else ""
        group = [spreadsheet_text(value, _LONGEST) for value in row.group]
        cells: list[Cell] = [day, *group, row.currency, *row.amounts, "yes" if row.provisional else "no"]
        if report.compared_period is not None:
            cells.append(row.compared_span.start.isoformat() if row.compared_span else "")
            cells += row.compared or (None,) * len(report.question.costs)
        yield cells


def cost_csv(report: CostReport) -> str:
    """https://www.rfc-editor.org/rfc/rfc4180; an unknown amount is an empty field."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([spreadsheet_text(head, _LONGEST) for head in cost_heads(report)])
    for cells in cost_cells(report):
        rows.writerow(
            [plain(cell) if isinstance(cell, Decimal) else cell if cell is not None else "" for cell in cells]
        )
    return out.getvalue()


def _row(by: Sequence[str], row: CostRow, costs: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "day": row.span.start.isoformat() if row.span else None,
        "group": dict(zip(by, row.group, strict=True)),
        "currency": row.currency,
        "costs": _amounts(costs, row.amounts, row.currency),
    }
    if row.provisional:
        found["provisional"] = True
    if row.compared is not None and row.compared_span is not None:
        found["compared_day"] = row.compared_span.start.isoformat()
        found["compared"] = _amounts(costs, row.compared, row.currency)
    return found


def _total(by: Sequence[str], total: CostTotal, costs: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "group": dict(zip(by, total.group, strict=True)),
        "currency": total.currency,
        "costs": _amounts(costs, total.amounts, total.currency),
    }
    if total.compared is not None:
        found["compared"] = _amounts(costs, total.compared, total.currency)
    return found


def _amounts(costs: Sequence[str], amounts: Amounts, currency: str) -> dict[str, str | None]:
    return {
        cost: plain(amount, currency) if amount is not None else None
        for cost, amount in zip(costs, amounts, strict=True)
    }
