"""The jobs that collect: one for each source, demand series and source of emissions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import structlog

from finops.app.collection.all import WRITERS
from finops.app.collection.collectors import Collectors
from finops.app.collection.series import SeriesCollected, SeriesRead, read_demand, read_emissions, write_series
from finops.app.collection.source import collect, given_up
from finops.errors import FinopsError
from finops.model.collection import CollectionOutcome
from finops.model.operations import demand_job, emissions_job, source_job
from finops.service.jobs import Job, Run

log = structlog.get_logger("finops.service")

SOURCE_DEADLINE = timedelta(hours=2)
SERIES_DEADLINE = timedelta(minutes=10)


class CollectionJobs:
    """``intervals``: how often each is collected, by name. ``leads``: only then anything is. ``changed``: called when
    the lake may hold something new."""

    def __init__(
        self,
        collectors: Collectors,
        intervals: Mapping[str, timedelta],
        *,
        leads: Callable[[], bool],
        changed: Callable[[], None],
    ) -> None:
        self._collectors = collectors
        self._intervals = intervals
        self._leads = leads
        self._changed = changed
        self._writing = threading.Semaphore(WRITERS)
        self._collecting: set[str] = set()
        self._paused = False

    @property
    def collecting(self) -> list[str]:
        """Sources that are being collected now."""
        return sorted(self._collecting)

    def pause(self) -> None:
        """Begins no further collection: another configuration is about to go on."""
        self._paused = True

    def is_first(self) -> bool:
        """Before a source's first collection has ended there is nothing to evaluate."""
        return bool(self._collecting) and self._collectors.lake.version().costs is None

    def jobs(self) -> Iterator[Job]:
        collectors = self._collectors
        waits = self._waits()
        for name in collectors.sources:
            yield Job(
                source_job(name),
                partial(self._collect, name),
                self._intervals[name],
                SOURCE_DEADLINE,
                first=waits[name],
                overdue=partial(self._given_up, name),
                jitter=True,
            )
        for name, demand in collectors.demand.items():
            read = partial(read_demand, demand, collectors.lake, collectors.clock)
            yield self._series_job(demand_job(name), name, read)
        for name, emissions in collectors.emissions.items():
            read = partial(read_emissions, emissions, collectors.lake, collectors.clock)
            yield self._series_job(emissions_job(name), name, read)

    def due(self) -> Iterable[str]:
        """Names of the jobs that fell due while nobody led; series always, as nothing records when they were read."""
        yield from (source_job(name) for name, wait in self._waits().items() if not wait)
        yield from map(demand_job, self._collectors.demand)
        yield from map(emissions_job, self._collectors.emissions)

    def _series_job(self, job: str, name: str, read: Callable[[], SeriesRead]) -> Job:
        return Job(job, partial(self._read, read), self._intervals[name], SERIES_DEADLINE, jitter=True)

    def _waits(self) -> dict[str, timedelta]:
        """How long until each source is due, by the wall clock: what a stop made the service miss is due now, and what
        has failed is too. Never longer than its interval, whatever the clock said when it ran last."""
        histories, now = self._collectors.log.sources(), self._collectors.clock.now()
        waits = {}
        for name in self._collectors.sources:
            latest = histories[name].latest if name in histories else None
            if latest is None or latest.outcome is CollectionOutcome.FAILED:
                waits[name] = timedelta()
            else:
                wait = latest.started_at + self._intervals[name] - now
                waits[name] = min(max(wait, timedelta()), self._intervals[name])
        return waits

    def _collect(self, name: str, run: Run) -> bool | None:
        self._collecting.add(name)  # before the look at ``_paused``: whoever pauses then looks at what is collected
        if self._paused or not self._leads():
            self._collecting.discard(name)
            return None
        collectors = self._collectors
        run.when_abandoned(partial(self._collecting.discard, name))
        try:
            collected = collect(
                collectors.sources[name],
                collectors.lake,
                collectors.clock,
                invoices=collectors.invoices,
                writing=self._slot(run),
                check=run.check,
            ).run
            run.check()
            collectors.log.record(collected)
            log.info(
                "collected",
                source=name,
                run=collected.run_id,
                outcome=collected.outcome.value,
                rows=collected.rows,
                seconds=round(collected.duration_seconds, 3),
            )
            return collected.outcome is not CollectionOutcome.FAILED
        finally:
            if not run.is_abandoned:
                self._collecting.discard(name)
                self._derive_demand(run)
                self._changed()

    def _given_up(self, name: str) -> None:
        """The run of a source that has passed its deadline is a failed one, on pages and in metrics too."""
        try:
            self._collectors.log.record(
                given_up(self._collectors.sources[name], self._collectors.clock, after=SOURCE_DEADLINE)
            )
        except FinopsError as error:
            log.error("recording the collection failed", source=name, error=str(error))

    def _derive_demand(self, run: Run) -> None:
        """Series that are computed from the bills follow them, before the next evaluation."""
        collectors = self._collectors
        for name, demand in collectors.demand.items():
            if collectors.is_derived(name):
                self._write(read_demand(demand, collectors.lake, collectors.clock), run)

    def _read(self, read: Callable[[], SeriesRead], run: Run) -> bool | None:
        if not self._leads():
            return None
        collected = self._write(read(), run)
        if collected.version is not None:
            self._changed()
        return not collected.error

    def _write(self, read: SeriesRead, run: Run) -> SeriesCollected:
        run.check()
        [collected] = write_series([read], self._collectors.lake, self._collectors.clock)
        for note in collected.notes:
            log.warning("collected", name=collected.name, kind=collected.kind, note=note)
        return collected

    @contextmanager
    def _slot(self, run: Run) -> Iterator[None]:
        """One of the collections that may write at a time; a run that is given up holds none."""
        while not self._writing.acquire(timeout=1):
            run.check()
        held = threading.Lock()

        def give_back() -> None:
            if held.acquire(blocking=False):
                self._writing.release()

        run.when_abandoned(give_back)
        try:
            yield
        finally:
            give_back()
