"""``scopes`` and ``costs_daily`` are brought up to the newest ``costs``.

Two tables cannot be committed at once. So a commit of ``costs_daily`` names the versions of ``costs`` and ``scopes``
that it was made from, and readers take the newest such commit with what it names. Whatever a crash leaves in between,
the same algorithm finishes: every (source, billing period) that changed in ``costs`` since the version named is rolled
up anew. ``scopes`` is committed first, and only grows: a scope too many does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl
from deltalake import DeltaTable

from finops.errors import LakeConflict
from finops.lake.distributed.cells import DistributedCells, Files
from finops.lake.rollup.cell_keys import Lines
from finops.lake.rollup.cells import Cells
from finops.lake.rollup.counted import Counted, Fresh
from finops.lake.rollup.scope_registry import ScopeRegistry
from finops.lake.rollup.slices import Partition, slices
from finops.lake.tables.columns import COSTS_SCHEMA, DAILY_SCHEMA, scopes_schema
from finops.lake.tables.commit_log import Mark
from finops.lake.tables.failures import ATTEMPTS, lake_failures, pause
from finops.lake.tables.measure import MEASURED
from finops.lake.tables.memory_limits import MemoryLimits
from finops.lake.tables.soundness import check_files, check_rows, partition_of, unsound
from finops.lake.tables.staging import Stage, StagedFile
from finops.lake.tables.table import LostRace, Table, delta_schema, files
from finops.model.wording import count_text
from finops.ports.engine import Engine
from finops.ports.lake import DimensionColumns

_CELLS_PER_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Rollup:
    """The three tables of the star, and what makes its dimensions and days."""

    costs: Table
    scopes: Table
    daily: Table
    dimensions: DimensionColumns
    timezone: ZoneInfo
    budget: MemoryLimits
    engine: Engine | None = None

    def counted(self, source: str, types: pl.Schema, present: Sequence[str]) -> Counted:
        """What adds up rows of ``source`` on their way to files; ``types`` and ``present`` as ``Lines`` needs them."""
        mark = self.mark(self.daily.open())
        ours = mark if mark is not None and mark["dimensions"] == self.dimensions.digest else None
        book, _ = self._book(self.scopes.open(), ours)
        lines = Lines(source, self.dimensions, book, self._types(types), present)
        reads = {*Lines.reads(self.dimensions), *Cells.reads(), *MEASURED}
        return Counted(lambda: Cells(lines, self.timezone, self.budget), self.budget, reads)

    def catch_up(self, fresh: Fresh | None = None) -> list[str]:
        """Brings the rollup up; says what it did, nothing when it was up already. Raises ``LakeConflict``.

        Billing periods with a lost or changed file, or with rows that another program added, keep what they had.

        ``fresh``: what a delivery's rows added up to, so that its files need not be read.
        """
        said: list[str] = []
        for attempt in range(ATTEMPTS):
            costs = self.costs.open()
            if costs is None:
                return said
            daily = self.daily.open()
            mark = self.mark(daily)
            partitions, why = self._due(costs, mark)
            if not partitions and not why:
                return said
            left_out = sorted(set(unsound(self.costs, costs)).intersection(partitions))
            partitions = [one for one in partitions if one not in left_out]
            if not partitions and mark is not None and not why and _left_out(mark) >= set(left_out):
                return said
            stage = Stage(self.daily.location)
            try:
                mark_before = None if why else mark
                self._roll_up(costs, daily, partitions, stage, mark=mark_before, fresh=fresh, left_out=left_out)
            except LostRace:
                pause(attempt)
                continue
            finally:
                stage.discard()
            said.append(
                f"rolled up {count_text(len(partitions), 'billing period')} of costs version {costs.version()}{why}"
            )
        raise _busy(self.daily)

    def rebuild(self, progress: Callable[[int, int], None]) -> str:
        """Makes both derived tables from ``costs`` alone; nothing of what they hold is read. Raises ``LakeConflict``,
        ``BrokenStore`` for a lost file of ``costs`` and for rows that another program added.

        ``progress``: (billing periods done, all of them).
        """
        for attempt in range(ATTEMPTS):
            costs = self.costs.open()
            if costs is None:
                return "there are no costs"
            partitions = sorted({partition_of(file) for file in files(costs)})
            check_files(self.costs, costs)
            check_rows(self.costs, costs, partitions)
            stage = Stage(self.daily.location)
            try:
                self._roll_up(costs, self.daily.open(), partitions, stage, mark=None, progress=progress, anew=True)
            except LostRace:
                pause(attempt)
                continue
            finally:
                stage.discard()
            return f"{count_text(len(partitions), 'billing period')} of costs version {costs.version()}"
        raise _busy(self.daily)

    def mark(self, daily: DeltaTable | None) -> Mark | None:
        """The newest mark of ``costs_daily`` that names the versions which it was made from."""
        found = self.daily.newest_mark(daily.version(), "costs_version") if daily else None
        return found[1] if found else None

    def _due(self, costs: DeltaTable, mark: Mark | None) -> tuple[list[Partition], str]:
        """The partitions to roll up, and why it is all of them (or an empty text)."""
        changed: set[Partition] | None = set()
        why = ""
        if mark is None:
            why = ", the first ones"
        elif mark["dimensions"] != self.dimensions.digest:
            why = ", as dimensions have changed"
        elif mark["timezone"] != self.timezone.key:
            why = ", as the time zone has changed"
        else:
            changed = self._changed_since(mark["costs_version"], costs.version())
            why = ", as the log does not tell which of them changed" if changed is None else ""
            changed = changed | _left_out(mark) if changed is not None else None
        return (sorted({partition_of(file) for file in files(costs)}) if why else sorted(changed or ())), why

    def _changed_since(self, old: int, new: int) -> set[Partition] | None:
        """The partitions whose rows changed after version ``old``; None where the log does not tell."""
        changed = set()
        with lake_failures(self.costs.location.uri):
            commits = self.costs.log.read_all(range(old + 1, new + 1))
        for commit in commits:
            if commit is None:
                return None
            for change in (*commit.added, *commit.removed):
                if change.rows_changed and not change.partition:
                    return None
                if change.rows_changed:
                    changed.add((str(change.partition["source"]), str(change.partition["billing_period"])))
        return changed

    def _roll_up(
        self,
        costs: DeltaTable,
        daily: DeltaTable | None,
        partitions: Sequence[Partition],
        stage: Stage,
        mark: Mark | None,
        fresh: Fresh | None = None,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
        anew: bool = False,
        left_out: Sequence[Partition] = (),
    ) -> None:
        """One commit of ``scopes`` where there are new ones, one of ``costs_daily``. ``mark`` None: everything anew.

        ``anew``: the known scopes, too, are of no account. ``left_out``: due, but to be looked at again later.
        """
        scopes = self.scopes.open()
        book, scopes_are_ours = (self._empty_book(), False) if anew else self._book(scopes, mark)
        types = self._types(pl.scan_delta(costs).collect_schema())
        by_partition: dict[Partition, list[tuple[str, int]]] = {partition: [] for partition in partitions}
        for file in files(costs):
            by_partition.get(partition_of(file), []).append((file["path"], file["num_records"] or 0))
        staged, seen = [], set()
        for partition, found in self._cells(by_partition, book, types, fresh):
            if not found.is_empty():
                staged.append(_write(stage, found, partition))
            seen.add(partition)
            progress(len(seen), len(partitions))
        scopes_version = self._commit_scopes(scopes, book, extend=scopes_are_ours)
        new_mark = {
            "kind": "rollup",
            "costs_version": costs.version(),
            "scopes_version": scopes_version,
            "dimensions": self.dimensions.digest,
            "dimension_names": list(self.dimensions.names),
            "timezone": self.timezone.key,
            **({"left_out": [list(one) for one in left_out]} if left_out else {}),
        }
        outdated = [{"source": source, "billing_period": period} for source, period in partitions]
        self.daily.commit(
            daily,
            stage,
            staged,
            schema=delta_schema(DAILY_SCHEMA),
            mark=new_mark,
            replacing=None if mark else "everything",
            removing=self.daily.removals(daily, outdated) if mark and daily else (),
        )

    def _cells(
        self, found: Mapping[Partition, Files], book: ScopeRegistry, types: pl.Schema, fresh: Fresh | None
    ) -> Iterator[tuple[Partition, pl.DataFrame]]:
        """Each partition's cells: those of a delivery that is still in memory, else its files are read."""
        left: dict[Partition, Files] = {}
        for partition, own in found.items():
            cells = fresh.of(*partition, frozenset(path for path, _ in own)) if fresh else None
            if cells is None:
                left[partition] = own
            else:
                book.learn(cells.scopes())
                yield from ((partition, some) for some in _files_of(cells))
        if self.engine is not None:
            elsewhere = DistributedCells(
                self.engine, self.costs.location, types, self.dimensions, self.timezone, self.budget
            )
            yield from elsewhere.of(left, book)
            return
        for partition, own in left.items():
            cells = Cells(Lines(partition[0], self.dimensions, book, types, types.names()), self.timezone, self.budget)
            for rows in slices(self.costs.location, partition, [path for path, _ in own], types, self.dimensions):
                cells.add(rows)
            yield from ((partition, some) for some in _files_of(cells))

    def _book(self, scopes: DeltaTable | None, mark: Mark | None) -> tuple[ScopeRegistry, bool]:
        """The known scopes, and whether the newest version of ``scopes`` holds them (so that it can be added to)."""
        schema = scopes_schema(self.dimensions.names)
        newest = self.scopes.newest_mark(scopes.version(), "dimensions") if scopes else None
        ours = newest is not None and newest[1]["dimensions"] == self.dimensions.digest
        version = scopes.version() if ours and scopes else mark["scopes_version"] if mark else None
        known = pl.DataFrame(schema=schema)
        read = self.scopes.open(version) if version is not None else None
        if version is not None and read is not None:
            check_files(self.scopes, read)
            with lake_failures(self.scopes.location.uri):
                known = self.scopes.scan(version).select(schema.names()).collect()
        return ScopeRegistry(known, self.dimensions.names, self.scopes.location.uri), ours

    def _empty_book(self) -> ScopeRegistry:
        names = self.dimensions.names
        return ScopeRegistry(pl.DataFrame(schema=scopes_schema(names)), names, self.scopes.location.uri)

    def _commit_scopes(self, scopes: DeltaTable | None, book: ScopeRegistry, *, extend: bool) -> int:
        """The version of ``scopes`` that holds the whole book."""
        rows = book.new() if extend else book.all()
        if extend and rows.is_empty() and scopes is not None:
            return scopes.version()
        stage = Stage(self.scopes.location)
        try:
            with lake_failures(self.scopes.location.uri):
                file = stage.write(rows, {})
            return self.scopes.commit(
                scopes,
                stage,
                [file],
                schema=delta_schema(rows.schema),
                mark={"kind": "scopes", "dimensions": self.dimensions.digest},
                replacing=None if extend else "everything",
            )
        finally:
            stage.discard()

    def _types(self, of_table: pl.Schema) -> pl.Schema:
        """Every column that is read, so that one which is younger than a file is null in its own type."""
        own = {name: of_table.get(name, pl.String()) for name in self.dimensions.required_columns}
        return pl.Schema({**own, **COSTS_SCHEMA})


def _left_out(mark: Mark) -> set[Partition]:
    return {(source, period) for source, period in mark.get("left_out", ())}


def _busy(table: Table) -> LakeConflict:
    return LakeConflict(
        f"other writers were faster in {ATTEMPTS} attempts",
        where=table.location.uri,
        remedy="The next run, or a start of the service, brings the rollup up",
    )


def _files_of(cells: Cells) -> Iterator[pl.DataFrame]:
    """The cells of each file: most billing periods have one file, none is larger than memory allows."""
    waiting: list[pl.DataFrame] = []
    for found in cells.results():
        waiting.append(found)
        if sum(part.height for part in waiting) >= _CELLS_PER_FILE:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)


def _write(stage: Stage, cells: pl.DataFrame, partition: Partition) -> StagedFile:
    source, period = partition
    whole = cells.with_columns(source=pl.lit(source), billing_period=pl.lit(date.fromisoformat(period)))
    with lake_failures(stage.table.uri):
        return stage.write(whole.select(DAILY_SCHEMA.names()), {"source": source, "billing_period": period})
