"""A report of costs as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from finops.cli.terminal import show_table
from finops.model.cost_question import Every
from finops.model.cost_report import CostReport, CostRow, CostTotal
from finops.model.money import format_amount
from finops.model.period import Period
from finops.model.untrusted import one_line
from finops.model.wording import NO_VALUE, growth_text

_UNKNOWN = "–"


def show_costs(console: Console, report: CostReport) -> None:
    """The interval and group of each sum, with its amount and how that compares; a line for the whole below."""
    cost = report.question.costs[0]
    console.print(f"{cost}, {_days(report.period)}{_in(report)}{_settled(report)}", highlight=False)
    if report.compared_period is not None:
        console.print(f"compared with {_days(report.compared_period)}", highlight=False)
    by_span = report.question.every is not Every.ALL
    table = Table(box=None, pad_edge=False)
    for head in (*(("Interval",) if by_span else ()), *report.by):
        table.add_column(head)
    table.add_column(cost, justify="right")
    table.add_column("")
    if report.compared_period is not None:
        for head in ("Before", "Change", ""):
            table.add_column(head, justify="right")
    for cells in _rows(report) if by_span else _totals(report):
        table.add_row(*cells)
    empty = f"No row matches; the lake has bills of {_sources(report)}" if report.sources else "No row matches"
    show_table(console, table, empty=empty)
    if table.row_count > 1:
        for whole in report.whole:
            console.print(f"total {_money(whole.amounts[0], whole.currency)} {whole.currency}", highlight=False)
    for one in report.restated:
        amounts = ", ".join(
            f"{format_amount(amount, currency, plus=True)} {currency}" for currency, amount in one.amounts.items()
        )
        console.print(
            f"restated: {one.source} {one.month:%Y-%m} by {amounts}, {one.at:%Y-%m-%d}", style="dim", highlight=False
        )


def _rows(report: CostReport) -> Iterator[list[str]]:
    for row in report.rows:
        first = row.span.start.isoformat() if row.span else f"({row.compared_span.start})" if row.compared_span else ""
        provisional = " *" if row.provisional else ""
        compared = report.compared_period is not None
        yield [
            f"{first}{provisional}",
            *_group(row.group),
            *_amounts(row, compared=compared),
        ]


def _totals(report: CostReport) -> Iterator[list[str]]:
    for one in report.totals:
        compared = report.compared_period is not None
        yield [*_group(one.group), *_amounts(one, compared=compared)]


def _group(values: tuple[str, ...]) -> list[str]:
    return [one_line(value) or NO_VALUE for value in values]


def _amounts(one: CostRow | CostTotal, *, compared: bool) -> list[str]:
    cells = [_money(one.amounts[0], one.currency), one.currency]
    if not compared:
        return cells
    before, change = one.compared[0] if one.compared else None, one.change
    return [
        *cells,
        _money(before, one.currency),
        format_amount(change, one.currency, plus=True) if change is not None else _UNKNOWN,
        growth_text(float(change / before)) if change is not None and before is not None and before > 0 else "",
    ]


def _money(amount: Decimal | None, currency: str) -> str:
    return format_amount(amount, currency) if amount is not None else _UNKNOWN


def _days(period: Period) -> str:
    last = period.end - timedelta(days=1)
    return f"{period.start} through {last}" if last != period.start else f"{last}"


def _in(report: CostReport) -> str:
    return f", in {report.currency} at each day's rate" if report.currency else ", in the currency of each bill"


def _settled(report: CostReport) -> str:
    if report.settled_through is None:
        return "; provisional"
    return f"; settled through {report.settled_through}, provisional (*) after it"


def _sources(report: CostReport) -> str:
    return ", ".join(one.source for one in report.sources)
