"""``finops alerts ack | accept | silence | lift``: what a person does about alerts."""

from __future__ import annotations

import getpass
import socket
from typing import Annotated

import typer
from rich.text import Text

from finops.cli.failure import tell_warnings
from finops.cli.globals import globals_of
from finops.cli.opening import opened, opened_state
from finops.cli.terminal import show_table
from finops.errors import BadArguments, InvalidValue
from finops.model.audit import Actor, Proof

As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Name to record  [default: your login name]")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Note for the history")]


def acknowledge(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ID", help="ID of an alert, or a unique prefix")],
    note: Note = "",
    actor: As = None,
) -> None:
    """Acknowledge an alert: no repeats until it escalates or resolves."""
    options = globals_of(context)
    with opened_state(options) as (state, clock):
        from finops.app.alerts import respond
        from finops.model.untrusted import one_line

        who = actor_of(actor)
        record = respond.acknowledge(state, alert, actor=who, note=note, clock=clock)
        options.out.print(
            Text(one_line(f"{record.id} {record.policy} {record.finding.group_label}: acknowledged by {who.name}")),
            soft_wrap=True,
        )
        options.out.print(f"No repeats until it is worse than {record.severity.value}, or over.")


def accept(
    context: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ID", help="ID of an alert, or a unique prefix")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Reason, shown with the incident")],
    actor: As = None,
) -> None:
    """Accept the new level of an anomaly: the incident ends, later days are compared with it."""
    options = globals_of(context)
    with opened_state(options) as (state, clock):
        from finops.app.alerts import respond
        from finops.model.untrusted import one_line

        who = actor_of(actor)
        ended = respond.accept(state, alert, actor=who, reason=reason, clock=clock)
        group = f" {ended.group_label}" if ended.group_label else ""
        said = f"{ended.alert_id} {ended.policy}{group}: level since {ended.since} accepted by {who.name}"
        options.out.print(Text(one_line(said)), soft_wrap=True)
        options.out.print("The next evaluation resolves the alert.")


def silence(
    context: typer.Context,
    matcher: Annotated[
        list[str],
        typer.Argument(
            metavar="MATCHER", help="policy=…, owner=…, kind=…, severity=… or a group's key; all must match"
        ),
    ],
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help="Duration, such as 8h or 7d")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Reason, shown with the silence")],
    actor: As = None,
) -> None:
    """Silence matching alerts for a while. They are still evaluated and shown."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.alerts import respond
        from finops.app.alerts.matcher_keys import check_matcher, unseen_values
        from finops.cli.render.alerts import alert_table
        from finops.config.quantities import parse_duration
        from finops.model.silence import parse_matcher
        from finops.model.untrusted import one_line

        wanted, now = parse_matcher(matcher), container.clock.now()
        loaded = container.policies.load_each()
        # with a faulty file nobody knows every name
        policies = None if loaded.unreplaced else loaded.policies
        check_matcher(wanted, container.columns, container.state.alerts, policies)
        try:
            until = now + parse_duration(duration)
        except InvalidValue as error:
            raise BadArguments(error.what, where="--for", remedy=error.remedy) from None
        made, covered = respond.silence(
            container.state, wanted, until=until, reason=reason, actor=actor_of(actor), clock=container.clock
        )
        options.out.print(
            Text(f"silence {made.id} until {made.until:%Y-%m-%d %H:%M} UTC; 'finops alerts lift {made.id}' ends it"),
            soft_wrap=True,
        )
        if covered:
            show_table(options.out, alert_table(covered, now))
        else:
            options.out.print("It covers no alert that fires now.")
            tell_warnings(options.err, map(one_line, unseen_values(wanted, container.state.alerts)))


def lift(
    context: typer.Context,
    silence: Annotated[str, typer.Argument(metavar="ID", help="ID of a silence, or a unique prefix")],
    note: Note = "",
    actor: As = None,
) -> None:
    """End a silence now. The next evaluation notifies of what still fires."""
    options = globals_of(context)
    with opened_state(options) as (state, clock):
        from finops.app.alerts import respond

        ended = respond.lift(state, silence, actor=actor_of(actor), note=note, clock=clock)
        options.out.print(Text(f"silence {ended.id} has ended; the next evaluation notifies of what still fires"))


def actor_of(name: str | None) -> Actor:
    """Who runs this, or says that they do so for ``name``: the audit log keeps both.

    Raises ``BadArguments`` where neither is known (a container with a bare user id).
    """
    host = socket.gethostname()
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        if not name:
            remedy = "Pass your name with --as NAME"
            raise BadArguments("the name of the current user is unknown", where="--as", remedy=remedy) from None
        return Actor(name.strip(), Proof.TERMINAL, host)
    return Actor((name or user).strip(), Proof.TERMINAL, f"{user}@{host}")
