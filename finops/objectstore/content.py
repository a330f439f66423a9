"""The bytes of one file: whole, its beginning, or piece by piece; compressed files are unpacked where it is said."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import obstore
from obstore.exceptions import BaseError

from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024


def content_of(location: Location, *, shown_as: str) -> bytes:
    """The bytes of the file at ``location``. Raises what ``unreadable`` maps, with ``shown_as`` as its place."""
    try:
        if location.is_local:
            return location.path.read_bytes()
        folder, name = _folder_and_name(location)
        return bytes(folder.store().get(name).bytes())
    except (OSError, BaseError) as error:
        raise unreadable(error, shown_as) from error


def head_of(location: Location, *, shown_as: str) -> bytes:
    """The first 64 KiB, unpacked where the file is compressed with gzip. Raises as ``content_of``."""
    try:
        if location.is_local:
            with location.path.open("rb") as file:
                start = file.read(_HEAD_BYTES)
        else:
            folder, name = _folder_and_name(location)
            start = bytes(obstore.get_range(folder.store(), name, start=0, length=_HEAD_BYTES))
        if not start.startswith(_GZIP):
            return start
        return zlib.decompressobj(wbits=31).decompress(start, _HEAD_BYTES)
    except (OSError, BaseError, zlib.error) as error:
        raise unreadable(error, shown_as) from error


def pieces_of(location: Location, *, shown_as: str) -> Iterator[bytes]:
    """The whole file in pieces of about 1 MiB, unpacked where it is compressed with gzip. Raises as ``content_of``."""
    try:
        yield from _unpacked(_pieces(location))
    except (OSError, BaseError, zlib.error) as error:
        raise unreadable(error, shown_as) from error


def _pieces(location: Location) -> Iterator[bytes]:
    if location.is_local:
        with location.path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
        return
    folder, name = _folder_and_name(location)
    for chunk in folder.store().get(name).stream(min_chunk_size=_PIECE_BYTES):
        yield bytes(chunk)


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    if not first.startswith(_GZIP):
        yield first
        yield from pieces
        return
    packed, unpack = first, zlib.decompressobj(wbits=31)
    while packed:
        yield unpack.decompress(packed)
        packed = unpack.unused_data
        if unpack.eof:  # a gzip file may have several members, one after another
            packed = packed or next(pieces, b"")
            unpack = zlib.decompressobj(wbits=31) if packed else unpack
        else:
            packed = next(pieces, b"")
    if not unpack.eof:
        raise OSError("unexpected end of file")


def _folder_and_name(location: Location) -> tuple[Location, str]:
    folder, _, name = location.uri.rpartition("/")
    return location.at(folder), name
