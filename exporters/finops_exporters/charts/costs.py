"""What each interval cost, beside what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from finops.model.period import Period
from finops_exporters.charts.drawing import WIDE, Size, base, to_svg, today_mark, unit_label, x, y
from finops_exporters.charts.style import CALM, DEMAND, INK, alone

_BARS = 0.78
"""Of an interval's width; the rest is the gap to its neighbour."""
_MOST_BARS = 1100


@dataclass(frozen=True, slots=True)
class Bar:
    """``amount``, ``compared``: None where they are unknown."""

    span: Period
    amount: Decimal | None
    compared: Decimal | None
    provisional: bool


@alone
def draw_costs(bars: Sequence[Bar], period: Period, today: date, currency: str, size: Size = WIDE) -> str | None:
    """SVG; None without a known amount. Provisional intervals are pale, what they are compared with is a line
    across each."""
    rows = list(_rows(bars[:_MOST_BARS], period))
    if not rows:
        return None
    steps = [row for row in rows if row["before"] is not None]
    layers = [
        base(part).mark_rect(fill=colour).encode(x=x(period, size), x2="to:Q", y=y("top"), y2="zero:Q")
        for part, colour in (
            ([row for row in rows if not row["open"]], INK),
            ([row for row in rows if row["open"]], CALM),
        )
        if part
    ]
    if steps:
        layers.append(base(steps).mark_rule(stroke=DEMAND, strokeWidth=2).encode(x=x(), x2="to:Q", y=y("before")))
    return to_svg([*layers, *today_mark(period, today), unit_label(currency)], size)


def _rows(bars: Sequence[Bar], period: Period) -> Iterator[dict[str, Any]]:
    for bar in bars:
        if bar.amount is None:
            continue
        at = (bar.span.start - period.start).days
        yield {
            "at": at,
            "to": at + bar.span.days * _BARS,
            "zero": 0,
            "top": float(bar.amount),
            "open": bar.provisional,
            "before": float(bar.compared) if bar.compared is not None else None,
        }
