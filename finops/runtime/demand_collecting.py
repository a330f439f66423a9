"""One reading of one demand series into the lake."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import structlog

from finops.errors import FinopsError
from finops.ports.clock import Clock
from finops.ports.lake import Lake, Run
from finops.ports.source import DemandSource
from finops.runtime.collecting import Progress
from finops.runtime.demand_history import with_older_days
from finops.runtime.faults import fault_place

log = structlog.get_logger("finops.demand")


@dataclass(frozen=True, slots=True)
class DemandCollected:
    """What one reading did. ``version``: the new version of ``demand``, None when nothing had to be written."""

    name: str
    kind: str
    ended_at: datetime
    days: int = 0
    version: int | None = None
    error: str = ""
    exit_status: int = 0


def collect_demand(
    series: DemandSource,
    lake: Lake,
    clock: Clock,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _name, _doing: None,
) -> DemandCollected:
    """Reads once. Never raises: a failure is an outcome, and the series in the lake stays as it was."""
    run = Run(uuid.uuid4().hex[:12], clock.now())
    try:
        progress(series.name, "reading demand")
        delivery = series.read(lake.demand_digest(series.name))
        if delivery is None or dry_run:
            days = delivery.frame["day"].n_unique() if delivery else 0
            return DemandCollected(series.name, series.kind, clock.now(), days)
        frame = with_older_days(delivery, series.name, lake)
        version = lake.replace_demand(series.name, frame, delivery.digest, delivery.unit, run)
        return DemandCollected(series.name, series.kind, clock.now(), frame["day"].n_unique(), version)
    except FinopsError as error:
        log.warning("reading demand failed", demand=series.name, error=str(error))
        return DemandCollected(series.name, series.kind, clock.now(), error=str(error), exit_status=error.exit_status)
    except Exception as error:  # an unforeseen fault of one series must not stop the others
        place = fault_place(error)
        log.error("reading demand failed on a fault of finops itself", demand=series.name, fault=place)
        log.debug("details", exc_info=True)
        sentence = f"{series.name}: a fault of finops itself ({place}). Please report it; -vv logs the details"
        return DemandCollected(series.name, series.kind, clock.now(), error=sentence, exit_status=4)
