"""``finops``: the root command."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from finops import __version__
from finops.cli.commands import CommandTable
from finops.cli.globals import Globals

app = typer.Typer(
    name="finops",
    cls=CommandTable,
    help="Watch cloud, data-centre and AI costs against budgets and demand.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"finops {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config_path: Annotated[
        Path, typer.Option("--config", "-c", envvar="FINOPS_CONFIG", help="Configuration file")
    ] = Path("finops.yaml"),
    log_format: Annotated[LogFormat, typer.Option("--log-format", help="Log format")] = LogFormat.TEXT,
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Log more; repeat for debug output")] = 0,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit")
    ] = False,
) -> None:
    """Exit status: 0 success, 1 a policy fires, 2 invalid arguments or files, 3 unknown verdict, 4 failed source."""
    from finops.cli.terminal import Terminal

    context.obj = Globals(config_path, log_format.value, verbose, Terminal(), Terminal(stderr=True))


def main() -> None:
    """The console script."""
    sys.exit(app())
