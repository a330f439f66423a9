"""Everything that is collected, once and side by side: one slow or broken source does not hold up another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import structlog

from finops.app.collection.collectors import Collectors
from finops.app.collection.series import SeriesCollected, SeriesRead, read_demand, read_emissions, write_series
from finops.app.collection.source import Collected, Progress, collect
from finops.errors import FinopsError
from finops.ports.source import EVERYTHING, Window
from finops.ports.state import CollectionLog

WRITERS = 4
"""Collections that stream rows into the lake at a time: that takes cores and memory.

Asking providers takes neither, so it is not bounded: every source is asked by a thread of its own, and one that answers
slowly, or never, keeps no other waiting.
"""

log = structlog.get_logger("finops.collect")


@dataclass(frozen=True, slots=True)
class CollectedAll:
    sources: tuple[Collected, ...]
    series: tuple[SeriesCollected, ...]

    @property
    def exit_status(self) -> int:
        """The gravest outcome: 0 when all went well."""
        return max([*(c.exit_status for c in self.sources), *(s.exit_status for s in self.series)], default=0)


def collect_all(
    collectors: Collectors,
    names: Sequence[str] = (),
    *,
    window: Window = EVERYTHING,
    dry_run: bool = False,
    progress: Progress = lambda _source, _doing: None,
    done: Callable[[str], None] = lambda _name: None,
) -> CollectedAll:
    """Collects what is named, or everything; records each run, and never raises for one of them."""
    chosen = collectors.names(names)
    lake, clock = collectors.lake, collectors.clock
    writing = threading.Semaphore(WRITERS)

    def one_source(name: str) -> Collected:
        collected = collect(
            collectors.sources[name],
            lake,
            clock,
            invoices=collectors.invoices,
            window=window,
            dry_run=dry_run,
            progress=progress,
            writing=writing,
        )
        recorded = collected if dry_run else _recorded(collectors.log, collected)
        done(name)
        return recorded

    def one_series(name: str) -> SeriesRead:
        if name in collectors.demand:
            progress(name, "reading demand")
            read = read_demand(collectors.demand[name], lake, clock, dry_run=dry_run)
        else:
            progress(name, "reading emissions")
            read = read_emissions(collectors.emissions[name], lake, clock, dry_run=dry_run)
        done(name)
        return read

    with ThreadPoolExecutor(max(1, len(chosen)), thread_name_prefix="collect") as pool:
        sources = [pool.submit(one_source, name) for name in chosen if name in collectors.sources]
        series = [name for name in chosen if name not in collectors.sources]
        first = {name: pool.submit(one_series, name) for name in series if not collectors.is_derived(name)}
        collected = tuple(f.result() for f in sources)
        # what is computed from the bills waits for them
        reading = first | {name: pool.submit(one_series, name) for name in series if collectors.is_derived(name)}
        reads = [reading[name].result() for name in series]
    return CollectedAll(collected, tuple(write_series(reads, lake, clock)))


def _recorded(collections: CollectionLog, collected: Collected) -> Collected:
    """A run that cannot be recorded failed: nobody would know what it cost and how far it reached."""
    try:
        collections.record(collected.run)
    except FinopsError as error:
        log.error("recording the collection failed", source=collected.run.source, error=str(error))
        sentence = f"{collected.run.error}; " if collected.run.error else ""
        run = replace(collected.run, error=f"{sentence}the run could not be recorded: {error}")
        return replace(collected, run=run, exit_status=max(collected.exit_status, error.exit_status))
    return collected
