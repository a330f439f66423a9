"""``finops alerts``: what fires, since when, and who was told."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.opening import opened

app = typer.Typer(no_args_is_help=True, help="Alerts from a terminal.")


@app.command("list")
def list_alerts(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that resolved")] = False,
) -> None:
    """Alerts that fire or are about to, and messages that no receiver took."""
    options = globals_of(context)
    with opened(options) as parts:
        from finops.model.age import age  # noqa: PLC0415 - see opening
        from finops.model.alert import AlertState  # noqa: PLC0415

        now = parts.clock.now()
        table = Table("Alert", "Policy", "Group", "State", "Since", "Why", "Told", pad_edge=False)
        for alert in parts.state.alerts.alerts():
            if not everything and alert.state not in {AlertState.FIRING, AlertState.PENDING}:
                continue
            why = alert.finding.reason + (f" (now unknown: {alert.unknown})" if alert.unknown else "")
            told = ", ".join(f"{name} {age(one.at, now)}" for name, one in sorted(alert.told.items()))
            table.add_row(
                alert.id,
                Text(alert.policy),
                Text(alert.finding.group_label or "–"),
                f"{alert.state.value} {alert.severity.value}",
                age(alert.since, now),
                Text(why),
                Text(told or "nobody"),
            )
        options.out.print(table if table.row_count else "no alert fires")
        for parked in parts.state.outbox.parked_messages():
            options.out.print(
                Text(
                    f"not delivered to {parked.receiver} after {parked.attempts} attempts: {parked.error}", style="red"
                )
            )
