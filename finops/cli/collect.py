"""``finops collect``: every source once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from finops.cli.globals import FirstPeriod, Globals, PeriodEnd, Sources, globals_of
from finops.cli.moments import parse_day
from finops.cli.opening import opened
from finops.cli.progress import Steps
from finops.cli.terminal import show_table
from finops.model.money import format_amount
from finops.model.wording import count_text

if TYPE_CHECKING:
    from finops.app.collection.all import CollectedAll


def collect(
    context: typer.Context,
    sources: Sources = None,
    first: FirstPeriod = None,
    end: PeriodEnd = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be collected, and write nothing")] = False,
) -> None:
    """Collect bills, demand and emissions once. Exit status 4 when a source failed; the others are still collected."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.collection.all import collect_all
        from finops.model.period import month_start
        from finops.ports.source import Window

        window = Window(
            month_start(parse_day(first, "--from")) if first else None, parse_day(end, "--to") if end else None
        )
        chosen = container.collectors.names(sources or [])
        with Steps(options.err, chosen) as steps:
            outcome = collect_all(
                container.collectors, chosen, window=window, dry_run=dry_run, progress=steps.doing, done=steps.done
            )
        show_collected(options, outcome, dry_run=dry_run)
    if outcome.exit_status:
        raise typer.Exit(4)


def show_collected(options: Globals, outcome: CollectedAll, *, dry_run: bool = False) -> None:
    """A row for each source: what it brought, restated, or why it failed. Repairs are listed with ``-v``."""
    table = Table("Source", "Outcome", "Rows", "Details", show_lines=False, pad_edge=False)
    for collected in outcome.sources:
        run = collected.run
        details = []
        if run.periods:
            details.append(f"{count_text(len(run.periods), 'billing period')}, {run.duration_seconds:.1f} s")
        details += [
            f"restated by {format_amount(amount, currency, plus=True)} {currency}"
            for currency, amount in run.restated.items()
            if amount
        ]
        details += run.notes
        if dry_run:
            details += [f"{period:%Y-%m} would be read" for period in collected.would_read]
        repaired = collected.tally.repaired
        if options.verbose:
            details += [f"repaired {count:,} × {what}" for what, count in sorted(repaired.items())]
        elif repaired:
            details.append(f"{count_text(sum(repaired.values()), 'value')} repaired (-v lists them)")
        rows = f"{run.rows:,}" if run.rows else ""
        table.add_row(Text(run.source), run.outcome.value, rows, Text(run.error or "; ".join(details)))
    for series in outcome.series:
        written = "collected" if series.version is not None else "unchanged"
        table.add_row(
            Text(series.name),
            "failed" if series.error else written,
            f"{series.rows:,}" if series.rows else "",
            Text(series.error or "; ".join(series.notes)),
        )
    show_table(options.out, table)
