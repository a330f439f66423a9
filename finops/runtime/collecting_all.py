"""Everything that is collected, once and side by side: one slow or broken source does not hold up another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from finops.errors import BadArguments
from finops.ports.source import EVERYTHING, Window
from finops.runtime.collecting import Collected, Progress, collect
from finops.runtime.parts import Parts
from finops.runtime.series_collecting import SeriesCollected, collect_demand, collect_emissions

SIDE_BY_SIDE = 4
"""Collections at a time. They wait for networks more than they compute; the lake's writers stream."""


@dataclass(frozen=True, slots=True)
class CollectedAll:
    sources: tuple[Collected, ...]
    series: tuple[SeriesCollected, ...]

    @property
    def exit_status(self) -> int:
        """The gravest outcome: 0 when all went well."""
        return max([*(c.exit_status for c in self.sources), *(s.exit_status for s in self.series)], default=0)


def named(parts: Parts, names: Sequence[str]) -> list[str]:
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
    parts: Parts,
    names: Sequence[str] = (),
    *,
    window: Window = EVERYTHING,
    dry_run: bool = False,
    progress: Progress = lambda _source, _doing: None,
    done: Callable[[str], None] = lambda _name: None,
) -> CollectedAll:
    """Collects what is named, or everything; records each run, and never raises for one of them."""
    chosen = named(parts, names)

    def one_source(name: str) -> Collected:
        collected = collect(
            parts.sources[name], parts.lake, parts.clock, window=window, dry_run=dry_run, progress=progress
        )
        if not dry_run:
            parts.state.collections.record(collected.run)
        done(name)
        return collected

    def one_series(name: str) -> SeriesCollected:
        lake, clock = parts.lake, parts.clock
        if name in parts.demand:
            collected = collect_demand(parts.demand[name], lake, clock, dry_run=dry_run, progress=progress)
        else:
            collected = collect_emissions(parts.emissions[name], lake, clock, dry_run=dry_run, progress=progress)
        done(name)
        return collected

    with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="collect") as pool:
        sources = [pool.submit(one_source, name) for name in chosen if name in parts.sources]
        series = [name for name in chosen if name not in parts.sources]
        first = {name: pool.submit(one_series, name) for name in series if not parts.is_derived(name)}
        collected = tuple(f.result() for f in sources)
        # what is computed from the bills waits for them
        demand = first | {name: pool.submit(one_series, name) for name in series if parts.is_derived(name)}
        return CollectedAll(collected, tuple(demand[name].result() for name in series))
