"""One source, demand series or source of emissions tried without collecting."""

from __future__ import annotations

from collections.abc import Sequence

from finops.app.container import Container
from finops.errors import FinopsError
from finops.model.age import age
from finops.model.wording import count_text
from finops.ports.source import Check


def check_source(parts: Container, name: str) -> Sequence[Check]:
    """What the source says of itself, and the age of what the lake has of it. Never raises."""
    part = parts.sources.get(name) or parts.demand.get(name) or parts.emissions[name]
    try:
        checks = list(part.check())
    except FinopsError as error:
        checks = [Check("reachable", passed=False, detail=str(error))]
    if name in parts.sources:
        checks.extend(_newest(parts, name))
    return checks


def _newest(parts: Container, name: str) -> list[Check]:
    now = parts.clock.now()
    try:
        known = parts.lake.known(name)
    except FinopsError as error:
        return [Check("in the lake", passed=False, detail=str(error))]
    if not known:
        return [Check("in the lake", passed=True, detail="nothing yet; 'finops collect' brings it")]
    rows = sum(period.rows for period in known.values())
    reached = max((p.complete_through for p in known.values() if p.complete_through), default=None)
    until = f"{reached:%Y-%m-%d %H:%M} UTC ({age(reached, now)})" if reached else "an unknown moment"
    usage = parts.sources[name].usage
    detail = (
        f"{count_text(rows, 'row')} in {count_text(len(known), 'billing period')}, through {until}; "
        f"this check made {count_text(usage.requests, 'request')}"
    )
    return [Check("in the lake", passed=True, detail=detail)]
