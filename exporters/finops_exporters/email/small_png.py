"""The same picture in a fifth of the bytes: what draws it compresses for speed, a mail is copied to everybody."""

from __future__ import annotations

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def small_png(png: bytes) -> bytes:
    """The image data of all IDAT chunks deflated anew; every other chunk stays as it is.

    https://www.w3.org/TR/png-3/#5Chunk-layout
    """
    out, data, at = [_SIGNATURE], b"", len(_SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        content = png[at + 8 : at + 8 + length]
        at += length + 12
        if kind == b"IDAT":
            data += content
            continue
        if kind == b"IEND":
            out.append(_chunk(b"IDAT", zlib.compress(zlib.decompress(data), 9)))
        out.append(_chunk(kind, content))
    return b"".join(out)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
