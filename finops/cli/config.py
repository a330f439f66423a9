"""``finops config``: finops.yaml checked, and its schema."""

from __future__ import annotations

import json

import typer

from finops.cli.failure import told
from finops.cli.globals import globals_of

app = typer.Typer(no_args_is_help=True, help="finops.yaml itself.")


@app.command()
def check(context: typer.Context) -> None:
    """Every fault of finops.yaml, its policies and their tests, as file:line:column. Exit status 2 for any."""
    options = globals_of(context)
    with told(options):
        from finops.runtime.parts import read_config  # noqa: PLC0415 - see opening
        from finops.runtime.policy_checking import check_policies, counted  # noqa: PLC0415
        from finops.runtime.surroundings import surroundings_of  # noqa: PLC0415

        config = read_config(options.config)
        around = surroundings_of(config)
        checked = check_policies(around.policies, around)
        options.out.print(
            f"{options.config}: {len(config.sources)} sources, {len(config.demand)} demand series, "
            f"{len(config.dimensions)} dimensions, {len(config.receivers)} receivers, {counted(checked)}: no fault",
            markup=False,
        )


@app.command()
def schema() -> None:
    """JSON Schema of finops.yaml, for editors."""
    from finops.config.json_schema import config_schema  # noqa: PLC0415 - see opening

    typer.echo(json.dumps(config_schema(), indent=1))
