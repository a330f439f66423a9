"""What every drawing shares: its colours, its axes, and how it becomes SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt
import vl_convert

from finops.model.period import Period
from finops_exporters.charts.style import GRID, TEXT, TODAY

Rows = Sequence[dict[str, Any]]

_FONT = "system-ui, sans-serif"
_COMPACT = (
    "abs(datum.value) < 1 ? format(datum.value, '.3~r') :"
    " replace(replace(format(datum.value, '~s'), 'G', ' bn'), 'M', ' m')"
)
_PADDING = {"left": 10, "right": 10, "top": 4, "bottom": 4}
"""Fonts of a reader are wider than those that the labels were measured with."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of the plot in pixels, axes not counted. ``labels``: how many days have room below it."""

    width: int
    height: int
    labels: int = 5


MOST_POINTS = 500

CARD = Size(380, 170)
NARROW = Size(330, 210)
WIDE = Size(860, 300, labels=9)


def to_svg(layers: Sequence[alt.Chart], size: Size) -> str:
    """SVG without scripts, links or style attributes; the same bytes for the same layers."""
    chart = alt.layer(*layers).properties(width=size.width, height=size.height)
    styled = chart.configure(font=_FONT, background="transparent", padding=_PADDING).configure_view(strokeWidth=0)
    return vl_convert.vegalite_to_svg(styled.to_dict(), allowed_base_urls=[])


def thinned(rows: Rows) -> Rows:
    """As many points of a line as can be told apart, the first and the last among them: each costs time to draw, and
    a period may last for decades."""
    step = -(-len(rows) // MOST_POINTS)
    return [*rows[:-1:step], rows[-1]] if step > 1 else rows


def base(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]  # altair's generated classes have no types


def unit_label(unit: str) -> alt.Chart:
    """What the amounts of a drawing are counted in, above their axis."""
    drawn: alt.Chart = base([{}]).mark_text(
        text=unit, fill=TEXT, fontSize=12, x=-6, y=-8, align="right", baseline="bottom"
    )
    return drawn


def y(field: str, *, from_zero: bool = True) -> alt.Y:
    """An amount, upward."""
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
    return alt.Y(f"{field}:Q").axis(axis).scale(alt.Scale(zero=from_zero))


def x(period: Period | None = None, size: Size = CARD) -> alt.X:
    """Days of ``period`` from 0 at its start; without a period, on an axis that another layer draws."""
    if period is None:
        return alt.X("at:Q")
    ticks = dict(_ticks(period, size.labels))
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


def name_at_end(rows: Rows, field: str, text: str, colour: str, *, above: bool) -> alt.Chart:
    """The name of a line, beside its last point: no legend has to be read."""
    drawn: alt.Chart = (
        base(rows[-1:])
        .mark_text(text=text, fill=colour, fontSize=12, fontWeight=600, align="right", dx=-4, dy=-12 if above else 15)
        .encode(x=x(), y=y(field, from_zero=False))
    )
    return drawn


def _ticks(period: Period, most: int) -> Iterator[tuple[int, str]]:
    """At most so many days to write below the axis."""
    step = max(1, -(-period.days // most))
    if period.days > 100:
        firsts = [day for day in period if day.day == 1]
        for first in firsts[:: -(-len(firsts) // most)]:
            yield (first - period.start).days, f"{first:%b}"
        return
    step = next((nice for nice in (1, 2, 7, 14, 21) if nice >= step), step)
    for offset in range(0, period.days, step):
        day = period.start + timedelta(days=offset)
        yield offset, f"{day.day} {day:%b}"
