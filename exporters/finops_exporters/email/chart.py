"""The picture of a notice: the same drawing as on the page of its verdict, as pixels that every mail program shows."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import vl_convert

from finops.model.kind_profile import Profiles
from finops.model.notice import Notice
from finops_exporters import wording
from finops_exporters.charts.draw import draw_chart
from finops_exporters.charts.drawing import Size

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


_SIZE = Size(490, 190, labels=6)
_SCALE = 1.5
"""Sharp on most screens, and small: a mail is copied to everybody."""


@dataclass(frozen=True, slots=True)
class Picture:
    """``title``: what it shows, for the line above it and for those who cannot see it."""

    title: str
    png: bytes


def chart_of(notice: Notice, profiles: Profiles) -> Picture | None:
    """The first chart that the kind declares for mails. None where the notice carries no days, or nothing can be drawn
    of them. Takes a tenth of a second."""
    finding, track = notice.finding, notice.track
    chart = next((chart for chart in profiles.of(finding.kind).charts if chart.mail_title), None)
    if chart is None or track is None:
        return None
    demand = wording.plain(finding.demand) or "demand"
    svg = draw_chart(chart, finding, track, finding.as_of.date(), _SIZE, demand=demand)
    if svg is None:
        return None
    png = vl_convert.svg_to_png(svg.replace("<svg ", '<svg style="background:#ffffff" ', 1), scale=_SCALE)
    unit = f", in {wording.plain(track.currency)}" if chart.in_money else ""
    return Picture(f"{chart.mail_title}, {wording.period(track.period)}{unit}", small_png(png))
