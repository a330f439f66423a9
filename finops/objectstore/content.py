"""The bytes of one file: whole, its beginning, or piece by piece; compressed files are unpacked where it is said."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import obstore
from obstore.exceptions import BaseError

from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits, bounded
from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable

_GZIP = b"\x1f\x8b"
_HEAD_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024
_SMALL = InputLimits(file_bytes=256 * 1024**2)


def content_of(location: Location, *, shown_as: str) -> bytes:
    """The bytes of the file at ``location``, a small one.

    Raises what ``unreadable`` maps, with ``shown_as`` as its place, and ``RefusedBatch`` for one of over 256 MiB.
    """
    try:
        return b"".join(bounded(_pieces(location), _SMALL, shown_as))
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


def pieces_of(location: Location, *, shown_as: str, limits: InputLimits = DEFAULT_LIMITS) -> Iterator[bytes]:
    """The whole file in pieces of at most about 1 MiB, unpacked where it is compressed with gzip.

    Raises ``RefusedBatch`` for a file with more than ``limits``, and as ``content_of``.
    """
    try:
        yield from bounded(_unpacked(_pieces(location)), limits, shown_as)
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
    while True:
        piece = unpack.decompress(packed, _PIECE_BYTES)
        yield piece
        if unpack.eof:  # a gzip file may have several members, one after another
            packed = unpack.unused_data or next(pieces, b"")
            if not packed:
                return
            unpack = zlib.decompressobj(wbits=31)
        else:
            packed = unpack.unconsumed_tail
            if not packed and len(piece) < _PIECE_BYTES:  # nothing more is held back
                packed = next(pieces, b"")
                if not packed:
                    raise OSError("unexpected end of file")


def _folder_and_name(location: Location) -> tuple[Location, str]:
    folder, _, name = location.uri.rpartition("/")
    return location.at(folder), name
