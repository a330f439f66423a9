"""One source, demand series or source of emissions tried without collecting."""

from __future__ import annotations

from collections.abc import Sequence

from finops.app.collection.collectors import Collectors
from finops.errors import FinopsError
from finops.model.age import age
from finops.model.completeness import reach
from finops.model.wording import count_text
from finops.ports.source import Check


def check_source(collectors: Collectors, name: str) -> Sequence[Check]:
    """What the source says of itself, and the age of what the lake has of it. Never raises."""
    part = collectors.sources.get(name) or collectors.demand.get(name) or collectors.emissions[name]
    try:
        checks = list(part.check())
    except FinopsError as error:
        checks = [Check("reachable", passed=False, detail=str(error))]
    if name in collectors.sources:
        checks.extend(_newest(collectors, name))
    return checks


def _newest(collectors: Collectors, name: str) -> list[Check]:
    now = collectors.clock.now()
    try:
        known = collectors.lake.known(name)
    except FinopsError as error:
        return [Check("in the lake", passed=False, detail=str(error))]
    if not known:
        return [Check("in the lake", passed=True, detail="nothing yet; run 'finops collect'")]
    rows = sum(period.rows for period in known.values())
    reached = reach(period.completeness for period in known.values())
    until = f"{reached.through:%Y-%m-%d %H:%M} UTC ({age(reached.through, now)})" if reached.through else "no usage"
    held_up = "".join(f"; {name} reaches {moment:%Y-%m-%d}" for name, moment in reached.late.items())
    held_up += f"; the others reach {reached.on_time_through:%Y-%m-%d}" if reached.on_time_through else ""
    usage = collectors.sources[name].usage
    detail = (
        f"{count_text(rows, 'row')} in {count_text(len(known), 'billing period')}, through {until}{held_up}; "
        f"this check made {count_text(usage.requests, 'request')}"
    )
    return [Check("in the lake", passed=True, detail=detail)]
