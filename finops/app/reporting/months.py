"""Which months a statement can be made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from finops.app.container import Container
from finops.model.period import month_start
from finops.ports.pages import BilledMonth


def billed_months(parts: Container) -> Sequence[BilledMonth]:
    """Every billing month of which a configured source has delivered a bill, the newest first.

    A month is settled so long after its end as ``settling:`` says.
    """
    sources: dict[date, list[str]] = {}
    for name in sorted(parts.sources):
        for period in parts.lake.known(name):
            sources.setdefault(period, []).append(name)
    now = parts.clock.now()
    return [
        BilledMonth(first, tuple(sources[first]), _end(first) + parts.config.settling <= now)
        for first in sorted(sources, reverse=True)
    ]


def _end(first: date) -> datetime:
    return datetime.combine(month_start(first, 1), datetime.min.time(), UTC)
