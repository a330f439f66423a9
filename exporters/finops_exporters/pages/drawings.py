"""Which drawings stand on the page of a verdict, what they say in words, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from finops.model.evaluation import Track
from finops.model.finding import Finding
from finops_exporters.charts.against_demand import draw_indexed, draw_unit_cost, indexed
from finops_exporters.charts.burn_up import draw as draw_burn_up
from finops_exporters.charts.daily import draw_expected, draw_line, draw_parts
from finops_exporters.charts.drawing import Size
from finops_exporters.charts.explained import draw_explained
from finops_exporters.charts.interval import draw_interval
from finops_exporters.pages import words
from finops_exporters.pages.book import Verdict
from finops_exporters.pages.days_table import burn_up_table, explained_table, indexed_table, lines_table
from finops_exporters.pages.table import Table

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
    found = list(_own(finding, track, today)) if track is not None and track.days else []
    return [*found, *_of_change(finding)]


def _own(finding: Finding, track: Track, today: date) -> Iterator[Drawing]:
    match finding.kind:
        case "Budget":
            yield _burn_up(finding, track, today)
        case "Growth":
            yield from _indexed(finding, track)
            yield from _elasticity(finding)
        case "UnitCost":
            yield from _unit_cost(finding, track)
            yield from _indexed(finding, track)
        case "Anomaly":
            yield from _expected(finding, track, today)
        case "Allocation":
            yield from _parts(track, today, "allocated", "", "Spend with an owner and without, day by day", "no owner")
        case "Commitment":
            yield from _parts(track, today, "used", "unused", "Commitments, used and unused, day by day", "unused")
        case "Carbon":
            yield from _emissions(track, today)


def _burn_up(finding: Finding, track: Track, today: date) -> Drawing:
    spent, limit, forecast = (finding.amount.get(name) for name in ("spent", "limit", "forecast"))
    said = [f"Spent in {words.period(track.period)}"]
    if spent is not None:
        said.append(f": {words.money(spent)} so far")
    if limit is not None:
        said.append(f" of {words.money(limit)}")
    if forecast is not None:
        said.append(f"; {words.money(forecast)} expected by the end")
    legend = (
        "The thick line is what was spent, dashed where it can still change; the thin grey line is the budget. "
        "The dotted line is the forecast, in the range that it stays in 8 times out of 10."
    )
    return Drawing(
        "burn-up",
        "Spent against the budget",
        f"{''.join(said)}.",
        burn_up_table(track),
        lambda size: draw_burn_up(track, today, size),
        legend,
    )


def _indexed(finding: Finding, track: Track) -> Iterator[Drawing]:
    days = indexed(track)
    if len(days) < 7:
        return
    demand, last = words.shown(finding.demand, 40) or "demand", days[-1]
    yield Drawing(
        "indexed",
        f"Cost and {demand}, both 100 at the start",
        f"From {words.period(track.period)}: cost went from 100 to {last.cost:,.0f}, {demand} to {last.demand:,.0f}.",
        indexed_table(track, demand),
        lambda size: draw_indexed(track, demand, size),
        "Means over seven days. While the two lines stay together, cost follows demand.",
    )


def _elasticity(finding: Finding) -> Iterator[Drawing]:
    value, low, high = (finding.measures.get(name) for name in ("elasticity", "elasticity_low", "elasticity_high"))
    if value is None or low is None or high is None:
        return
    limit = finding.limit if finding.measure == "elasticity" else None
    line = f"; the line is {limit:,.2f}" if limit is not None else ""
    yield Drawing(
        "elasticity",
        "Elasticity: growth of cost for 1 % growth of demand",
        f"Elasticity {value:,.2f}, between {low:,.2f} and {high:,.2f} 9 times out of 10{line}.",
        None,
        lambda size: draw_interval(value, low, high, limit, size),
        "The bar is the 90 % interval. A verdict fires when all of the bar is beyond the line, not on the point alone.",
    )


def _unit_cost(finding: Finding, track: Track) -> Iterator[Drawing]:
    if sum(value is not None for value in track.lines.get("unit_cost", ())) < 2:
        return
    now, before = finding.amount.get("unit_cost"), finding.amount.get("unit_cost_before")
    said = f"{words.per_unit(now)} now" if now is not None else "not known"
    told = f", {words.per_unit(before)} in the window before" if before is not None else ""
    yield Drawing(
        "unit-cost",
        "What one unit of demand cost",
        f"Unit cost: {said}{told}.",
        lines_table(
            track,
            {"demand": words.shown(finding.demand, 40) or "Demand", "unit_cost": "Unit cost"},
            lambda value: f"{value:,.6g}" if abs(value) < 1 else f"{value:,.2f}",
        ),
        lambda size: draw_unit_cost(track, before.amount if before is not None else None, size),
        f"Each point is a day, the line its mean over seven, in {finding.currency}.",
    )


def _expected(finding: Finding, track: Track, today: date) -> Iterator[Drawing]:
    if not track.lines.get("expected_high"):
        return
    cost = finding.amount.get("cost")
    told = f" The day judged cost {words.money(cost)}." if cost is not None else ""
    yield Drawing(
        "expected",
        "Each day against what its own past lets expect",
        f"Daily cost in {words.period(track.period)}, over the range expected of each day.{told}",
        lines_table(track, {"expected_low": "Expected from", "expected_high": "to"}),
        lambda size: draw_expected(track, today, size),
        "The band is what each day was expected to cost; a marked day lies above it.",
    )


def _parts(track: Track, today: date, good: str, bad: str, title: str, dark: str) -> Iterator[Drawing]:
    heads = {good: good.capitalize(), **({bad: bad.capitalize()} if bad else {})}
    yield Drawing(
        "parts",
        title,
        f"{title}, {words.period(track.period)}.",
        lines_table(track, heads),
        lambda size: draw_parts(track, today, good, bad, size),
        f"The dark part on top is {dark}.",
    )


def _emissions(track: Track, today: date) -> Iterator[Drawing]:
    if not track.lines.get("emissions"):
        return
    yield Drawing(
        "emissions",
        "Emissions day by day, in grams",
        f"Emissions in {words.period(track.period)}; what a provider says of a month is spread evenly.",
        lines_table(track, {"emissions": "Grams"}),
        lambda size: draw_line(track, today, "emissions", size),
    )


def _of_change(finding: Finding) -> Iterator[Drawing]:
    change = finding.change
    if change is None:
        return
    demand = words.shown(finding.demand, 40) or "demand"
    title = "What demand explains, and what it does not" if change.explained is not None else "From before to now"
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
