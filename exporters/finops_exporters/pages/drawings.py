"""Which drawings stand on the page of a verdict, what they say in words, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finops.model.evaluation import Track
from finops.model.finding import Finding
from finops.model.kind_profile import Chart, ChartType, fill
from finops_exporters import words
from finops_exporters.charts.against_demand import indexed
from finops_exporters.charts.draw import can_draw, draw_chart, threshold_of
from finops_exporters.charts.drawing import Size
from finops_exporters.charts.explained import draw_explained
from finops_exporters.figures import told
from finops_exporters.pages.snapshot_index import Verdict
from finops_exporters.pages.tables import Table, burn_up_table, explained_table, indexed_table, lines_table

Draw = Callable[[Size], str | None]


@dataclass(frozen=True, slots=True)
class Drawing:
    """``text``: what it says, for those who cannot see it. ``draw``: the slow part, at a size."""

    name: str
    title: str
    text: str
    table: Table | None
    draw: Draw
    legend: str = ""


def drawings_of(verdict: Verdict, today: date) -> list[Drawing]:
    """In the order in which they are read; empty where no day is known."""
    finding, track = verdict.finding, verdict.track
    own = [_drawing(chart, verdict, track, today) for chart in charts_of(verdict)] if track is not None else []
    return [*own, *_of_change(finding)]


def charts_of(verdict: Verdict) -> list[Chart]:
    """Those of the kind that there is something to draw of."""
    finding, track = verdict.finding, verdict.track
    if track is None:
        return []
    return [chart for chart in verdict.profile.charts if can_draw(chart, finding, track)]


def _drawing(chart: Chart, verdict: Verdict, track: Track, today: date) -> Drawing:
    finding = verdict.finding
    value = told(finding, verdict.profile)
    demand = value("demand") or ""
    title = fill(chart.title, value)
    return Drawing(
        chart.name,
        title,
        fill(chart.text, value) or _text(chart, finding, track, title, demand),
        _table(chart, track, demand),
        lambda size: draw_chart(chart, finding, track, today, size, demand=demand),
        fill(chart.legend, value),
    )


def _text(chart: Chart, finding: Finding, track: Track, title: str, demand: str) -> str:
    """What the numbers of a chart say, where the kind has no words for them."""
    if chart.type is ChartType.INDEXED:
        last = indexed(track)[-1]
        return (
            f"{words.period(track.period)}: cost index 100 → {last.cost:,.0f}, {demand} index 100 → {last.demand:,.0f}."
        )
    if chart.type is ChartType.INTERVAL:
        value, low, high = (finding.measures[f"{chart.value}{end}"] for end in ("", "_low", "_high"))
        limit = threshold_of(chart, finding)
        threshold = f"; the threshold is {limit:,.2f}" if limit is not None else ""
        name = chart.value.replace("_", " ").capitalize()
        return f"{name} {value:,.2f}, between {low:,.2f} and {high:,.2f} 9 times out of 10{threshold}."
    return f"{title}, {words.period(track.period)}."


def _table(chart: Chart, track: Track, demand: str) -> Table | None:
    match chart.type:
        case ChartType.BURN_UP:
            return burn_up_table(track)
        case ChartType.INDEXED:
            return indexed_table(track, demand)
        case ChartType.INTERVAL:
            return None
        case _:
            heads = {name: fill(head, {"demand": demand}.get) for name, head in chart.lines if name}
            return lines_table(track, heads, _fine if chart.type is ChartType.LEVEL else None)


def _fine(value: Decimal) -> str:
    return f"{value:,.6g}" if abs(value) < 1 else f"{value:,.2f}"


def _of_change(finding: Finding) -> Iterator[Drawing]:
    change = finding.change
    if change is None:
        return
    demand = words.shown(finding.demand, 40) or "demand"
    title = "Explained and unexplained growth" if change.explained is not None else "Previous to current period"
    total = words.signed_money_of(change.total, finding.currency)
    explained = (
        f" Growth of {demand} explains {words.signed_money_of(change.explained, finding.currency)} of it."
        if change.explained is not None
        else ""
    )
    yield Drawing(
        "explained",
        title,
        f"The cost changed by {total}.{explained}",
        explained_table(change, demand, finding.currency),
        lambda size: draw_explained(change, demand, size),
    )
