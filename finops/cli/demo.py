"""``finops demo``: the whole product on generated bills."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from finops.cli.collect import show_collected
from finops.cli.failure import told
from finops.cli.globals import globals_of
from finops.cli.progress import Steps
from finops.cli.terminal import show_table


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on, at 127.0.0.1")] = 9700,
    days: Annotated[int, typer.Option(help="Days of bills to generate")] = 400,
    serve: Annotated[
        bool,
        typer.Option("--serve/--no-serve", help="Serve pages and metrics afterwards, or print the findings and exit"),
    ] = True,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Directory to write to")] = Path("demo"),
) -> None:
    """Evaluate and serve 13 months of generated bills."""
    options = globals_of(context)
    with told(options):
        from finops.app.clock import SystemClock
        from finops.app.container import open_container
        from finops.app.demo import collect_demo, prepare_demo
        from finops.app.logs import configure_logs
        from finops.cli.render.verdicts import as_table
        from finops.demo.mailbox import Mailbox
        from finops.service.service import Service, obey_signals

        configure_logs(options.log_format, verbose=options.verbose)
        started = time.perf_counter()

        def say(what: str) -> None:
            options.err.print(f"{time.perf_counter() - started:4.0f} s  {what}", highlight=False)

        clock = SystemClock()
        mailbox = Mailbox(out / "mail")
        mailbox.start()
        config = prepare_demo(out, until=clock.now().date(), days=days, port=port, smtp_port=mailbox.port, say=say)
        container = open_container(config, clock)
        try:
            with Steps(options.err, []) as steps:
                collected = collect_demo(
                    container.collectors, container.team_bills, config.parent, progress=steps.doing, say=say
                )
            if not serve:
                show_collected(options, collected)
                result = container.evaluator.evaluate(clock.now())
                container.state.archive.save(result.evaluation, result.inputs)
                show_table(options.out, as_table(result.evaluation, everything=False))
                return
            service = Service(container, partial(open_container, config, clock))
            obey_signals(service)
            say(f"pages: {service.url}   metrics: {service.url}/metrics   mails: {out / 'mail'}")
            service.run()
        finally:
            mailbox.stop()
            container.close()
