"""What each owner cost, beside the month before: the same picture on paper and on a screen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from finops_exporters.charts.alone import alone
from finops_exporters.statement.tables import Row

WIDTH = 560
NOW, BEFORE, TEXT, GRID = "#1d4f91", "#b9c6d8", "#3f4854", "#e4e6ea"

_MOST = 15
_FONT = "system-ui, sans-serif"


@alone
def draw(rows: Sequence[Row], now: str, before: str) -> str | None:
    """SVG of the largest owners' EffectiveCost, ``now`` and ``before`` being the months' names; None without costs."""
    shown = [row for row in rows if row.effective > 0][:_MOST]
    if not shown:
        return None
    bars = [
        {"nth": nth, "month": month, "amount": float(amount)}
        for nth, row in enumerate(shown)
        for month, amount in ((now, row.effective), (before, row.last_month))
        if amount is not None
    ]
    # by number: two owners may read the same
    names = f"{json.dumps([row.name[:40] for row in shown])}[datum.value]"
    colours = alt.Scale(domain=[now, before], range=[NOW, BEFORE])
    chart = (
        alt.Chart(alt.Data(values=bars))  # type: ignore[no-untyped-call]  # altair's generated classes have no types
        .mark_bar(height={"band": 0.9})
        .encode(
            y=alt.Y("nth:O").axis(_axis(grid=False, labelLimit=220, labelExpr=names)),
            yOffset=alt.YOffset("month:N").sort([now, before]),
            x=alt.X("amount:Q").axis(_axis(grid=True, format="~s", tickCount=5)),
            color=alt.Color("month:N").scale(colours).legend(alt.Legend(title=None, orient="top", labelColor=TEXT)),
        )
        .properties(width=WIDTH, height=alt.Step(15))
        .configure(font=_FONT, background="transparent", padding={"left": 30, "right": 8, "top": 2, "bottom": 2})
        .configure_view(strokeWidth=0)
    )
    return vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])


def _axis(**given: Any) -> alt.Axis:
    return alt.Axis(
        title=None,
        labelColor=TEXT,
        labelFontSize=12,
        gridColor=GRID,
        domain=False,
        ticks=False,
        labelPadding=6,
        **given,
    )
