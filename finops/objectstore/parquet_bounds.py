"""How much of a Parquet file is believed: a page of a few bytes unpacks to gigabytes, whatever the footer says."""

from __future__ import annotations

import io
import mmap
import struct
from typing import Any, Protocol

import obstore
from obstore.exceptions import BaseError

from finops.deferred import pyarrow as pa
from finops.errors import RefusedBatch
from finops.objectstore.bounds import InputLimits, size_text
from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable

_SIZE, _PACKED_SIZE, _HEADERS = 2, 3, (5, 7, 8)
"""Fields of PageHeader: uncompressed_page_size, compressed_page_size, and the headers of data and dictionary pages,
whose first field is num_values. https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift"""


_MAGIC = b"PAR1"
_LIKELY_BYTES = 64 * 1024
_PIECE_BYTES = 4 * 1024**2
_LONGEST_FOOTER = 256 * 1024**2


class _Content(Protocol):
    def __getitem__(self, position: int, /) -> int: ...


def check_parquet(location: Location, limits: InputLimits, shown_as: str) -> None:
    """Raises ``RefusedBatch`` for a file that unpacks to more than ``limits``, or whose pages unpack to more than its
    footer says, and what reading raises.

    A value counts as a byte at least, as billions of nulls take none in the file. ``row_bytes`` is held by the mean of
    each row group and page.
    """
    try:
        if location.is_local:
            metadata = pa.parquet.read_metadata(location.path)
            _check_footer(metadata, limits, shown_as)
            if metadata.num_rows:
                with location.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                    _check_pages(metadata, content, limits, shown_as)
            return
        stored = _StoredContent(location)
        metadata = pa.parquet.read_metadata(stored.footer())
        _check_footer(metadata, limits, shown_as)
        _check_pages(metadata, stored, limits, shown_as)
    except (pa.ArrowException, OSError, BaseError) as error:
        raise unreadable(error, shown_as) from error


class _StoredContent:
    """The bytes of a file in a store, in requests of 4 MiB: pages are mostly smaller, and each would be a request."""

    def __init__(self, location: Location) -> None:
        folder, _, self._name = location.uri.rpartition("/")
        self._store = location.at(folder).store()
        self._size = obstore.head(self._store, self._name)["size"]
        self._start, self._piece = 0, b""

    def __getitem__(self, position: int) -> int:
        """Raises ``IndexError`` outside the file."""
        if not self._start <= position < self._start + len(self._piece):
            if not 0 <= position < self._size:
                raise IndexError(position)
            self._start, self._piece = position, self._range(position, min(position + _PIECE_BYTES, self._size))
        return self._piece[position - self._start]

    def footer(self) -> io.BytesIO:
        """As a file of its own: the footer, its length and a mark of four bytes."""
        end = self._range(max(self._size - _LIKELY_BYTES, 0), self._size)
        needed = int.from_bytes(end[-8:-4], "little") + 8
        if len(end) < needed <= min(self._size, _LONGEST_FOOTER):
            end = self._range(self._size - needed, self._size)
        return io.BytesIO(_MAGIC + end[-needed:])

    def _range(self, start: int, end: int) -> bytes:
        return bytes(obstore.get_range(self._store, self._name, start=start, end=end))


def _check_footer(metadata: Any, limits: InputLimits, shown_as: str) -> None:
    total = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        size = sum(group.column(column).total_uncompressed_size for column in range(group.num_columns))
        if size > limits.row_bytes * max(group.num_rows, 1):
            raise RefusedBatch(
                f"its rows are longer than {size_text(limits.row_bytes)} on average",
                where=f"{shown_as}, row group {number + 1}",
                remedy="If they are right, raise ingest.max_row in finops.yaml",
            )
        total += max(size, group.num_rows * group.num_columns)
    if total > limits.file_bytes:
        raise limits.file_too_large(shown_as)


def _check_pages(metadata: Any, content: _Content, limits: InputLimits, shown_as: str) -> None:
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            chunk = group.column(place)
            where = f"{shown_as}, row group {number + 1}, column {chunk.path_in_schema}"
            starts = [chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset]
            position, unpacked = min(start for start in starts if start), 0
            end = position + chunk.total_compressed_size
            try:
                while position < end:
                    header, after = _struct(content, position)
                    unpacked += header[_SIZE]  # some writers count the headers, others do not
                    values = max((header[field].get(1, 0) for field in _HEADERS if field in header), default=0)
                    if unpacked > chunk.total_uncompressed_size:
                        raise _lies(where)
                    if header[_SIZE] > limits.row_bytes * max(values, 1):
                        raise RefusedBatch(
                            f"its values are longer than {size_text(limits.row_bytes)} on average",
                            where=where,
                            remedy="If they are right, raise ingest.max_row in finops.yaml",
                        )
                    position = after + header[_PACKED_SIZE]
            except (IndexError, KeyError, struct.error, ValueError, AttributeError) as error:
                raise _lies(where) from error


def _lies(where: str) -> RefusedBatch:
    return RefusedBatch(
        "the pages are not those that the footer describes", where=where, remedy="Export the bill again: it is damaged"
    )


def _struct(buffer: _Content, position: int) -> tuple[dict[int, Any], int]:
    """A struct of Thrift's compact protocol at ``position``: field -> value; and where it ends.

    https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
    """
    found: dict[int, Any] = {}
    field = 0
    while head := buffer[position]:
        position += 1
        kind, step = head & 0x0F, head >> 4
        if step:
            field += step
        else:
            field, position = _integer(buffer, position)
        if kind in (1, 2):  # a boolean is its type
            found[field] = kind == 1
        else:
            found[field], position = _value(buffer, position, kind)
    return found, position + 1


def _value(buffer: _Content, position: int, kind: int) -> tuple[Any, int]:
    if kind in (4, 5, 6):
        return _integer(buffer, position)
    if kind == 8:  # the smallest and largest values of a page, as bytes
        length, position = _unsigned(buffer, position)
        return None, position + length
    if kind == 12:
        return _struct(buffer, position)
    if kind in (1, 2, 3):
        return None, position + 1
    if kind == 7:
        return None, position + 8
    raise ValueError(f"a page header has no field of type {kind}")


def _integer(buffer: _Content, position: int) -> tuple[int, int]:
    number, position = _unsigned(buffer, position)
    return (number >> 1) ^ -(number & 1), position


def _unsigned(buffer: _Content, position: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = buffer[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
        shift += 7
        if shift > 63:
            raise ValueError("an integer is too long")
