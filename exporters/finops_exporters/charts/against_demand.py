"""Cost and demand on one chart, both 100 where it begins; and what a unit of demand cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import altair as alt

from finops.model.evaluation import Track
from finops_exporters.charts.drawing import WIDE, Size, base, name_at_end, to_svg, x, y
from finops_exporters.charts.style import DEMAND, DUE, INK, alone

_WEEK = 7
_CALM_RANGE = (85.0, 115.0)
"""Always on the axis of indexed lines, so that a move of two points does not look like a climb."""


@dataclass(frozen=True, slots=True)
class IndexedDay:
    """Means of the seven days that end at ``offset`` of the period, 100 at the first of them."""

    offset: int
    cost: float
    demand: float


def indexed(track: Track) -> list[IndexedDay]:
    """Days on which both are known are counted; a mean over seven days takes the rhythm of the week out."""
    demand = track.lines.get("demand", ())
    pairs = [
        (offset, cost, served)
        for day, cost in zip(track.days, track.spent, strict=True)
        if (offset := (day - track.period.start).days) < len(demand) and (served := demand[offset]) is not None
    ]
    costs, demands = _means([pair[1] for pair in pairs]), _means([pair[2] for pair in pairs])
    if not costs or costs[0] <= 0 or demands[0] <= 0:
        return []
    return [
        IndexedDay(offset, float(cost / costs[0] * 100), float(served / demands[0] * 100))
        for (offset, _, _), cost, served in zip(pairs[_WEEK - 1 :], costs, demands, strict=True)
    ]


@alone
def draw_indexed(track: Track, demand: str, size: Size = WIDE) -> str | None:
    """SVG; None where fewer than two weeks are known. ``demand``: the name of the series, for its line."""
    days = indexed(track)
    if len(days) < _WEEK:
        return None
    rows = [{"at": day.offset + 1, "cost": day.cost, "demand": day.demand, "start": 100} for day in days]
    first = {**rows[0], "at": 0}
    ends = [*_CALM_RANGE, *(row["cost"] for row in rows), *(row["demand"] for row in rows)]
    scale = alt.Scale(zero=False, domain=[min(ends), max(ends)])
    last = rows[-1]
    cost_above = last["cost"] >= last["demand"]
    layers = [
        base([first, last])
        .mark_line(stroke=DUE, strokeWidth=1, strokeDash=[2, 3])
        .encode(x=x(track.period, size), y=y("start").scale(scale)),
        base(rows).mark_line(stroke=DEMAND, strokeWidth=2, strokeDash=[6, 3]).encode(x=x(), y=y("demand").scale(scale)),
        base(rows).mark_line(stroke=INK, strokeWidth=2.5).encode(x=x(), y=y("cost").scale(scale)),
        name_at_end(rows, "cost", "cost", INK, above=cost_above),
        name_at_end(rows, "demand", demand, DEMAND, above=not cost_above),
    ]
    return to_svg(layers, size)


@alone
def draw_level(track: Track, line: str, before: Decimal | None, size: Size = WIDE) -> str | None:
    """A line by day, its mean over seven days, and its level in the window ``before``.

    None where it is known on no two days.
    """
    values = [(at, value) for at, value in enumerate(track.lines.get(line, ())) if value is not None]
    if len(values) < 2:
        return None
    rows = [{"at": at + 0.5, "unit": float(value)} for at, value in values]
    means = _means([value for _, value in values])
    smooth = [{"at": at + 0.5, "unit": float(mean)} for (at, _), mean in zip(values[_WEEK - 1 :], means, strict=False)]
    layers = [
        base(rows).mark_point(fill=INK, opacity=0.45, size=22, filled=True).encode(x=x(track.period, size), y=y("unit"))
    ]
    if before is not None:
        level = [{"at": 0, "unit": float(before)}, {"at": track.period.days, "unit": float(before)}]
        layers += [
            base(level).mark_line(stroke=DUE, strokeWidth=1.5, strokeDash=[2, 3]).encode(x=x(), y=y("unit")),
            name_at_end(level, "unit", "the previous window", DUE, above=False),
        ]
    if len(smooth) > 1:
        layers.append(base(smooth).mark_line(stroke=INK, strokeWidth=2.5).encode(x=x(), y=y("unit")))
    return to_svg(layers, size)


def _means(values: Sequence[Decimal]) -> list[Decimal]:
    """Of each seven values in a row."""
    return [sum(values[end - _WEEK : end], Decimal(0)) / _WEEK for end in range(_WEEK, len(values) + 1)]
