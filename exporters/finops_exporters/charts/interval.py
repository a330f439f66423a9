"""One estimate with its interval, against the threshold that it must not cross."""

from __future__ import annotations

import altair as alt

from finops_exporters.charts.drawing import WIDE, Size, base, to_svg
from finops_exporters.charts.style import GRID, INK, OVER, TEXT, alone

_HEIGHT = 54


@alone
def draw_interval(value: float, low: float, high: float, limit: float | None, size: Size = WIDE) -> str:
    """A point between its bounds; ``limit``: a rule where a verdict begins to fire."""
    ends = [0.0, value, low, high, 1.0, *([limit] if limit is not None else [])]
    axis = alt.Axis(
        title=None, tickCount=6, labelColor=TEXT, labelFontSize=12, gridColor=GRID, domain=False, ticks=False
    )
    reach = max(ends) - min(ends)
    x = alt.X("from:Q").axis(axis).scale(alt.Scale(domain=[min(ends) - reach * 0.03, max(ends) + reach * 0.05]))
    row = [{"from": low, "to": high, "value": value}]
    layers = [
        base(row)
        .mark_rule(stroke=INK, strokeWidth=6, opacity=0.3, strokeCap="round", y=_HEIGHT // 2)
        .encode(x=x, x2="to:Q"),
        base(row).mark_point(fill=INK, opacity=1, size=110, filled=True, y=_HEIGHT // 2).encode(x="value:Q"),
    ]
    if limit is not None:
        at = [{"value": limit}]
        layers += [
            base(at).mark_rule(stroke=OVER, strokeWidth=2, strokeDash=[4, 3]).encode(x="value:Q"),
            base(at).mark_text(text="threshold", fill=OVER, fontSize=12, align="left", dx=5, y=7).encode(x="value:Q"),
        ]
    return to_svg(layers, Size(size.width, _HEIGHT))
