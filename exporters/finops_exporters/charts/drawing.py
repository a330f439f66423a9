"""What every drawing shares: its colours, its axes, and how it becomes SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt
import vl_convert

from finops.model.period import Period

WIDTH, HEIGHT = 380, 170
INK, GRID, TEXT = "#1d4f91", "#e4e6ea", "#5a6270"
DUE, OVER, TODAY = "#7a8290", "#b42318", "#a6adb8"
"""The style sheet turns each of these into its counterpart where people prefer dark pages."""

Rows = Sequence[dict[str, Any]]

_FONT = "system-ui, sans-serif"
_COMPACT = "replace(replace(format(datum.value, '~s'), 'G', ' bn'), 'M', ' m')"


def to_svg(layers: Sequence[alt.Chart], width: int = WIDTH, height: int = HEIGHT) -> str:
    """SVG without scripts, links or style attributes; the same bytes for the same layers."""
    chart = alt.layer(*layers).properties(width=width, height=height)
    styled = chart.configure(font=_FONT, background="transparent", padding=2).configure_view(strokeWidth=0)
    return vl_convert.vegalite_to_svg(styled.to_dict(), allowed_base_urls=[])


def base(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]  # altair's generated classes have no types


def y(field: str) -> alt.Y:
    """An amount, upward from zero."""
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


def x(period: Period | None = None) -> alt.X:
    """Days of ``period`` from 0 at its start; without a period, on an axis that another layer draws."""
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


def today_mark(period: Period, today: date) -> Iterator[alt.Chart]:
    """A rule where today begins, if it is in the period."""
    if today not in period:
        return
    at = [{"at": (today - period.start).days}]
    yield base(at).mark_rule(stroke=TODAY, strokeWidth=1).encode(x=x())
    near_end = at[0]["at"] > period.days * 0.8
    yield (
        base(at)
        .mark_text(
            text="today",
            fill=TEXT,
            fontSize=12,
            y=0,
            baseline="top",
            align="right" if near_end else "left",
            dx=-5 if near_end else 5,
        )
        .encode(x=x())
    )


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
