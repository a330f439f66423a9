"""A small CSV file with a header, cell by cell, every fault with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.collect.formats.dialect import dialect_of
from finops.documents import did_you_mean
from finops.errors import RefusedBatch
from finops.model.cell import BLANKS, INVISIBLE, Notation, is_nothing, plain_name, read_number
from finops.model.money import quantise
from finops.model.wording import count_text

_BOUND = Decimal(10) ** 23
_HEAD = 64 * 1024
_PLAIN_NUMBER = "Write it with digits and a decimal point only, like 1234.56"


@dataclass(frozen=True, slots=True)
class Row:
    """``cells``: column -> text without blanks around it, None where there is none. ``where`` names file and row."""

    where: str
    cells: dict[str, str | None]

    def day(self, column: str) -> date:
        """Raises ``RefusedBatch`` where the cell holds none."""
        text = self.cells[column]
        try:
            return date.fromisoformat(text or "")
        except ValueError:
            what = f"the {column} is missing" if text is None else f"'{text}' is not a valid date"
            raise self.fault(column, what, "Write it like 2026-03-01") from None

    def number(self, column: str, remedy: str) -> Decimal:
        """Half-even at 15 digits. Raises ``RefusedBatch`` where the cell holds none."""
        text = self.cells[column]
        if text is None:
            raise self.fault(column, "the value is missing", remedy)
        found = read_number(text)
        if found is None or abs(value := Decimal(found.text)) >= _BOUND:
            raise self.fault(column, f"'{text}' is not a valid number", remedy)
        if found.notation is not Notation.PLAIN:
            raise self.fault(column, f"'{text}' is written with a {found.notation.value}", _PLAIN_NUMBER)
        return quantise(value)

    def fault(self, column: str, what: str, remedy: str) -> RefusedBatch:
        return RefusedBatch(what, where=f"{self.where}, column {column}", remedy=remedy)


def read_table(content: bytes, file: str, *, needed: tuple[str, ...]) -> tuple[list[str], list[Row]]:
    """The header and every row; empty lines are left out, rows count from 1.

    Raises ``RefusedBatch`` for text that is not UTF-8, broken quotes, a column of ``needed`` that is missing, columns
    without a name of their own, and rows that are too short or too long.
    """
    dialect = dialect_of(content[:_HEAD], file, is_header=lambda cells: set(needed) <= set(cells))
    try:
        text = content.decode(dialect.encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        what = f"not {dialect.encoding.upper()} at byte {error.start}"
        raise RefusedBatch(what, where=file, remedy="Save the file as UTF-8") from error
    lines = io.StringIO(text, newline="")
    for _ in range(dialect.skip_lines):
        lines.readline()
    reader = csv.reader(lines, delimiter=dialect.separator, strict=True)
    try:
        header = [plain_name(name) for name in next(reader, [])]
        _check_header(header, needed, file)
        return header, list(_rows(reader, header, file))
    except csv.Error as error:
        raise RefusedBatch(str(error), where=f"{file}, line {reader.line_num}", remedy="Check the quotes") from error


def _check_header(header: list[str], needed: tuple[str, ...], file: str) -> None:
    for name in needed:
        if name not in header:
            first_line = f"The first line names the columns: {','.join(needed)}[,dimension…]"
            remedy = did_you_mean(name, filter(None, header), otherwise=first_line)
            raise RefusedBatch(f"the column {name} is missing", where=f"{file}, header", remedy=remedy)
    if len(set(header)) != len(header) or "" in header:
        raise RefusedBatch(
            "a column has no name or the name of another", where=f"{file}, header", remedy="Give each its own name"
        )


def _rows(reader: Iterator[list[str]], header: list[str], file: str) -> Iterator[Row]:
    for number, cells in enumerate((cells for cells in reader if cells), start=1):
        where = f"{file}, row {number}"
        if len(cells) != len(header):
            what = f"{count_text(len(cells), 'value')} for {count_text(len(header), 'column')}"
            raise RefusedBatch(what, where=where, remedy="Write one value for each column")
        yield Row(where, {name: _cell(text) for name, text in zip(header, cells, strict=True)})


def _cell(text: str) -> str | None:
    bare = text.strip(f"{BLANKS}{INVISIBLE}")
    return None if is_nothing(bare) else bare
