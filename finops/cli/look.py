"""``finops look``: a bill at a glance."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from finops.cli.failure import told
from finops.cli.globals import globals_of
from finops.cli.progress import Doing
from finops.cli.terminal import echo_json


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


def look(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Bills: files, globs or folders; local, s3://, gs:// or abfss://"),
    ],
    form: Annotated[Format, typer.Option("--format", help="Output format")] = Format.TEXT,
) -> None:
    """Summarise bills without any configuration: months, top services, movers, forecast and a first budget.

    Reads FOCUS, and the cost reports of AWS, Azure and Oracle. Nothing is written.
    """
    options = globals_of(context)
    with told(options):
        from finops.app.clock import SystemClock
        from finops.app.look import look as look_at
        from finops.cli.render.look import as_json, as_text

        with Doing(options.err) as progress:
            seen = look_at(paths, base=Path.cwd(), now=SystemClock().now(), doing=progress.doing)
        if form is Format.JSON:
            echo_json(as_json(seen))
        else:
            options.out.print(as_text(seen), soft_wrap=True)
