"""``finops report``: the monthly statement."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from finops.cli.globals import globals_of
from finops.cli.moments import parse_month
from finops.cli.opening import opened
from finops.cli.terminal import echo_file

if TYPE_CHECKING:
    from datetime import date

_TO_OUTPUT = "-"


class Format(StrEnum):
    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"


def report(
    context: typer.Context,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Billing month, such as 2026-10  [default: last month]"),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="DIMENSION", help="Dimension to group by  [default: the first one]")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="HTML page, Excel workbook or CSV")] = Format.HTML,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", metavar="FILE", help="File to write; - for standard output  [default: statement-MONTH.FORMAT]"
        ),
    ] = None,
) -> None:
    """Write the monthly statement for finance.

    It compares spend by team and service with budgets, last month and last year, and reconciles it with the invoices.
    Exit status 4 when the lake does not reconcile."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.exporters import statement_exporter
        from finops.app.reporting.saving import save, summary

        first = _month(month, container.clock.now().date())
        exporter = statement_exporter(form.value)
        with options.err.status(f"adding up {first:%Y-%m}"):
            statement = container.statements.make(first, by=by)
            document = exporter.render(statement)
        if out == _TO_OUTPUT:
            echo_file(document.body)
        else:
            path = Path(out or f"statement-{first:%Y-%m}.{form.value}")
            save(document.body, path)
            options.err.print(f"wrote {path}", highlight=False)
        for line in summary(statement):
            options.err.print(line, highlight=False)
    if statement.faults:
        raise typer.Exit(4)


def _month(text: str | None, today: date) -> date:
    from finops.model.period import month_start

    return parse_month(text, "--month") if text is not None else month_start(today, -1)
