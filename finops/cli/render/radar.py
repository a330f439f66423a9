"""The radar as tables for terminals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from finops.model.radar import Outcome, Radar, RadarGroup
from finops.model.untrusted import one_line
from finops.model.wording import NO_VALUE, change_text, count_text, growth_text

_TITLES = {
    Outcome.BEYOND: "Cost beyond demand",
    Outcome.EXPLAINED: "In step with one series, beyond another",
    Outcome.GROWING: "Cost growth that no demand series tracks",
}


def radar_parts(radar: Radar, columns: Sequence[str], top: int) -> Iterator[RenderableType]:
    """What was compared, a table for each outcome, and what was not judged."""
    level = next(one for one in radar.levels if set(one.columns) == set(columns))
    pairs, series = (
        count_text(level.pairs or 0, "pair"),
        count_text(len(radar.series), "demand series", "demand series"),
    )
    yield Text(
        f"{count_text(level.groups or 0, 'group')} by {', '.join(columns)} against {series}, {pairs} judged; "
        f"{radar.window} compared with the {radar.window.days} days before; "
        f"{radar.currency} a month at the rate of the last four weeks",
    )
    for outcome, title in _TITLES.items():
        found = radar.of_level(columns, outcome)
        if found:
            yield Text(f"\n{title}", style="bold")
            yield _table(found[:top], radar)
            if len(found) > top:
                yield Text(f"{count_text(len(found) - top, 'more row')}; --top {len(found)} lists all", style="dim")
    if not radar.of_level(columns):
        yield Text("\nNo cost outgrew its demand among those judged." if level.pairs else "\nNothing could be judged.")
    yield Text(
        f"\n{count_text(level.in_step or 0, 'group')} outgrew nothing. At most 1 row in 10 is expected to be noise."
    )
    if radar.unjudged:
        yield Text(f"{radar.unjudged_text()}. --format json lists them.", style="yellow")
    others = ["--by " + ",".join(one.columns) for one in radar.levels if set(one.columns) != set(columns)]
    if others:
        yield Text(
            f"Other levels: {', '.join(others)}. A Growth policy of a row: finops radar --policy ID", style="dim"
        )


def _table(found: Sequence[RadarGroup], radar: Radar) -> Table:
    table = Table("Group", "Demand", pad_edge=False)
    for name in ("Cost", "Demand", "Beyond a month", f"By {radar.ahead_to}"):
        table.add_column(name, justify="right")
    for name in ("Since", "Largest driver", "ID"):
        table.add_column(name)
    for one in found:
        lead = one.lead
        driver = one.drivers[0] if one.drivers else None
        table.add_row(
            " · ".join(one_line(value) or NO_VALUE for value in one.group.values()),
            _demand(one),
            growth_text(lead.cost_growth),
            growth_text(lead.demand_growth) if lead.demand else "–",
            change_text(lead.per_month, radar.currency),
            change_text(one.ahead, radar.currency),
            str(lead.since or "gradually"),
            f"{one_line(driver.name or driver.value)} {change_text(driver.change, radar.currency)}" if driver else "–",
            one.id if one.policy else "–",
        )
    return table


def _demand(one: RadarGroup) -> str:
    explained = one.explained_by
    if one.outcome is Outcome.GROWING:
        return one.hint
    others = len(one.pairs) - 1
    if explained is not None:
        return f"{one.lead.demand}; in step with {explained.demand}"
    return f"{one.lead.demand}, and {others} more" if others else one.lead.demand
