"""One worksheet: a title, a frozen header, typed cells, totals as formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from finops_exporters.wording import plain
from finops_exporters.workbook import for_print, money_format

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
"""https://support.microsoft.com/office/rename-a-worksheet-3f1f7148-ee83-404d-8ef0-9ff99fbad1f9"""
_HEADER = 2
"""The row (from 0) of the column names: a title and a blank line stand above."""


@dataclass(frozen=True, slots=True)
class Column:
    """``number``: it holds numbers. ``summed``: so it does, and its total is a formula. ``fine``: six digits behind the
    point. ``whole``: none."""

    name: str
    width: int
    number: bool = False
    summed: bool = False
    fine: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """Formats of one workbook."""

    title: Any
    header: Any
    header_of_numbers: Any
    text: Any
    note: Any
    money: Any
    fine: Any
    whole: Any
    ratio: Any
    total: Any
    total_text: Any

    @classmethod
    def of(cls, book: Any, currency: str) -> Self:
        """``book``: an ``xlsxwriter.Workbook``, which ships no types."""
        header = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        number = money_format(currency)
        cents = f"{number};[Red]-{number}"
        return cls(
            title=book.add_format({"bold": True, "font_size": 14}),
            header=book.add_format(header),
            header_of_numbers=book.add_format({**header, "align": "right"}),
            text=book.add_format({"num_format": "@"}),
            note=book.add_format({"font_color": "#566070"}),
            money=book.add_format({"num_format": cents}),
            fine=book.add_format({"num_format": "#,##0.000000"}),
            whole=book.add_format({"num_format": "#,##0"}),
            ratio=book.add_format({"num_format": "0.0%"}),
            total=book.add_format({"num_format": cents, "bold": True, "top": 1}),
            total_text=book.add_format({"bold": True, "top": 1}),
        )


class Sheet:
    """Rows are written from top to bottom. ``sheet``: an ``xlsxwriter`` worksheet, which ships no types."""

    def __init__(self, sheet: Any, style: Style, title: str, columns: Sequence[Column]) -> None:
        self._sheet = sheet
        self._style = style
        self._columns = columns
        self._sums: list[Decimal | None] = [None] * len(columns)
        self._next = _HEADER + 1
        sheet.write_string(0, 0, plain(title), style.title)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)
            numeric = column.number or column.summed or column.fine or column.whole
            sheet.write_string(_HEADER, at, column.name, style.header_of_numbers if numeric else style.header)
        sheet.freeze_panes(self._next, 1)
        for_print(sheet)
        sheet.repeat_rows(_HEADER)
        sheet.set_footer("&L&A&RPage &P of &N")
        self._filter_to(_HEADER)

    def row(self, cells: Sequence[object], *, ratio: bool = False, ratio_at: int | None = None) -> None:
        """Text as text, numbers as numbers, None as an empty cell. ``ratio``: the numbers of this row are shares."""
        for at, (cell, column) in enumerate(zip(cells, self._columns, strict=True)):
            if isinstance(cell, Decimal | int):
                as_ratio = ratio or at == ratio_at
                self._sheet.write_number(self._next, at, float(cell), self._format(column, ratio=as_ratio))
                self._sums[at] = (self._sums[at] or Decimal(0)) + cell
            elif cell is not None:
                self._sheet.write_string(self._next, at, str(cell), self._style.text)
        self._filter_to(self._next)
        self._next += 1

    def series(self, column: int, rows: int) -> dict[str, Any]:
        """A chart's series of the first rows: what the first column calls them, and the numbers of ``column``."""
        first, name = _HEADER + 1, self._sheet.get_name()
        last = first + rows - 1
        return {
            "name": [name, _HEADER, column],
            "categories": [name, first, 0, last, 0],
            "values": [name, first, column, last, column],
        }

    def chart(self, chart: Any) -> None:
        """Beside the table, where it hides no number."""
        self._sheet.insert_chart(_HEADER, len(self._columns) + 1, chart)

    def _filter_to(self, row: int) -> None:
        """Rows can be filtered by every named column, the total below them stays."""
        if all(column.name for column in self._columns):
            self._sheet.autofilter(_HEADER, 0, row, len(self._columns) - 1)

    def note(self, sentence: str) -> None:
        self._sheet.write_string(self._next + 1, 0, sentence, self._style.note)
        self._next += 1

    def total(self) -> None:
        """A last row that adds up the summed columns, with the value that the formula gives. A column of which nothing
        is known has no sum."""
        first, last = _HEADER + 2, self._next  # as the sheet counts, from 1
        self._sheet.write_string(self._next, 0, "Total", self._style.total_text)
        for at, column in enumerate(self._columns):
            added = self._sums[at]
            if column.summed and added is not None:
                letter = chr(ord("A") + at)
                formula = f"=SUM({letter}{first}:{letter}{last})"
                self._sheet.write_formula(self._next, at, formula, self._style.total, float(added))
            elif at:
                self._sheet.write_blank(self._next, at, None, self._style.total_text)
        self._next += 1

    def _format(self, column: Column, *, ratio: bool) -> Any:
        if ratio:
            return self._style.ratio
        return self._style.fine if column.fine else self._style.whole if column.whole else self._style.money


def sheet_names(names: Iterable[str], *, taken: Iterable[str]) -> list[str]:
    """Names that a workbook takes: no forbidden character, at most 31, none twice whatever the case.

    >>> sheet_names(["a/b", "A b", ""], taken=["Lines"])
    ['a b', 'A b (2)', 'unnamed']
    """
    used = {name.lower() for name in (*taken, "history")}  # Excel keeps History for itself
    found = []
    for name in names:
        base = " ".join(_NOT_IN_A_NAME.sub(" ", name).split())[:_LONGEST_NAME] or "unnamed"
        candidate, nth = base, 2
        while candidate.lower() in used:
            suffix = f" ({nth})"
            candidate, nth = base[: _LONGEST_NAME - len(suffix)] + suffix, nth + 1
        used.add(candidate.lower())
        found.append(candidate)
    return found
