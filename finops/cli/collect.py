"""``finops collect``: every source once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from finops.cli.globals import Globals, globals_of
from finops.cli.moments import parse_day
from finops.cli.opening import opened
from finops.cli.progress import Steps
from finops.model.money import format_amount
from finops.model.untrusted import one_line
from finops.model.wording import count_text

if TYPE_CHECKING:
    from finops.app.collection.all import CollectedAll


def collect(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Sources to use  [default: all]")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First billing period, given by any of its days")
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="DAY", help="Exclusive end: only billing periods that start before this day"),
    ] = None,
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
    """One line for each source: what it brought, restated, or why it failed. Notes follow; repairs with ``-v``."""
    for collected in outcome.sources:
        run = collected.run
        said = [f"failed: {run.error}" if run.error else run.outcome.value]
        if run.periods:
            rows = f"{count_text(run.rows, 'row')} in {count_text(len(run.periods), 'billing period')}"
            said += [rows, f"{run.duration_seconds:.1f} s"]
        said += [
            f"restated by {format_amount(amount, currency, plus=True)} {currency}"
            for currency, amount in run.restated.items()
            if amount
        ]
        repaired = sum(collected.tally.repaired.values())
        if repaired:
            said.append(f"{count_text(repaired, 'value')} repaired" + ("" if options.verbose else " (-v lists them)"))
        _say(options, run.source, said, failed=bool(run.error))
        notes = [*run.notes, *(f"{period:%Y-%m} would be read" for period in collected.would_read if dry_run)]
        if options.verbose:
            notes += [f"repaired {count:,} × {what}" for what, count in sorted(collected.tally.repaired.items())]
        for note in notes:
            options.out.print(Text(f"  {one_line(note)}", style="dim"), soft_wrap=True)
    for series in outcome.series:
        counted = [count_text(series.rows, "row")] if series.rows else []
        how = "ok" if series.version is not None else "unchanged"
        said = [f"failed: {series.error}"] if series.error else [how, *counted, *series.notes]
        _say(options, series.name, said, failed=bool(series.error))


def _say(options: Globals, name: str, said: list[str], *, failed: bool) -> None:
    text = Text.assemble((name, "bold"), ": ", (", ".join(said), "red" if failed else ""))
    options.out.print(text, soft_wrap=True)
