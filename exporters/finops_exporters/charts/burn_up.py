"""The days behind a budget as a drawing: what was spent so far against the budget's own line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import altair as alt

from finops.model.evaluation import Track
from finops_exporters.charts.drawing import (
    CARD,
    WIDE,
    Rows,
    Size,
    base,
    name_at_end,
    thinned,
    to_svg,
    today_mark,
    unit_label,
    x,
    y,
)
from finops_exporters.charts.style import DUE, INK, OVER, alone


@alone
def draw(track: Track, today: date, size: Size = CARD) -> str | None:
    """SVG without scripts or style attributes; None where there is nothing to draw.

    Cumulative amounts stand at the end of their day. Provisional days are dashed; what lies above the budget's line is
    filled in another colour. A forecast is a dotted line in its cone, from the last settled day on.
    """
    points = list(_points(track))
    if len(points) < 2:
        return None
    layers = [
        _due(track, size),
        *_cone(track),
        *_spent(points, _settled_offset(track)),
        *today_mark(track.period, today),
        *(_names(track, points) if size == WIDE else ()),
        unit_label(track.currency),
    ]
    return to_svg(layers, size)


def _points(track: Track) -> Iterator[dict[str, Any]]:
    """One point at the start of the period, and one at the end of each day."""
    yield {"at": 0, "spent": 0.0, "over": 0.0}
    for offset, (spent, due) in enumerate(zip(cumulative(track.spent), due_by_day(track), strict=True)):
        over = min(spent, due) if due is not None else spent
        at = (track.days[offset] - track.period.start).days + 1
        yield {"at": at, "spent": float(spent), "over": float(over)}


def cumulative(amounts: Sequence[Decimal]) -> list[Decimal]:
    return list(accumulate(amounts))


def due_by_day(track: Track) -> list[Decimal | None]:
    """The budget's line at the end of each day of ``track.days``; None where it has none."""
    offsets = [(day - track.period.start).days for day in track.days]
    return [track.due[offset] if offset < len(track.due) else None for offset in offsets]


def _settled_offset(track: Track) -> int:
    if track.settled_through is None:
        return 0
    return min((track.settled_through - track.period.start).days + 1, len(track.days))


def _due(track: Track, size: Size) -> alt.Chart:
    line = [{"at": 0, "due": 0.0}] + [{"at": at, "due": float(due)} for at, due in enumerate(track.due, start=1)]
    drawn = base(thinned(line)).mark_line(stroke=DUE, strokeWidth=1.5)
    encoded: alt.Chart = drawn.encode(x=x(track.period, size), y=y("due"))
    return encoded


def _cone(track: Track) -> Iterator[alt.Chart]:
    names = ("forecast", "forecast_low", "forecast_high")
    if any(name not in track.lines for name in names):
        return
    values = zip(*(track.lines[name] for name in names), strict=True)
    rows = [
        {"at": at, "forecast": float(middle), "low": float(low), "high": float(high)}
        for at, (middle, low, high) in enumerate(values, start=1)
        if middle is not None and low is not None and high is not None
    ]
    if track.period.start not in track.days[:1] or not rows:
        return
    if rows[0]["at"] == 1:  # nothing of the period is settled yet: the cone sets out from nothing
        rows.insert(0, {"at": 0, "forecast": 0.0, "low": 0.0, "high": 0.0})
    points = thinned(rows)
    yield base(points).mark_area(fill=INK, fillOpacity=0.16).encode(x=x(), y=y("low"), y2="high:Q")
    yield base(points).mark_line(stroke=INK, strokeWidth=1.5, strokeDash=[1, 3]).encode(x=x(), y=y("forecast"))


def _names(track: Track, points: Rows) -> Iterator[alt.Chart]:
    """What each line is, beside it: the forecast only while it has room behind what was spent."""
    if track.due:
        at = max(1, len(track.due) * 3 // 4)  # before whatever stands at the end of the period
        yield name_at_end([{"at": at, "due": float(track.due[at - 1])}], "due", "Budget", DUE, above=False)
    left = track.period.days - points[-1]["at"]
    final = points[: _settled_offset(track) + 1]
    yield name_at_end(final if len(final) > 1 else points, "spent", "Spent", INK, above=True)
    forecast = track.lines.get("forecast", ())
    if left > track.period.days / 5 and forecast and (end := forecast[-1]) is not None:
        yield name_at_end([{"at": len(forecast), "forecast": float(end)}], "forecast", "Forecast", INK, above=True)


def _spent(points: Rows, settled: int) -> Iterator[alt.Chart]:
    final, open_, points = thinned(points[: settled + 1]), thinned(points[settled:]), thinned(points)
    yield base(points).mark_area(fill=INK, fillOpacity=0.12).encode(x=x(), y=y("over"))
    yield base(points).mark_area(fill=OVER, fillOpacity=0.28).encode(x=x(), y=y("over"), y2="spent:Q")
    if len(final) > 1:
        yield base(final).mark_line(stroke=INK, strokeWidth=2.5, strokeCap="round").encode(x=x(), y=y("spent"))
    if len(open_) > 1:
        yield base(open_).mark_line(stroke=INK, strokeWidth=2, strokeDash=[3, 4]).encode(x=x(), y=y("spent"))
    yield base(points[-1:]).mark_point(fill=INK, opacity=1, size=45, filled=True).encode(x=x(), y=y("spent"))
