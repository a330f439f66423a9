"""``finops notify``: send test messages."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.opening import opened

app = typer.Typer(no_args_is_help=True, help="Test receivers.")


@app.command()
def test(context: typer.Context, receiver: Annotated[str, typer.Argument(metavar="RECEIVER")]) -> None:
    """Send a test message and show the receiver's answer. Exit status 4 when the message is not accepted."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.alerts.notify_test import send_test
        from finops.service.deadline import BoundedReceiver

        receivers = {name: BoundedReceiver(one) for name, one in container.receivers().items()}
        answer = send_test(receivers, receiver, clock=container.clock, link=container.config.http.external_url)
        options.out.print(Text(f"{receiver}: {answer}"))
