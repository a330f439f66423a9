"""From what it cost before to what it costs now, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import altair as alt

from finops.model.finding import Change
from finops_exporters.charts.drawing import WIDE, Size, base, to_svg
from finops_exporters.charts.style import CALM, DUE, GRID, INK, OVER, TEXT, alone

_CENT = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Step:
    """A bar from ``start`` to ``end``. ``is_level``: the cost itself, not a change of it."""

    name: str
    start: Decimal
    end: Decimal
    is_level: bool = False


def steps(change: Change, demand: str) -> list[Step]:
    """Before, what demand explains and what it does not, now; where no demand is known, volume, price and mix."""
    before, after = change.before_amount, change.after_amount
    if change.explained is not None:
        parts = [(f"more {demand}" if change.explained >= 0 else f"fewer {demand}", change.explained)]
        parts.append(("not explained", change.total - change.explained))
    else:
        named = {"volume": change.volume, "price": change.price, "mix": change.mix, "other": change.other}
        parts = [(name, part) for name, part in named.items() if abs(part) >= _CENT]
    found, level = [Step("before", Decimal(0), before, is_level=True)], before
    for name, part in parts:
        found.append(Step(name, level, level + part))
        level += part
    return [*found, Step("now", Decimal(0), after, is_level=True)]


@alone
def draw_explained(change: Change, demand: str, size: Size = WIDE) -> str:
    """Bars one below the other, in the change's own currency."""
    rows: list[dict[str, Any]] = [
        {
            "name": step.name,
            "from": float(step.start),
            "to": float(step.end),
            "end": float(max(step.start, step.end)),
            "text": f"{step.end:,.0f}" if step.is_level else f"{step.end - step.start:+,.0f}".replace("-", "−"),
            "colour": INK if step.is_level else _colour(step, change),
        }
        for step in steps(change, demand)
    ]
    names = [row["name"] for row in rows]
    axis = alt.Axis(
        title=None, labelColor=TEXT, labelFontSize=12, domainColor=GRID, ticks=False, labelPadding=6, labelLimit=130
    )
    y = alt.Y("name:N").sort(names).axis(axis).scale(alt.Scale(paddingInner=0.35, paddingOuter=0.1))
    top = max(max(row["from"], row["to"]) for row in rows)
    bottom = min(0.0, *(min(row["from"], row["to"]) for row in rows))
    x = alt.X("from:Q").axis(None).scale(alt.Scale(domain=[bottom, top * 1.16 or 1], nice=False))
    layers = [
        base(rows).mark_bar().encode(x=x, x2="to:Q", y=y, color=alt.Color("colour:N").scale(None)),
        base(rows).mark_text(fill=TEXT, fontSize=12, align="left", dx=6).encode(x=alt.X("end:Q"), y=y, text="text:N"),
    ]
    return to_svg(layers, Size(size.width, 30 * len(rows)))


def _colour(step: Step, change: Change) -> str:
    if change.explained is not None and step.name != "not explained":
        return CALM
    return OVER if step.end > step.start else DUE
