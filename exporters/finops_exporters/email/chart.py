"""The picture of a notice: the same drawing as on the page of its verdict, as pixels that every mail program shows."""

from __future__ import annotations

from dataclasses import dataclass

import vl_convert

from finops.model.evaluation import Track
from finops.model.finding import Finding
from finops.model.notice import Notice
from finops_exporters import wording
from finops_exporters.charts.against_demand import draw_indexed, draw_unit_cost
from finops_exporters.charts.burn_up import draw as draw_burn_up
from finops_exporters.charts.daily import draw_expected, draw_line, draw_parts
from finops_exporters.charts.drawing import Size
from finops_exporters.email.small_png import small_png

_SIZE = Size(490, 190, labels=6)
_SCALE = 1.5
"""Sharp on most screens, and small: a mail is copied to everybody."""

_TITLES = {
    "Budget": "Spent against the budget; the dotted line is the forecast",
    "Growth": "Cost and demand, both 100 at the start",
    "UnitCost": "What one unit of demand cost, day by day",
    "Anomaly": "Each day against what its own past lets expect",
    "Allocation": "Spend day by day; the red part has no owner",
    "Commitment": "Commitments day by day; the red part is unused",
    "Carbon": "Emissions day by day, in grams",
}
_WITHOUT_MONEY = {"Growth", "Carbon"}


@dataclass(frozen=True, slots=True)
class Chart:
    """``title``: what it shows, for the line above it and for those who cannot see it."""

    title: str
    png: bytes


def chart_of(notice: Notice) -> Chart | None:
    """None where the notice carries no days, or nothing can be drawn of them. Takes a tenth of a second."""
    finding, track = notice.finding, notice.track
    if track is None or not track.days:
        return None
    svg = _svg(finding, track)
    if svg is None:
        return None
    png = vl_convert.svg_to_png(svg.replace("<svg ", '<svg style="background:#ffffff" ', 1), scale=_SCALE)
    unit = "" if finding.kind in _WITHOUT_MONEY else f", in {wording.plain(track.currency)}"
    return Chart(f"{_TITLES[finding.kind]}, {wording.period(track.period)}{unit}", small_png(png))


def _svg(finding: Finding, track: Track) -> str | None:
    today, drawn = finding.as_of.date(), None
    match finding.kind:
        case "Budget":
            drawn = draw_burn_up(track, today, _SIZE)
        case "Growth":
            drawn = draw_indexed(track, wording.plain(finding.demand) or "demand", _SIZE)
        case "UnitCost":
            before = finding.amount.get("unit_cost_before")
            drawn = draw_unit_cost(track, before.amount if before is not None else None, _SIZE)
        case "Anomaly" if track.lines.get("expected_high"):
            drawn = draw_expected(track, today, _SIZE)
        case "Allocation":
            drawn = draw_parts(track, today, "allocated", "", _SIZE)
        case "Commitment":
            drawn = draw_parts(track, today, "used", "unused", _SIZE)
        case "Carbon" if track.lines.get("emissions"):
            drawn = draw_line(track, today, "emissions", _SIZE)
    return drawn
