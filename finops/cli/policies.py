"""``finops policies``: for those who write policy files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from finops.cli.failure import told
from finops.cli.globals import globals_of

app = typer.Typer(no_args_is_help=True, help="Check policy files, and teach an editor to write them.")


@app.command()
def check(
    context: typer.Context, paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or directories")]
) -> None:
    """Every fault of every file as file:line:column, all at once. Exit status 2 when there is one."""
    options = globals_of(context)
    with told(options):
        from finops.runtime.policy_checking import check_policies, nearest_config  # noqa: PLC0415 - see opening

        config = nearest_config(paths, options.config)
        if config is None:
            note = "no finops.yaml was found: dimensions and demand series are not known. Use -c to name it"
            options.err.print(note, style="yellow", markup=False)
        count = len(check_policies(paths, config))
        where = ", ".join(str(path) for path in paths)
        options.out.print(f"{count} {'policy' if count == 1 else 'policies'} in {where}: no fault", markup=False)


@app.command()
def schema() -> None:
    """JSON Schema of policy files, for editors."""
    from finops.config.plugins import policy_kinds  # noqa: PLC0415 - see opening
    from finops.evaluate.schema import policy_schema  # noqa: PLC0415

    typer.echo(json.dumps(policy_schema(policy_kinds().load_all()), indent=1))
