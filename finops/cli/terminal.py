"""Terminal output in which foreign text cannot contain control sequences."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from finops.model.untrusted import harmless, harmless_json

LIST_BELOW, WIDEST = 100, 10_000
"""Columns."""


class Terminal(Console):
    """A console that shows names from bills and never interprets them.

    Rich keeps what it says to a terminal itself (colours, the cursor of a progress bar) apart from text. Brackets in a
    name are no markup, and ``:name:`` is no emoji.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def print(self, *objects: Any, soft_wrap: bool | None = None, **options: Any) -> None:
        """As rich does, but a sentence stays one line in a pipe or a file, which scripts read line by line."""
        if soft_wrap is None and all(isinstance(one, str | Text) for one in objects):
            soft_wrap = has_no_width(self)
        super().print(*objects, soft_wrap=soft_wrap, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=harmless(segment.text))


def has_no_width(console: Console) -> bool:
    """Whether nobody said how wide the output is: a pipe, a file."""
    return not console.is_terminal and "COLUMNS" not in os.environ


def show_table(console: Console, table: Table, *, empty: str = "") -> None:
    """Prints a table without ever cutting a name, an amount or a date.

    Below 100 columns each row becomes a paragraph; where nobody said how wide the output is (a pipe, a file), the
    table is as wide as its longest row. ``empty``: said instead of a table without rows.
    """
    if empty and not table.row_count:
        console.print(empty)
        return
    for column in table.columns:
        column.overflow = "fold"
    if has_no_width(console):
        table.expand = False
        with _width(console, WIDEST):
            natural = console.measure(table).maximum
        with _width(console, natural):
            console.print(table)
    elif console.width < LIST_BELOW:
        console.print(Text("\n").join(_paragraphs(table)))
    else:
        console.print(table)


def show_parts(console: Console, parts: Iterable[RenderableType]) -> None:
    """A report of sentences and tables, each table as ``show_table`` prints it."""
    for part in parts:
        if isinstance(part, Table):
            show_table(console, part)
        else:
            console.print(part, soft_wrap=True)


def _paragraphs(table: Table) -> Iterator[Text]:
    """The first two cells of a row as its headline, every other one that is not empty under its column's name. A number
    in the headline has its column's name, too."""
    headers = [str(column.header) for column in table.columns]
    for title in (table.title, ""):
        if title:
            yield Text(str(title), "bold")
    for cells in zip(*(column.cells for column in table.columns), strict=True):
        texts = [cell if isinstance(cell, Text) else Text(str(cell)) for cell in cells]
        if len(texts) > 1 and texts[1].plain.replace(",", "").isdigit():
            texts[1] = Text.assemble((f"{headers[1].lower()} ", "dim"), texts[1])
        yield Text("  ").join(Text(" ").join(text.split()) for text in texts[:2] if text.plain)
        for column, text in zip(table.columns[2:], texts[2:], strict=True):
            if text.plain:
                header = f"{column.header}: " if column.header else ""
                yield Text.assemble("  ", (header, "dim"), Text("\n    ").join(text.split()))
    if table.caption:
        yield Text(str(table.caption), "dim")


@contextmanager
def _width(console: Console, width: int) -> Iterator[None]:
    before = console.size
    console.width = width
    try:
        yield
    finally:
        console.size = before


def echo(text: str) -> None:
    """Prints a document other than JSON."""
    typer.echo(harmless(text))


def echo_file(body: bytes) -> None:
    """Prints a file: as it is for another program, as text on a terminal."""
    typer.echo(harmless(body.decode(errors="replace")) if sys.stdout.isatty() else body, nl=False)


def echo_json(text: str) -> None:
    """Prints a JSON document; its values stay the same."""
    typer.echo(harmless_json(text))
