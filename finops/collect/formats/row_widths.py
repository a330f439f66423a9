"""Whether every row of a CSV file has as many values as its header has columns.

The reader of CSV files fills short rows with nulls and refuses long ones without a place.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from finops.collect.formats.dialect import Dialect
from finops.deferred import pyarrow as pa
from finops.errors import RefusedBatch
from finops.model.wording import count_text
from finops.objectstore.unreadable import unreadable

_BLOCK_BYTES = 1024 * 1024
_LONGER = "Put values that contain a separator in quotes"
_SHORTER = "Write one value for each column; if the file was cut off, export the bill again"


def check_widths(pieces: Iterable[bytes], dialect: Dialect, *, shown_as: str) -> None:
    """``pieces``: of the file, in UTF-8. Empty lines are no rows.

    Raises ``RefusedBatch`` with the first row that is too short or too long, and what reading raises.
    """
    found: list[pa.csv.InvalidRow] = []

    def note(row: pa.csv.InvalidRow) -> str:
        if not row.text:
            return "skip"
        found.append(row)
        return "error"

    try:
        for _ in pa.csv.open_csv(
            pa.PythonFile(io.BufferedReader(_Pieces(pieces), _BLOCK_BYTES), mode="r"),
            # the header is read as a row: it tells how many values each has
            read_options=pa.csv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, autogenerate_column_names=True, skip_rows=dialect.skip_lines
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=dialect.separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=pa.csv.ConvertOptions(include_columns=["f0"], column_types={"f0": pa.binary()}),
        ):
            pass
    except pa.ArrowInvalid as error:
        if not found:
            raise unreadable(error, shown_as) from error
        row = found[0]
        values, columns = row.actual_columns, row.expected_columns
        raise RefusedBatch(
            f"{count_text(values, 'value')} for {count_text(columns, 'column')}",
            where=f"{shown_as}, row {row.number - dialect.skip_lines - 1}",
            remedy=_LONGER if values > columns else _SHORTER,
        ) from None


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what a BufferedReader passes
        while not self._rest and (piece := next(self._pieces, None)) is not None:
            self._rest = piece
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
