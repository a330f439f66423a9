"""``finops savings``: claimed by people, measured against what demand would have cost."""

from __future__ import annotations

import json
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.moments import parse_day, parse_moment, parse_month
from finops.cli.opening import opened
from finops.cli.responses import As, Note, actor_of
from finops.cli.terminal import echo_json, show_table
from finops.errors import BadArguments, NotFound

app = typer.Typer(
    name="savings",
    help="Claim savings, and list what they were measured to be.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


@app.command()
def claim(
    context: typer.Context,
    scope: Annotated[str | None, typer.Argument(metavar="SCOPE", help="SQL condition on rows, as in policies")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="First day that costs less  [default: today]")
    ] = None,
    demand: Annotated[
        str, typer.Option("--demand", metavar="SERIES", help="Demand that drives the cost  [default: none, a level]")
    ] = "",
    note: Note = "",
    commit: Annotated[
        str | None,
        typer.Option(
            "--commit-message",
            metavar="FILE",
            help="Commit message whose trailers 'Saves: SCOPE' are claimed; - for standard input",
        ),
    ] = None,
    actor: As = None,
) -> None:
    """Claim that a scope costs less from a day on.

    It is measured once 14 days are settled, and credited where it can be told from noise.
    """
    options = globals_of(context)
    if (scope is None) == (commit is None):
        raise BadArguments("no scope", where="SCOPE", remedy="Give an SQL condition, or --commit-message FILE")
    with opened(options) as container:
        from finops.app.savings.claims import saved_scopes
        from finops.model.untrusted import one_line

        today = container.clock.now().astimezone(container.config.timezone).date()
        first = parse_day(since, "--since") if since else today
        message = _message(commit) if commit is not None else ""
        scopes = [scope] if scope is not None else saved_scopes(message)
        if not scopes:
            options.out.print("The commit message has no trailer 'Saves: SCOPE': nothing is claimed.")
        for one in scopes:
            # the same commit claims once, however often CI runs
            key = f"{first} {one} {message}" if commit is not None else ""
            made = container.savings.claim(one, first, demand=demand, actor=actor_of(actor), note=note, key=key)
            said = f"{made.id}: {made.scope} since {made.since}, claimed by {made.actor}"
            options.out.print(Text(one_line(said)), soft_wrap=True)


@app.command("list")
def listed(
    context: typer.Context,
    month: Annotated[
        str | None, typer.Option("--month", metavar="MONTH", help="Month, such as 2026-10  [default: since the claim]")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="Data as known at this time  [default: now]")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TABLE,
) -> None:
    """List claims with what they saved, its interval, and what it comes from."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.cli.progress import Doing
        from finops.cli.render.savings import savings_table, savings_words

        first: date | None = parse_month(month, "--month") if month else None
        moment = parse_moment(as_of, "--as-of") if as_of else None
        with Doing(options.err) as shown:
            shown.doing("measuring")
            found = container.savings.measured(month=first, as_of=moment)
        if form is Format.JSON:
            echo_json(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
            return
        if not found.savings:
            options.out.print("No saving is claimed yet: 'finops savings claim SCOPE --since DAY'")
            return
        show_table(options.out, savings_table(found))
        for line in savings_words(found):
            options.out.print(Text(line), soft_wrap=True)


@app.command()
def withdraw(
    context: typer.Context,
    claim: Annotated[str, typer.Argument(metavar="ID", help="ID of a claim, or a unique prefix")],
    note: Note = "",
    actor: As = None,
) -> None:
    """Withdraw a claim: nothing of it is measured or credited any more."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.model.untrusted import one_line

        found = container.savings.withdraw(claim, actor=actor_of(actor), note=note)
        options.out.print(Text(one_line(f"{found.id}: {found.scope} since {found.since}: withdrawn")), soft_wrap=True)


def _message(path: str) -> str:
    if path == "-":
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        remedy = "Name a file with the message, or - for standard input"
        raise NotFound(f"cannot be read: {error.strerror}", where=path, remedy=remedy) from error
