"""Demand series and emissions: read one by one, written together."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from finops.app.collection.demand_history import with_older_days
from finops.errors import FinopsError, fault_place
from finops.ports.clock import Clock
from finops.ports.emissions import EmissionsSource
from finops.ports.lake import Lake, NewSeries, Run
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


@dataclass(frozen=True, slots=True)
class SeriesRead:
    """A series that was read. ``new``: what is to be written, None if nothing; ``emissions``: into which table."""

    outcome: SeriesCollected
    new: NewSeries | None = None
    emissions: bool = False


def collect_demand(series: DemandSource, lake: Lake, clock: Clock) -> SeriesCollected:
    """Reads and writes one series. Never raises: a failure is an outcome, and the lake keeps the series as it was."""
    return write_series([read_demand(series, lake, clock)], lake, clock)[0]


def collect_emissions(source: EmissionsSource, lake: Lake, clock: Clock) -> SeriesCollected:
    """As ``collect_demand``, into the table of emissions."""
    return write_series([read_emissions(source, lake, clock)], lake, clock)[0]


def read_demand(series: DemandSource, lake: Lake, clock: Clock, *, dry_run: bool = False) -> SeriesRead:
    """Never raises: a failure is an outcome."""

    def read() -> SeriesRead:
        delivery = series.read(lake.demand_digest(series.name))
        if delivery is None:
            return SeriesRead(SeriesCollected(series.name, series.kind, clock.now()))
        frame = with_older_days(delivery, series.name, lake)
        notes = () if frame.height else ("no data: there are column headers but no rows",)
        outcome = SeriesCollected(series.name, series.kind, clock.now(), frame.height, notes=notes)
        new = NewSeries(series.name, frame, delivery.digest, delivery.unit)
        return SeriesRead(outcome, None if dry_run else new)

    return _guarded(series, clock, read)


def read_emissions(source: EmissionsSource, lake: Lake, clock: Clock, *, dry_run: bool = False) -> SeriesRead:
    """Never raises: a failure is an outcome."""

    def read() -> SeriesRead:
        delivery = source.read(lake.emissions_digest(source.name))
        if delivery is None:
            return SeriesRead(SeriesCollected(source.name, source.kind, clock.now()))
        rows = delivery.frame.height
        notes = delivery.notes if rows else (*delivery.notes, "no data: there are column headers but no rows")
        outcome = SeriesCollected(source.name, source.kind, clock.now(), rows, notes=notes)
        new = NewSeries(source.name, delivery.frame, delivery.digest)
        return SeriesRead(outcome, None if dry_run else new, emissions=True)

    return _guarded(source, clock, read)


def write_series(reads: Sequence[SeriesRead], lake: Lake, clock: Clock) -> list[SeriesCollected]:
    """Writes what was read, one commit per table; the outcomes in the order of ``reads``. Never raises."""
    written: dict[bool, tuple[int | None, str, int]] = {}
    for emissions, replace_in in ((False, lake.replace_demand), (True, lake.replace_emissions)):
        new = [read.new for read in reads if read.new is not None and read.emissions is emissions]
        if new:
            written[emissions] = _written(replace_in, new, Run(uuid.uuid4().hex[:12], clock.now()))
    outcomes = []
    for read in reads:
        if read.new is None:
            outcomes.append(read.outcome)
            continue
        version, error, exit_status = written[read.emissions]
        rows = 0 if error else read.outcome.rows
        outcomes.append(
            replace(
                read.outcome, ended_at=clock.now(), rows=rows, version=version, error=error, exit_status=exit_status
            )
        )
    return outcomes


def _written(
    replace_in: Callable[[Sequence[NewSeries], Run], int | None], new: Sequence[NewSeries], run: Run
) -> tuple[int | None, str, int]:
    """The new version, or an error and its exit status."""
    try:
        return replace_in(new, run), "", 0
    except FinopsError as error:
        log.warning("writing failed", names=[one.name for one in new], error=str(error))
        return None, str(error), error.exit_status
    except Exception as error:  # an unforeseen failure of one table must not stop the other
        log.debug("details", exc_info=True)
        return None, _internal(", ".join(one.name for one in new), error), 4


def _guarded(part: DemandSource | EmissionsSource, clock: Clock, read: Callable[[], SeriesRead]) -> SeriesRead:
    try:
        return read()
    except FinopsError as error:
        log.warning("reading failed", name=part.name, kind=part.kind, error=str(error))
        failed = SeriesCollected(part.name, part.kind, clock.now(), error=str(error), exit_status=error.exit_status)
    except Exception as error:  # an unforeseen failure of one series must not stop the others
        log.debug("details", exc_info=True)
        sentence = _internal(part.name, error)
        failed = SeriesCollected(part.name, part.kind, clock.now(), error=sentence, exit_status=4)
    return SeriesRead(failed)


def _internal(name: str, error: Exception) -> str:
    place = fault_place(error)
    log.error("internal error while collecting", name=name, place=place)
    return f"{name}: internal error ({place}). Report it; -vv logs the details"
