"""CSV inside a YAML text, cell by cell, each with its place in the file. The csv module forgets where a cell stood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from finops.documents import Document, Fault, place_inside
from finops.errors import InvalidValue

_CELL = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^,"]*))\s*(?P<end>,|$)')


@dataclass(frozen=True, slots=True)
class Cell:
    """``offset``: where it starts in the text of the value."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class CsvLines:
    """The text at ``loc`` of ``document``: its lines as cells, and faults at their places."""

    document: Document
    loc: Sequence[str | int]
    text: str

    def fault(self, offset: int, message: str, hint: str) -> Fault:
        return Fault(self.document.file, *place_inside(self.document, self.loc, self.text, offset), message, hint)

    def invalid(self, cell: Cell, error: InvalidValue) -> Fault:
        """The fault of a cell that holds an invalid value."""
        return self.fault(cell.offset, error.what, error.remedy)

    def lines(self) -> Iterator[list[Cell]]:
        """Every line that is neither blank nor a ``#`` comment. A line that is not CSV is one cell."""
        offset = 0
        for line in self.text.splitlines(keepends=True):
            content = line.strip()
            if content and not content.startswith("#"):
                yield _cells(line.rstrip(), offset)
            offset += len(line)


def _cells(line: str, offset: int) -> list[Cell]:
    cells, at = [], 0
    while True:
        match = _CELL.match(line, at)
        if match is None:
            return [Cell(line.strip(), offset)]
        quoted, plain = match["quoted"], match["plain"]
        text = quoted.replace('""', '"') if quoted is not None else plain.strip()
        start = match.start("quoted") - 1 if quoted is not None else match.start("plain")
        cells.append(Cell(text, offset + start))
        if not match["end"]:
            return cells
        at = match.end()
