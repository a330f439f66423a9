"""``finops run``: the service."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from finops.cli.globals import globals_of
from finops.cli.opening import opened


def run(
    context: typer.Context,
    check_only: Annotated[bool, typer.Option("--check", help="Check that the service could start, and exit")] = False,
) -> None:
    """Collect, evaluate, alert and serve until SIGTERM or Ctrl-C."""
    options = globals_of(context)
    with opened(options, for_service=True) as container:
        from finops.app.container import open_container
        from finops.app.start_check import check_start
        from finops.service.service import Service, obey_signals

        service = Service(container, partial(open_container, options.config, container.clock, check=check_start))
        if check_only:
            service.check()
            options.out.print("configuration, sources and receivers are valid; the service can start")
            return
        obey_signals(service)
        options.err.print(f"pages and metrics: {service.url}")
        service.run()
