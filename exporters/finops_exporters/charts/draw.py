"""The drawing that a kind declares of a finding and the days behind it."""

from __future__ import annotations

from datetime import date

from finops.model.evaluation import Track
from finops.model.finding import Finding
from finops.model.kind_profile import Chart, ChartType
from finops_exporters.charts.against_demand import draw_indexed, draw_level, indexed
from finops_exporters.charts.burn_up import draw as draw_burn_up
from finops_exporters.charts.daily import draw_expected, draw_line, draw_parts
from finops_exporters.charts.drawing import WIDE, Size
from finops_exporters.charts.interval import draw_interval

_FEWEST_DAYS = 7
_FEWEST_LINES = {ChartType.LEVEL: 1, ChartType.DAILY: 1, ChartType.PARTS: 2}
"""That a kind has to name."""


def can_draw(chart: Chart, finding: Finding, track: Track) -> bool:
    """Whether the days and numbers are there that the chart shows; quick."""
    there = len(chart.lines) >= _FEWEST_LINES.get(chart.type, 0)
    if not there or not track.days:
        return False
    match chart.type:
        case ChartType.INDEXED:
            there = len(indexed(track)) >= _FEWEST_DAYS
        case ChartType.INTERVAL:
            there = None not in _interval(chart, finding)
        case ChartType.LEVEL:
            there = sum(value is not None for value in track.lines.get(chart.lines[-1][0], ())) > 1
        case ChartType.RANGE:
            there = bool(track.lines.get("expected_high"))
        case ChartType.DAILY:
            there = bool(track.lines.get(chart.lines[0][0]))
    return there


def draw_chart(
    chart: Chart, finding: Finding, track: Track, today: date, size: Size = WIDE, *, demand: str
) -> str | None:
    """SVG; None where there is too little to draw. ``demand``: the name of the series. Takes a tenth of a second."""
    if not can_draw(chart, finding, track):
        return None
    names = [name for name, _ in chart.lines]
    drawn: str | None = None
    match chart.type:
        case ChartType.BURN_UP:
            drawn = draw_burn_up(track, today, size)
        case ChartType.INDEXED:
            drawn = draw_indexed(track, demand, size)
        case ChartType.INTERVAL:
            value, low, high = _interval(chart, finding)
            if value is not None and low is not None and high is not None:
                drawn = draw_interval(value, low, high, threshold_of(chart, finding), size)
        case ChartType.LEVEL:
            before = finding.amount.get(chart.value)
            drawn = draw_level(track, names[-1], before.amount if before is not None else None, size)
        case ChartType.RANGE:
            drawn = draw_expected(track, today, size)
        case ChartType.PARTS:
            drawn = draw_parts(track, today, names[0], names[1], size)
        case ChartType.DAILY:
            drawn = draw_line(track, today, names[0], size)
    return drawn


def threshold_of(chart: Chart, finding: Finding) -> float | None:
    """Of the measure of an interval, where the verdict is about it."""
    return finding.limit if finding.measure == chart.value else None


def _interval(chart: Chart, finding: Finding) -> tuple[float | None, float | None, float | None]:
    middle, low, high = (finding.measures.get(f"{chart.value}{end}") for end in ("", "_low", "_high"))
    return middle, low, high
