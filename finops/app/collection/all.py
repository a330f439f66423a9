"""Everything that is collected, once and side by side: one slow or broken source does not hold up another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import structlog

from finops.app.collection.series import SeriesCollected, SeriesRead, read_demand, read_emissions, write_series
from finops.app.collection.source import Collected, Progress, collect
from finops.app.container import Container
from finops.errors import BadArguments, FinopsError
from finops.ports.source import EVERYTHING, Window

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


def named(parts: Container, names: Sequence[str]) -> list[str]:
    """``names``, or everything that is collected. Raises ``BadArguments`` for a name that finops.yaml lacks."""
    known = [*parts.sources, *parts.demand, *parts.emissions]
    for name in names:
        if name not in known:
            raise BadArguments(
                f"no source, demand series or source of emissions is called '{name}'",
                where="SOURCE",
                remedy=f"Known are: {', '.join(sorted(known))}",
            )
    return [name for name in known if not names or name in names]


def collect_all(
    parts: Container,
    names: Sequence[str] = (),
    *,
    window: Window = EVERYTHING,
    dry_run: bool = False,
    progress: Progress = lambda _source, _doing: None,
    done: Callable[[str], None] = lambda _name: None,
) -> CollectedAll:
    """Collects what is named, or everything; records each run, and never raises for one of them."""
    chosen = named(parts, names)
    writing = threading.Semaphore(WRITERS)

    def one_source(name: str) -> Collected:
        collected = collect(
            parts.sources[name],
            parts.lake,
            parts.clock,
            window=window,
            dry_run=dry_run,
            progress=progress,
            writing=writing,
        )
        recorded = collected if dry_run else _recorded(parts, collected)
        done(name)
        return recorded

    def one_series(name: str) -> SeriesRead:
        lake, clock = parts.lake, parts.clock
        if name in parts.demand:
            progress(name, "reading demand")
            read = read_demand(parts.demand[name], lake, clock, dry_run=dry_run)
        else:
            progress(name, "reading emissions")
            read = read_emissions(parts.emissions[name], lake, clock, dry_run=dry_run)
        done(name)
        return read

    with ThreadPoolExecutor(max(1, len(chosen)), thread_name_prefix="collect") as pool:
        sources = [pool.submit(one_source, name) for name in chosen if name in parts.sources]
        series = [name for name in chosen if name not in parts.sources]
        first = {name: pool.submit(one_series, name) for name in series if not parts.is_derived(name)}
        collected = tuple(f.result() for f in sources)
        # what is computed from the bills waits for them
        reading = first | {name: pool.submit(one_series, name) for name in series if parts.is_derived(name)}
        reads = [reading[name].result() for name in series]
    return CollectedAll(collected, tuple(write_series(reads, parts.lake, parts.clock)))


def _recorded(parts: Container, collected: Collected) -> Collected:
    """A run that cannot be recorded failed: nobody would know what it cost and how far it reached."""
    try:
        parts.state.collections.record(collected.run)
    except FinopsError as error:
        log.error("the collection could not be recorded", source=collected.run.source, error=str(error))
        sentence = f"{collected.run.error}; " if collected.run.error else ""
        run = replace(collected.run, error=f"{sentence}the run could not be recorded: {error}")
        return replace(collected, run=run, exit_status=max(collected.exit_status, error.exit_status))
    return collected
