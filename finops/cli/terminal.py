"""Terminal output in which foreign text cannot contain control sequences."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from finops.model.untrusted import harmless, harmless_json


class Terminal(Console):
    """A console that shows names from bills and never interprets them.

    Rich keeps what it says to a terminal itself (colours, the cursor of a progress bar) apart from text. Brackets in a
    name are no markup.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=harmless(segment.text))


def echo(text: str) -> None:
    """Prints a document other than JSON."""
    typer.echo(harmless(text))


def echo_file(body: bytes) -> None:
    """Prints a file: as it is for another program, as text on a terminal."""
    typer.echo(harmless(body.decode(errors="replace")) if sys.stdout.isatty() else body, nl=False)


def echo_json(text: str) -> None:
    """Prints a JSON document; its values stay the same."""
    typer.echo(harmless_json(text))
