"""One reading of one demand series, or of one source of emissions, into the lake."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from finops.app.collection.demand_history import with_older_days
from finops.app.collection.source import Progress
from finops.app.internal_errors import fault_place
from finops.errors import FinopsError
from finops.ports.clock import Clock
from finops.ports.emissions import EmissionsSource
from finops.ports.lake import Lake, Run
from finops.ports.source import DemandSource

log = structlog.get_logger("finops.series")


@dataclass(frozen=True, slots=True)
class SeriesCollected:
    """What one reading did. ``version``: the new version of its table, None when nothing had to be written."""

    name: str
    kind: str
    ended_at: datetime
    rows: int = 0
    version: int | None = None
    error: str = ""
    exit_status: int = 0
    notes: tuple[str, ...] = ()


def collect_demand(
    series: DemandSource,
    lake: Lake,
    clock: Clock,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _name, _doing: None,
) -> SeriesCollected:
    """Reads once. Never raises: a failure is an outcome, and the series in the lake stays as it was."""

    def read(run: Run) -> SeriesCollected:
        progress(series.name, "reading demand")
        delivery = series.read(lake.demand_digest(series.name))
        if delivery is None or dry_run:
            return SeriesCollected(series.name, series.kind, clock.now(), delivery.frame.height if delivery else 0)
        frame = with_older_days(delivery, series.name, lake)
        version = lake.replace_demand(series.name, frame, delivery.digest, delivery.unit, run)
        return SeriesCollected(series.name, series.kind, clock.now(), frame.height, version)

    return _guarded(series, clock, read)


def collect_emissions(
    source: EmissionsSource,
    lake: Lake,
    clock: Clock,
    *,
    dry_run: bool = False,
    progress: Progress = lambda _name, _doing: None,
) -> SeriesCollected:
    """As ``collect_demand``, into the table of emissions."""

    def read(run: Run) -> SeriesCollected:
        progress(source.name, "reading emissions")
        delivery = source.read(lake.emissions_digest(source.name))
        if delivery is None or dry_run:
            return SeriesCollected(source.name, source.kind, clock.now(), delivery.frame.height if delivery else 0)
        version = lake.replace_emissions(source.name, delivery.frame, delivery.digest, run)
        return SeriesCollected(
            source.name, source.kind, clock.now(), delivery.frame.height, version, notes=delivery.notes
        )

    return _guarded(source, clock, read)


def _guarded(
    part: DemandSource | EmissionsSource, clock: Clock, read: Callable[[Run], SeriesCollected]
) -> SeriesCollected:
    try:
        return read(Run(uuid.uuid4().hex[:12], clock.now()))
    except FinopsError as error:
        log.warning("reading failed", name=part.name, kind=part.kind, error=str(error))
        return SeriesCollected(part.name, part.kind, clock.now(), error=str(error), exit_status=error.exit_status)
    except Exception as error:  # an unforeseen fault of one series must not stop the others
        place = fault_place(error)
        log.error("reading failed on a fault of finops itself", name=part.name, kind=part.kind, fault=place)
        log.debug("details", exc_info=True)
        sentence = f"{part.name}: a fault of finops itself ({place}). Please report it; -vv logs the details"
        return SeriesCollected(part.name, part.kind, clock.now(), error=sentence, exit_status=4)
