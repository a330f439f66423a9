"""``finops explain``: reproduces a finding from its data version."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from finops.cli.globals import globals_of
from finops.cli.opening import opened


def explain(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(metavar="FINDING-ID", help="ID of a finding, or a unique prefix")],
) -> None:
    """Reproduce a finding and show the arithmetic behind its value."""
    options = globals_of(context)
    with opened(options) as container:
        from finops.app.evaluation.explain import explain_finding

        explained = explain_finding(finding, container.state.archive, container.lake_with)
        for line in explained.lines:
            options.out.print(Text(line), soft_wrap=True)
        same = explained.reproduced
    if not same:
        raise typer.Exit(1)
