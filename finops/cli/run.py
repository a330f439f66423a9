"""``finops run``: the service."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from finops.cli.globals import globals_of
from finops.cli.opening import opened


def run(
    context: typer.Context,
    check_only: Annotated[bool, typer.Option("--check", help="Only check that it could start")] = False,
) -> None:
    """Collect, evaluate, alert and serve until SIGTERM or Ctrl-C."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.service.service import Service

        service = Service(container)
        if check_only:
            service.check()
            options.out.print("everything that finops.yaml names is in order", markup=False)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: service.stop())
        options.err.print(f"pages and metrics: {service.url}", markup=False)
        service.run()
