"""Options of all commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import typer

if TYPE_CHECKING:
    from rich.console import Console


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
