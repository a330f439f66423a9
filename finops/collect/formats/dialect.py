"""How a CSV file is written: encoding, line ends, separator, lines before the header.

RFC 4180 with UTF-8 is read as it is. Spreadsheets in other countries and portals write otherwise; what their files
mean is certain once a header with known columns is found in them.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from finops.collect.formats.recognise import Format, recognise
from finops.errors import RefusedBatch
from finops.model.cell import plain_name
from finops.objectstore.bounds import check_packing

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_MOST_TITLE_LINES = 30
_LONG = 60_000
"""Characters of a text whose last line may be cut off."""
_SEP_LINE = re.compile(r'"?sep=(?P<separator>[,;|\t])"?', re.IGNORECASE)
_BOMS = (  # UTF-32's starts with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Extract it, or save the sheet as CSV"),
    (b"PAR1", "a Parquet file", "Rename it to end in .parquet"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV"),
    (b"%PDF", "a PDF document", "Export the bill as CSV"),
)
_MARKUP = re.compile(r"\s*<(!doctype|html|\?xml)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """``skip_lines``: before the header. ``needs_rewriting``: the reader of CSV files knows UTF-8 and LF only."""

    separator: str = ","
    skip_lines: int = 0
    encoding: str = "utf-8"
    bare_cr: bool = False
    stray_quotes: bool = False

    @property
    def needs_rewriting(self) -> bool:
        return self.bare_cr or self.stray_quotes or self.encoding != "utf-8"

    def repairs(self) -> dict[str, int]:
        """What differs from RFC 4180, by kind, as repairs are counted."""
        found = {
            f"file: {self.encoding.upper()[:6]} instead of UTF-8": self.encoding != "utf-8",
            "file: lines end with CR alone": self.bare_cr,
            "file: quotes inside values that are not in quotes": self.stray_quotes,
            f"file: values separated by {_SEPARATORS[self.separator]}": self.separator != ",",
            "file: lines before the header": self.skip_lines > 0,
        }
        return {kind: max(1, self.skip_lines if "header" in kind else 1) for kind, there in found.items() if there}


PLAIN = Dialect()


def is_known(columns: Iterable[str]) -> bool:
    """Whether a line with these cells is the header of a bill."""
    return recognise(columns) is not Format.UNKNOWN


def dialect_of(head: bytes, file: str, *, is_header: Callable[[Iterable[str]], bool] = is_known) -> Dialect:
    """How the file that starts with ``head`` is written.

    ``is_header``: whether cells are the names of columns. Raises ``RefusedBatch`` for what is no text at all.
    """
    for magic, what, remedy in _FOREIGN:
        if head.startswith(magic):
            raise RefusedBatch(f"the file is {what}, not CSV", where=file, remedy=remedy)
    check_packing(head, file)
    encoding = _encoding(head)
    text = head.decode(encoding, errors="replace").lstrip("\ufeff")
    if _MARKUP.match(text):
        raise RefusedBatch("the file is a web page, not CSV", where=file, remedy="Download the bill itself")
    unquoted = re.sub(r'"[^"]*"', "", text)
    bare_cr = re.search(r"\r(?!\n|\Z)", unquoted) is not None
    lines = text.splitlines() if bare_cr else text.split("\n")
    separator, skip_lines = _header(lines, is_header)
    return Dialect(separator, skip_lines, encoding, bare_cr, _has_stray_quotes(text, separator))


def _has_stray_quotes(text: str, separator: str) -> bool:
    """Whether a value like ``19" rack`` stands without quotes around it: whoever wrote it does not double quotes."""
    edge = re.escape(separator)
    start = rf"(?:(?<=[{edge}\r\n])|\A)"
    bare = re.sub(rf'{start}"(?:[^"]|"")*"(?=[{edge}\r\n]|\Z)', "", text)
    bare = re.sub(rf'{start}".*', "", bare)  # one that opens and never closes is another fault
    whole_lines = bare.splitlines()[:-1] if len(text) >= _LONG else bare.splitlines()
    return any(line.count('"') % 2 for line in whole_lines)


def _encoding(head: bytes) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    start = head[:1000]
    if start.count(0) > len(start) // 4:  # every second byte of Latin letters in UTF-16
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    return "utf-8"


def _header(lines: list[str], is_header: Callable[[Iterable[str]], bool]) -> tuple[str, int]:
    """The separator, and how many lines stand before the header."""
    announced = _SEP_LINE.fullmatch(lines[0].strip("\r\n \ufeff")) if lines else None
    tried = [announced["separator"]] if announced else list(_SEPARATORS)
    for number, line in enumerate(islice(lines, _MOST_TITLE_LINES)):
        for separator in tried:
            if is_header(cells_of(line, separator)):
                return separator, number
    first = lines[1] if announced and len(lines) > 1 else next(iter(lines), "")
    return max(tried, key=first.count), int(announced is not None)


def cells_of(line: str, separator: str) -> list[str]:
    """One line's cells, as far as it is CSV."""
    return [plain_name(cell) for row in _rows(line.strip("\ufeff"), separator) for cell in row]


def _rows(line: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader([line], delimiter=separator)
    except csv.Error:
        yield [line]
