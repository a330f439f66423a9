"""Workbooks of other people's names: text stays text, so no cell is ever a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from finops.model.cost_table import Cell
from finops.model.money import minor_digits
from finops.model.untrusted import one_plain_line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST = 1000


@contextmanager
def new_workbook(out: io.BytesIO, title: str, created: datetime) -> Iterator[Any]:
    """An ``xlsxwriter.Workbook``, which ships no types; in ``out`` once it is closed. The same contents and moment give
    the same bytes."""
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": created.astimezone(UTC).replace(tzinfo=None)})
        yield book


def money_format(currency: str) -> str:
    """With the digits of ``currency``."""
    digits = minor_digits(currency)
    return f"#,##0.{'0' * digits}" if digits else "#,##0"


def for_print(sheet: Any) -> None:
    """A4 across, every column on the page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def plain_cells(cells: Iterable[Cell]) -> list[Cell]:
    """Text of anybody as one line."""
    return [one_plain_line(cell, _LONGEST) if isinstance(cell, str) else cell for cell in cells]


class Tables:
    """Sheets of one table each: a frozen header with filters. ``book``: of ``new_workbook``."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._header = book.add_format({"bold": True, "bottom": 1})
        self._money: dict[str, Any] = {}

    def money(self, currency: str) -> Any:
        """The format of its amounts."""
        if currency not in self._money:
            self._money[currency] = self._book.add_format({"num_format": money_format(currency)})
        return self._money[currency]

    def add(
        self,
        name: str,
        heads: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        width: int,
        currency: str = "",
        currency_at: int | None = None,
    ) -> None:
        """Text as it is (see ``plain_cells``), numbers as numbers, None as an empty cell. Amounts have the digits of
        ``currency``, or of the one that stands in the column ``currency_at`` of their row."""
        sheet = self._book.add_worksheet(name)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, one_plain_line(head, _LONGEST), self._header)
        last, money = 0, self.money(currency)
        for last, cells in enumerate(rows, start=1):
            if currency_at is not None:
                money = self.money(str(cells[currency_at]))
            for column, cell in enumerate(cells):
                if isinstance(cell, Decimal):
                    sheet.write_number(last, column, float(cell), money)
                elif cell is not None:
                    sheet.write_string(last, column, cell)
        sheet.set_column(0, len(heads) - 1, width)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(last, 1), len(heads) - 1)
