"""``finops alerts``: what fires, since when, and who was told."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from finops.cli import responses
from finops.cli.globals import globals_of
from finops.cli.opening import opened
from finops.cli.terminal import echo_json
from finops.model.wording import count_text

app = typer.Typer(no_args_is_help=True, help="Alerts from a terminal.")


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


Form = Annotated[Format, typer.Option("--format", help="How to print it")]


@app.command("list")
def list_alerts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Alerts that fire or are about to, and messages that no receiver took."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.alerts import respond
        from finops.cli.render.alerts import alert_table
        from finops.model.untrusted import one_line

        found = respond.alerts(container.state, everything=everything)
        if form is Format.JSON:
            echo_json(json.dumps([alert.to_json() for alert in found], indent=2))
        else:
            options.out.print(alert_table(found, container.clock.now()) if found else "no alert fires")
        where = options.err if form is Format.JSON else options.out
        for parked in container.state.outbox.parked_messages():
            said = f"not delivered to {parked.receiver} after {parked.attempts} attempts: {parked.error}"
            where.print(Text(one_line(said), style="red"))


@app.command()
def show(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ID", help="An alert's id, or the start of it")],
    form: Form = Format.TABLE,
) -> None:
    """One alert and its history: what changed when, by whom, and who was told."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.alerts import respond
        from finops.cli.render.alerts import alert_table, history_table

        record, changes = container.state.alerts.alert(alert), respond.history(container.state, alert)
        if form is Format.JSON:
            document = {**record.to_json(), "history": [change.to_json() for change in changes]}
            echo_json(json.dumps(document, indent=2))
            return
        options.out.print(alert_table([record], container.clock.now()))
        options.out.print(history_table(changes))


@app.command()
def silences(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over")] = False,
    form: Form = Format.TABLE,
) -> None:
    """Silences that hold, the one that ends first comes first."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.alerts import respond
        from finops.cli.render.alerts import silence_table

        found = respond.silences(container.state, clock=container.clock, everything=everything)
        if form is Format.JSON:
            echo_json(json.dumps([silence.to_json() for silence in found], indent=2))
        else:
            options.out.print(silence_table(found, container.clock.now()) if found else "no silence holds")


@app.command()
def audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most entries to print")] = 100,
    form: Form = Format.TABLE,
) -> None:
    """Who acknowledged, silenced and lifted what: when, from where and why. Newest first."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.cli.render.alerts import audit_table

        page = container.state.audit.page(limit=limit)
        if form is Format.JSON:
            echo_json(json.dumps([entry.to_json() for entry in page.entries], indent=2))
            return
        options.out.print(audit_table(page.entries) if page.entries else "nobody has done anything about an alert yet")
        if page.total > len(page.entries):
            options.err.print(
                f"not shown: {count_text(page.total - len(page.entries), 'older entry', 'older entries')}; see --limit"
            )


app.command("ack")(responses.acknowledge)
app.command("silence")(responses.silence)
app.command("lift")(responses.lift)
