"""``finops teams``: what each team pays for, its bill, and a signature under it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.moments import parse_month
from finops.cli.opening import opened
from finops.cli.responses import actor_of
from finops.cli.terminal import echo_file, show_table

if TYPE_CHECKING:
    from datetime import date

app = typer.Typer(
    name="teams", help="Show the bills of teams, and sign them off.", no_args_is_help=True, rich_markup_mode=None
)

Month = Annotated[
    str | None, typer.Option("--month", metavar="MONTH", help="Month, such as 2026-10  [default: the running one]")
]
Name = Annotated[str, typer.Argument(metavar="TEAM", help="Value of the dimension 'team'")]


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"


@app.command("list")
def listed(context: typer.Context, month: Month = None) -> None:
    """List what each team pays for: its own costs and its shares of others'."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.collection.rollup_repair import heal
        from finops.cli.render.teams import team_table

        heal(container.lake)
        found = container.team_bills.listed(_month(month))
        show_table(options.out, team_table(found))
        for note in found.notes:
            options.err.print(note, style="yellow")


@app.command()
def bill(
    context: typer.Context,
    team: Name,
    month: Month = None,
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TABLE,
) -> None:
    """Show the bill of a team, with corrections since it was signed off."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.collection.rollup_repair import heal
        from finops.cli.render.teams import bill_table, corrections_table, verdict_table
        from finops.model.team_table import bill_csv

        heal(container.lake)
        found = container.team_bills.bill(team, _month(month))
        if form is Format.CSV:
            echo_file(bill_csv(found).encode(errors="replace"))
            return
        show_table(options.out, bill_table(found))
        if found.budgets or found.unit_costs or found.emissions:
            show_table(options.out, verdict_table(found))
        if found.signed is not None:
            show_table(options.out, corrections_table(found))
        for note in found.notes:
            options.err.print(note, style="yellow")


@app.command()
def journal(
    context: typer.Context,
    month: Annotated[str, typer.Option("--month", metavar="MONTH", help="Billing month, such as 2026-10")],
    columns: Annotated[
        str, typer.Option("--columns", metavar="COLUMN,…", help="Columns in their order  [default: all]")
    ] = "",
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="File to write; - for standard output")] = "-",
) -> None:
    """Write a month's bills as a journal: cost centres are debited, bills credited.

    Exit status 4 when a bill is not what was invoiced."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.reporting.saving import save
        from finops.app.teams.journal import COLUMNS, journal_csv
        from finops.app.teams.journal import journal as journal_of

        first = parse_month(month, "--month")
        chosen = [name.strip() for name in columns.split(",") if name.strip()] or COLUMNS
        made = journal_of(container.statements, container.config.teams, first)
        content = journal_csv(made, chosen).encode(errors="replace")
        if out == "-":
            echo_file(content)
        else:
            save(content, Path(out))
            options.err.print(f"wrote {out}", highlight=False)
        for line in made.differences:
            options.err.print(line, style="yellow", highlight=False)
    if made.differences:
        raise typer.Exit(4)


@app.command("sign-off")
def sign_off(
    context: typer.Context,
    team: Name,
    month: Annotated[str, typer.Option("--month", metavar="MONTH", help="Settled month, such as 2026-10")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Note for the audit log")] = "",
    actor: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Name to record  [default: your login name]")
    ] = None,
) -> None:
    """Accept a team's bill of a settled month, in the audit log. Later changes are its corrections."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.model.untrusted import one_line
        from finops.model.wording import amount_text

        first = parse_month(month, "--month")
        signed = container.team_bills.sign_off(team, first, actor=actor_of(actor), note=note)
        said = f"{team} {first:%Y-%m}: {amount_text(signed.total, signed.currency)} signed off by {signed.actor}"
        options.out.print(Text(one_line(said)), soft_wrap=True)


def _month(text: str | None) -> date | None:
    return parse_month(text, "--month") if text is not None else None
