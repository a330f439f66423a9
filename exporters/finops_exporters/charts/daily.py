"""Days side by side: what each cost, of what parts, and what was expected of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import altair as alt

from finops.model.evaluation import Track
from finops_exporters.charts.drawing import WIDE, Rows, Size, base, to_svg, today_mark, unit_label, x, y
from finops_exporters.charts.style import CALM, INK, OVER, alone

_BARS = 0.72
"""Of a day's width; the rest is the gap to its neighbour."""


@alone
def draw_expected(track: Track, today: date, size: Size = WIDE) -> str | None:
    """Daily cost over the range that its own past lets expect; days above it are marked. None without a range."""
    rows = list(_expected(track))
    if len(rows) < 2:
        return None
    above = [row for row in rows if row["cost"] > row["high"]]
    layers = [
        base(rows).mark_area(fill=INK, fillOpacity=0.16).encode(x=x(track.period, size), y=y("low"), y2="high:Q"),
        base(rows).mark_line(stroke=INK, strokeWidth=2, strokeCap="round").encode(x=x(), y=y("cost")),
        *today_mark(track.period, today),
    ]
    if above:
        layers.append(base(above).mark_point(fill=OVER, opacity=1, size=60, filled=True).encode(x=x(), y=y("cost")))
    return to_svg([*layers, unit_label(track.currency)], size)


@alone
def draw_parts(track: Track, today: date, good: str, bad: str, size: Size = WIDE) -> str | None:
    """Two parts of each day, one on the other; ``good`` and ``bad`` are their lines' names (``""``: what is left of the
    day's cost). None where a line is missing."""
    parts = _parts(track, good, bad)
    if parts is None:
        return None
    rows = list(_stacked(track, *parts))
    if not rows:
        return None
    return to_svg([*_bars(track, rows, size), *today_mark(track.period, today), unit_label(track.currency)], size)


@alone
def draw_line(track: Track, today: date, line: str, size: Size = WIDE) -> str | None:
    """One amount a day as bars. None where the track has no such line."""
    values = track.lines.get(line, ())
    rows = [
        {"at": offset, "to": offset + _BARS, "top": float(value), "zero": 0}
        for offset, value in enumerate(values)
        if value is not None
    ]
    if not rows:
        return None
    bars = base(rows).mark_rect(fill=INK).encode(x=x(track.period, size), x2="to:Q", y=y("top"), y2="zero:Q")
    return to_svg([bars, *today_mark(track.period, today)], size)


def _expected(track: Track) -> Iterator[dict[str, float]]:
    lows, highs = track.lines.get("expected_low", ()), track.lines.get("expected_high", ())
    for day, cost in zip(track.days, track.spent, strict=True):
        offset = (day - track.period.start).days
        if offset < min(len(lows), len(highs)):
            low, high = lows[offset], highs[offset]
            if low is not None and high is not None:
                yield {"at": offset + 0.5, "cost": float(cost), "low": float(max(low, Decimal(0))), "high": float(high)}


def _parts(track: Track, good: str, bad: str) -> tuple[Sequence[Decimal | None], Sequence[Decimal | None]] | None:
    found = [track.lines.get(name) for name in (good, bad) if name]
    if any(line is None for line in found):
        return None
    lines = [line for line in found if line is not None]
    if good and bad:
        return lines[0], lines[1]
    offsets = {(day - track.period.start).days: cost for day, cost in zip(track.days, track.spent, strict=True)}
    rest = [
        offsets[offset] - value if value is not None and offset in offsets else None
        for offset, value in enumerate(lines[0])
    ]
    return (lines[0], rest) if good else (rest, lines[0])


def _stacked(track: Track, good: Sequence[Decimal | None], bad: Sequence[Decimal | None]) -> Iterator[dict[str, float]]:
    for day in track.days:
        offset = (day - track.period.start).days
        if offset >= min(len(good), len(bad)):
            continue
        first, second = good[offset], bad[offset]
        if first is not None and second is not None:
            low, top = float(first), float(first + second)
            yield {"at": offset, "to": offset + _BARS, "zero": 0, "good": low, "top": top}


def _bars(track: Track, rows: Rows, size: Size) -> Iterator[alt.Chart]:
    yield base(rows).mark_rect(fill=CALM).encode(x=x(track.period, size), x2="to:Q", y=y("zero"), y2="good:Q")
    yield base(rows).mark_rect(fill=OVER).encode(x=x(), x2="to:Q", y=y("good"), y2="top:Q")
