"""The days behind a budget as a drawing: what was spent so far against the budget's own line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

import altair as alt
import vl_convert

from finops.model.evaluation import Track
from finops.model.period import Period

WIDTH, HEIGHT = 380, 170
INK, GRID, TEXT = "#1d4f91", "#e4e6ea", "#5a6270"
DUE, OVER, TODAY = "#7a8290", "#b42318", "#a6adb8"
"""The style sheet turns each of these into its counterpart where people prefer dark pages."""

_FONT = "system-ui, sans-serif"
_COMPACT = "replace(replace(format(datum.value, '~s'), 'G', ' bn'), 'M', ' m')"


def draw(track: Track, today: date) -> str | None:
    """SVG without scripts or style attributes; None where there is nothing to draw.

    Cumulative amounts stand at the end of their day. Provisional days are dashed; what lies above the budget's line is
    filled in another colour. A forecast is a dotted line in its cone, from the last settled day on.
    """
    points = list(_points(track))
    if len(points) < 2:
        return None
    layers = [_due(track), *_cone(track), *_spent(points, _settled_offset(track)), *_today(track.period, today)]
    chart = alt.layer(*[layer for layer in layers if layer is not None]).properties(width=WIDTH, height=HEIGHT)
    styled = chart.configure(font=_FONT, background="transparent", padding=2).configure_view(strokeWidth=0)
    return vl_convert.vegalite_to_svg(styled.to_dict(), allowed_base_urls=[])


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


def _base(rows: Sequence[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]  # altair's generated classes have no types


def _y(field: str) -> alt.Y:
    axis = alt.Axis(
        title=None,
        tickCount=4,
        labelExpr=_COMPACT,
        labelColor=TEXT,
        labelFontSize=12,
        gridColor=GRID,
        domain=False,
        ticks=False,
        labelPadding=6,
    )
    return alt.Y(f"{field}:Q").axis(axis)


def _x(period: Period | None = None) -> alt.X:
    if period is None:
        return alt.X("at:Q")
    ticks = dict(_ticks(period))
    labels = " : ".join(f"datum.value === {offset} ? '{text}'" for offset, text in ticks.items()) + " : ''"
    axis = alt.Axis(
        title=None,
        values=list(ticks),
        labelExpr=labels,
        labelColor=TEXT,
        labelFontSize=12,
        grid=False,
        domainColor=GRID,
        ticks=False,
        labelPadding=6,
        labelBound=True,
        labelAlign="left",
    )
    return alt.X("at:Q").axis(axis).scale(alt.Scale(domain=[0, period.days], nice=False))


def _ticks(period: Period) -> Iterator[tuple[int, str]]:
    """At most five days to write below the axis."""
    step = max(1, -(-period.days // 5))
    if period.days > 62:
        firsts = [day for day in period if day.day == 1]
        for first in firsts[:: -(-len(firsts) // 5)]:
            yield (first - period.start).days, f"{first:%b}"
        return
    if 28 <= period.days <= 31:
        step = 7
    for offset in range(0, period.days, step):
        day = period.start + timedelta(days=offset)
        yield offset, f"{day.day} {day:%b}"


def _due(track: Track) -> alt.Chart:
    line = [{"at": 0, "due": 0.0}] + [{"at": at, "due": float(due)} for at, due in enumerate(track.due, start=1)]
    drawn: alt.Chart = _base(line).mark_line(stroke=DUE, strokeWidth=1.5).encode(x=_x(track.period), y=_y("due"))
    return drawn


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
    yield _base(rows).mark_area(fill=INK, fillOpacity=0.16).encode(x=_x(), y=_y("low"), y2="high:Q")
    yield _base(rows).mark_line(stroke=INK, strokeWidth=1.5, strokeDash=[1, 3]).encode(x=_x(), y=_y("forecast"))


def _spent(points: Sequence[dict[str, Any]], settled: int) -> Iterator[alt.Chart]:
    final, open_ = points[: settled + 1], points[settled:]
    yield _base(points).mark_area(fill=INK, fillOpacity=0.12).encode(x=_x(), y=_y("over"))
    yield _base(points).mark_area(fill=OVER, fillOpacity=0.28).encode(x=_x(), y=_y("over"), y2="spent:Q")
    if len(final) > 1:
        yield _base(final).mark_line(stroke=INK, strokeWidth=2.5, strokeCap="round").encode(x=_x(), y=_y("spent"))
    if len(open_) > 1:
        yield _base(open_).mark_line(stroke=INK, strokeWidth=2, strokeDash=[3, 4]).encode(x=_x(), y=_y("spent"))
    yield _base(points[-1:]).mark_point(fill=INK, opacity=1, size=45, filled=True).encode(x=_x(), y=_y("spent"))


def _today(period: Period, today: date) -> Iterator[alt.Chart]:
    if today not in period:
        return
    at = [{"at": (today - period.start).days}]
    yield _base(at).mark_rule(stroke=TODAY, strokeWidth=1).encode(x=_x())
    near_end = at[0]["at"] > period.days * 0.8
    yield (
        _base(at)
        .mark_text(
            text="today",
            fill=TEXT,
            fontSize=12,
            y=0,
            baseline="top",
            align="right" if near_end else "left",
            dx=-5 if near_end else 5,
        )
        .encode(x=_x())
    )
