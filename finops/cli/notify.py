"""``finops notify``: does a message arrive?"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.opening import opened

app = typer.Typer(no_args_is_help=True, help="Messages to receivers.")


@app.command()
def test(context: typer.Context, receiver: Annotated[str, typer.Argument(metavar="RECEIVER")]) -> None:
    """Send a marked test message, and say what the receiver answered. Exit status 4 when it did not take it."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.alerts.notify_test import send_test

        answer = send_test(
            container.receivers(), receiver, clock=container.clock, link=container.config.http.external_url
        )
        options.out.print(Text(f"{receiver}: {answer}"))
