"""``finops sources``: check access and data of each source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from finops.cli.globals import Globals, Sources, globals_of
from finops.cli.opening import opened
from finops.cli.terminal import echo_json, show_parts, show_table

if TYPE_CHECKING:
    from finops.app.collection.collectors import Collectors


class Format(StrEnum):
    """How ``finops sources quality`` shows its result."""

    TABLE = "table"
    JSON = "json"


app = typer.Typer(no_args_is_help=True, help="Check the sources of bills.")


@app.command()
def check(
    context: typer.Context,
    sources: Sources = None,
) -> None:
    """Check credentials, permissions and data of each source. Exit status 4 when a check fails."""
    options = globals_of(context)
    with opened(options) as container:
        passed = show_checks(options, container.collectors, sources or [])
    if not passed:
        raise typer.Exit(4)


@app.command()
def quality(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Sources to show  [default: all]")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TABLE,
) -> None:
    """Show FOCUS rules violated, nulls, repairs and unallocated costs of what was collected.

    Cost is that of the rows: the larger of BilledCost and EffectiveCost of each, without its sign. Change is in rows,
    against what was there before the newest delivery.
    """
    options = globals_of(context)
    with opened(options) as container:
        from finops.cli.render.quality import quality_report

        found = container.quality.read(container.collectors.source_names(sources or []))
        if form is Format.JSON:
            echo_json(json.dumps([one.to_json() for one in found], indent=1, ensure_ascii=False))
            return
        for one in found:
            show_parts(options.out, quality_report(one, container.clock.now()))
        if not found:
            options.out.print("the lake has no rows of these sources; run 'finops collect'")


def show_checks(options: Globals, collectors: Collectors, sources: Sequence[str]) -> bool:
    """Prints the checks of each source; returns whether all passed."""
    from finops.app.collection.check import check_source
    from finops.app.collection.request_costs import counting

    table = Table("Source", "Checked", "", "What was seen", pad_edge=False)
    with counting(collectors.sources, collectors.log):
        found = [(name, line) for name in collectors.names(sources) for line in check_source(collectors, name)]
    for name, line in found:
        mark = Text("ok", style="green") if line.passed else Text("FAILED", style="bold red")
        table.add_row(Text(name), Text(line.subject), mark, Text(line.detail))
    show_table(options.out, table)
    return all(line.passed for _, line in found)
