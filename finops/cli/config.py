"""``finops config``: check finops.yaml, or print its schema."""

from __future__ import annotations

import json

import typer

from finops.cli.failure import tell_warnings, told
from finops.cli.globals import globals_of
from finops.cli.terminal import echo_json
from finops.model.wording import count_text

app = typer.Typer(no_args_is_help=True, help="Check finops.yaml, or print its schema.")


@app.command()
def check(context: typer.Context) -> None:
    """Check finops.yaml, its policies and tests, and list all errors. Exit status 2 when there are any.

    Finds whatever would keep 'finops run' from starting. What may differ on the machine that it runs on is a warning:
    a secret that is not set, a state database that does not answer, a port in use.
    """
    options = globals_of(context)
    with told(options):
        from finops.app.clock import SystemClock
        from finops.app.policies.check import check_policies, counted
        from finops.app.policies.context import policy_context_of
        from finops.app.start_check import check_project, place_warnings
        from finops.config import load_config
        from finops.focus.schema import condition_columns

        config = load_config(options.config, condition_columns())
        check_project(config, SystemClock())
        policy_context = policy_context_of(config)
        checked = check_policies(policy_context.policies, policy_context)
        options.out.print(
            f"{options.config}: {count_text(len(config.sources), 'source')}, {len(config.demand)} demand series, "
            f"{count_text(len(config.dimensions), 'dimension')}, {count_text(len(config.receivers), 'receiver')}, "
            f"{counted(checked)}: no errors",
        )
        tell_warnings(options.err, place_warnings(config))


@app.command()
def schema() -> None:
    """Print the JSON Schema of finops.yaml, for editors."""
    from finops.config.json_schema import config_schema

    echo_json(json.dumps(config_schema(), indent=1))
