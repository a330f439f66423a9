"""``finops alerts``: list, inspect, acknowledge and silence alerts."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from finops.cli import responses
from finops.cli.globals import Globals, globals_of
from finops.cli.opening import opened_state
from finops.cli.terminal import echo_json, show_table
from finops.model.wording import count_text

app = typer.Typer(no_args_is_help=True, help="List, acknowledge and silence alerts.")


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"


Form = Annotated[Format, typer.Option("--format", help="Output format")]


@app.command("list")
def list_alerts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Include resolved alerts")] = False,
    form: Form = Format.TABLE,
) -> None:
    """List firing and pending alerts, and undelivered messages."""
    options = globals_of(context)
    with opened_state(options) as (state, clock):
        from finops.app.alerts import respond
        from finops.cli.render.alerts import alert_table
        from finops.model.untrusted import one_line

        found = respond.alerts(state, everything=everything)
        if form is Format.JSON:
            echo_json(json.dumps([alert.to_json() for alert in found], indent=2))
        else:
            # verdicts become alerts in the service: 'evaluate' alone makes none
            empty = "no firing or pending alerts" if state.snapshots.latest() else "no alerts yet: start 'finops run'"
            show_table(options.out, alert_table(found, clock.now()), empty=empty)
        where = options.err if form is Format.JSON else options.out
        for parked in state.outbox.parked_messages():
            said = f"not delivered to {parked.receiver} after {parked.attempts} attempts: {parked.error}"
            where.print(Text(one_line(said), style="red"))


@app.command()
def show(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ID", help="ID of an alert, or a unique prefix")],
    form: Form = Format.TABLE,
) -> None:
    """Show an alert with its history of changes and notifications."""
    options = globals_of(context)
    with opened_state(options) as (state, clock):
        from finops.app.alerts import respond
        from finops.cli.render.alerts import alert_table, history_table

        record, changes = state.alerts.alert(alert), respond.history(state, alert)
        if form is Format.JSON:
            document = {**record.to_json(), "history": [change.to_json() for change in changes]}
            echo_json(json.dumps(document, indent=2))
            return
        show_table(options.out, alert_table([record], clock.now()))
        show_table(options.out, history_table(changes))


@app.command()
def silences(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Include ended silences")] = False,
    form: Form = Format.TABLE,
) -> None:
    """List active silences, in the order in which they end."""
    options = globals_of(context)
    with opened_state(options) as (state, clock):
        from finops.app.alerts import respond
        from finops.cli.render.alerts import silence_table

        found = respond.silences(state, clock=clock, everything=everything)
        if form is Format.JSON:
            echo_json(json.dumps([silence.to_json() for silence in found], indent=2))
        else:
            show_table(options.out, silence_table(found, clock.now()), empty="no active silences")


@app.command()
def incidents(
    context: typer.Context,
    policy: Annotated[str, typer.Option("--policy", metavar="NAME", help="Filter by policy")] = "",
    group: Annotated[str, typer.Option("--group", metavar="TEXT", help="Filter by part of the group")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Maximum number of incidents")] = 100,
    form: Form = Format.TABLE,
) -> None:
    """List incidents of anomalies with what was done, open ones first."""
    options = globals_of(context)
    with opened_state(options) as (state, _clock):
        from finops.app.alerts.incidents import incident_records
        from finops.cli.render.alerts import incident_table
        from finops.ports.incidents import IncidentFilter

        records, total = incident_records(state, IncidentFilter(policy=policy, group=group), limit=limit)
        if form is Format.JSON:
            echo_json(json.dumps([record.to_json() for record in records], indent=2))
            return
        show_table(options.out, incident_table(records), empty="no incidents")
        _tell_older(options, total - len(records), "incident")


@app.command()
def audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Maximum number of entries")] = 100,
    form: Form = Format.TABLE,
) -> None:
    """List acknowledgements, accepted levels, silences, requests and failed sign-ins, latest first."""
    options = globals_of(context)
    with opened_state(options) as (state, _clock):
        from finops.cli.render.alerts import audit_table

        page = state.audit.page(limit=limit)
        if form is Format.JSON:
            echo_json(json.dumps([entry.to_json() for entry in page.entries], indent=2))
            return
        empty = "nobody has acknowledged or silenced an alert yet, and no sign-in has failed"
        show_table(options.out, audit_table(page.entries), empty=empty)
        _tell_older(options, page.total - len(page.entries), "entry", "older entries")


def _tell_older(options: Globals, count: int, one: str, many: str = "") -> None:
    if count > 0:
        options.err.print(f"not shown: {count_text(count, f'older {one}', many)}; see --limit")


app.command("ack")(responses.acknowledge)
app.command("accept")(responses.accept)
app.command("silence")(responses.silence)
app.command("lift")(responses.lift)
