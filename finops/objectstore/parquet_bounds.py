"""How much of a Parquet file is believed: a page of a few bytes unpacks to gigabytes, whatever the footer says."""

from __future__ import annotations

import io
import mmap
import struct
from typing import Any

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
_LONGEST_FOOTER = 256 * 1024**2


def check_parquet(location: Location, limits: InputLimits, shown_as: str) -> None:
    """Raises ``RefusedBatch`` for a file that unpacks to more than ``limits``, or whose pages unpack to more than its
    footer says, and what reading raises.

    A value counts as a byte at least, as billions of nulls take none in the file. The pages of a file in a store are
    not looked at: each would be a request. ``row_bytes`` is held by the mean of each row group and page.
    """
    try:
        metadata = pa.parquet.read_metadata(location.path if location.is_local else _stored_footer(location))
        _check_footer(metadata, limits, shown_as)
        if location.is_local and metadata.num_rows:
            with location.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _check_pages(metadata, content, limits, shown_as)
    except (pa.ArrowException, OSError, BaseError) as error:
        raise unreadable(error, shown_as) from error


def _stored_footer(location: Location) -> io.BytesIO:
    """The end of a file in a store, as a file: its footer, the footer's length and a mark of four bytes."""
    folder, _, name = location.uri.rpartition("/")
    store = location.at(folder).store()
    size = obstore.head(store, name)["size"]
    end = bytes(obstore.get_range(store, name, start=max(size - _LIKELY_BYTES, 0), end=size))
    needed = int.from_bytes(end[-8:-4], "little") + 8
    if len(end) < needed <= min(size, _LONGEST_FOOTER):
        end = bytes(obstore.get_range(store, name, start=size - needed, end=size))
    return io.BytesIO(_MAGIC + end[-needed:])


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


def _check_pages(metadata: Any, content: mmap.mmap, limits: InputLimits, shown_as: str) -> None:
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


def _struct(buffer: mmap.mmap, position: int) -> tuple[dict[int, Any], int]:
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


def _value(buffer: mmap.mmap, position: int, kind: int) -> tuple[Any, int]:
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


def _integer(buffer: mmap.mmap, position: int) -> tuple[int, int]:
    number, position = _unsigned(buffer, position)
    return (number >> 1) ^ -(number & 1), position


def _unsigned(buffer: mmap.mmap, position: int) -> tuple[int, int]:
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
