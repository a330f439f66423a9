"""Options of all commands, and arguments that several of them take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

if TYPE_CHECKING:
    from rich.console import Console


Sources = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Sources to use  [default: all]")]
FirstPeriod = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="First billing period, given by any of its days")
]
PeriodEnd = Annotated[
    str | None,
    typer.Option("--to", metavar="DAY", help="Exclusive end: only billing periods that start before this day"),
]


@dataclass(frozen=True, slots=True)
class Globals:
    """``config``: the path of finops.yaml. ``out`` and ``err``: consoles for output and for errors."""

    config: Path
    log_format: Literal["text", "json"]
    verbose: int
    out: Console
    err: Console


def globals_of(context: typer.Context) -> Globals:
    return cast("Globals", context.find_object(Globals))
