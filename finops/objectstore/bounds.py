"""How much of a file is believed: a few bytes unpack to terabytes, and one row without an end fills any memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from finops.errors import RefusedBatch

_PACKED = (
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x78\x01", "zlib"),
    (b"\x78\x9c", "zlib"),
    (b"\x78\xda", "zlib"),
)
"""What else a reader of CSV files may unpack by itself, without a limit."""


@dataclass(frozen=True, slots=True)
class InputLimits:
    """``row_bytes``: of one row, in a text file at least a piece of 1 MiB. ``file_bytes``: of one file, unpacked. Both
    are options of ``ingest``."""

    row_bytes: int = 16 * 1024**2
    file_bytes: int = 64 * 1024**3

    def row_too_long(self, shown_as: str, line: int) -> RefusedBatch:
        return RefusedBatch(
            f"a row is longer than {size_text(self.row_bytes)}",
            where=f"{shown_as}, line {line:,}",
            remedy="Look for a quote that is never closed; if the row is right, raise ingest.max_row in finops.yaml",
        )

    def file_too_large(self, shown_as: str) -> RefusedBatch:
        return RefusedBatch(
            f"the file has more than {size_text(self.file_bytes)} when unpacked",
            where=shown_as,
            remedy="Split it; if it is right, raise ingest.max_file in finops.yaml",
        )


DEFAULT_LIMITS = InputLimits()


def bounded(pieces: Iterable[bytes], limits: InputLimits, shown_as: str) -> Iterator[bytes]:
    """``pieces`` of one file. Raises ``RefusedBatch`` once they are more than a file may have."""
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limits.file_bytes:
            raise limits.file_too_large(shown_as)
        yield piece


def check_packing(head: bytes, shown_as: str) -> None:
    """Raises ``RefusedBatch`` for a file that starts with ``head`` and is packed in a way that has no limit here."""
    for magic, name in _PACKED:
        if head.startswith(magic):
            raise RefusedBatch(
                f"the file is packed with {name}", where=shown_as, remedy="Unpack it, or pack it with gzip"
            )


def check_rows(pieces: Iterable[bytes], limits: InputLimits, shown_as: str) -> None:
    """Reads a CSV file through, without its values. A line end inside quotes ends no row.

    Raises ``RefusedBatch`` with the line in which the first row begins that is too long, or for a packing that has no
    limit here, and what reading raises.
    """
    length, row_line, lines, quoted = 0, 1, 0, False
    for number, piece in enumerate(pieces):
        if number == 0:
            check_packing(piece, shown_as)
        first = _first_row_end(piece, quoted)
        length += len(piece) if first < 0 else first
        if length > limits.row_bytes:
            raise limits.row_too_long(shown_as, row_line)
        quoted ^= bool(piece.count(b'"') % 2)
        if first >= 0:
            last = _last_row_end(piece, quoted)
            length = len(piece) - last - 1
            row_line = lines + piece.count(b"\n", 0, last + 1) + 1
            if length > limits.row_bytes:
                raise limits.row_too_long(shown_as, row_line)
        lines += piece.count(b"\n")


def _first_row_end(piece: bytes, quoted: bool) -> int:
    """The first line end outside quotes, -1 where there is none. ``quoted``: whether the piece begins inside."""
    line_end, position = piece.find(b"\n"), 0
    while line_end >= 0:
        quote = piece.find(b'"', position) if quoted else piece.find(b'"', position, line_end)
        if quote < 0:
            return -1 if quoted else line_end
        position, quoted = quote + 1, not quoted
        if line_end < position:
            line_end = piece.find(b"\n", position)
    return -1


def _last_row_end(piece: bytes, quoted: bool) -> int:
    """The last one. ``quoted``: whether the piece ends inside."""
    line_end, end = piece.rfind(b"\n"), len(piece)
    while line_end >= 0:
        quote = piece.rfind(b'"', 0, end) if quoted else piece.rfind(b'"', line_end, end)
        if quote < 0:
            return -1 if quoted else line_end
        end, quoted = quote, not quoted
        if line_end >= end:
            line_end = piece.rfind(b"\n", 0, end)
    return -1


def size_text(size_bytes: int) -> str:
    """``16 MiB`` where it is a whole number of them."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if size_bytes >= unit and size_bytes % unit == 0:
            return f"{size_bytes // unit} {name}"
    return f"{size_bytes:,} bytes"
