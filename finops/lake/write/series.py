"""Tables of whole series (``demand``, ``emissions``, records): replaced by name, any number in one commit."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from finops.errors import LakeConflict
from finops.lake.tables.commit_log import Mark
from finops.lake.tables.failures import ATTEMPTS, lake_failures, pause
from finops.lake.tables.soundness import lost_series, place_of, series_rows
from finops.lake.tables.staging import Stage, StagedFile
from finops.lake.tables.table import LostRace, Table, delta_schema
from finops.ports.lake import Run


@dataclass(frozen=True, slots=True)
class StagedSeries:
    """``rows``: of the table's schema, with the values of ``partition`` in every row; by default ``name`` alone.
    ``always``: it is written even where its digest is known."""

    name: str
    rows: pl.DataFrame
    digest: str
    partition: Mapping[str, str] = field(default_factory=dict)
    always: bool = False

    @property
    def place(self) -> Mapping[str, str]:
        return self.partition or {"name": self.name}


def series_digests(table: Table, version: int) -> Mark:
    """series -> digest, at ``version``."""
    found = table.newest_mark(version, "series")
    return found[1]["series"] if found else {}


class SeriesWriter:
    """Writes one table of series for all threads of a process.

    Threads that write at the same time share a commit instead of racing each other: whoever gets the turn commits
    everything that is waiting.
    """

    def __init__(self, table: Table, schema: pl.Schema) -> None:
        self._table = table
        self._schema = schema
        self._turn = threading.Lock()
        self._queue = threading.Lock()
        self._waiting: list[tuple[Mapping[str, StagedSeries], Run, Future[int | None]]] = []

    def replace(self, series: Sequence[StagedSeries], run: Run) -> int | None:
        """Replaces ``series`` in one commit.

        Returns the new version, None if all digests are known already. Raises ``LakeConflict`` after too many races
        lost to other processes.
        """
        written: Future[int | None] = Future()
        with self._queue:
            self._waiting.append(({one.name: one for one in series}, run, written))
        with self._turn:
            if not written.done():
                self._commit_waiting()
        return written.result()

    def _commit_waiting(self) -> None:
        with self._queue:
            taken, self._waiting = self._waiting, []
        series = {name: one for some, _, _ in taken for name, one in some.items()}
        try:
            version = replace_series(self._table, self._schema, series, taken[0][1])
        except BaseException as error:  # noqa: BLE001 - every waiting thread raises it
            for _, _, written in taken:
                written.set_exception(error)
        else:
            for _, _, written in taken:
                written.set_result(version)


def replace_series(
    table: Table, schema: pl.Schema, series: Mapping[str, StagedSeries], run: Run, facts: Mark | None = None
) -> int | None:
    """Replaces ``series`` (by name) in one commit, with ``facts`` in its mark. See ``SeriesWriter.replace``."""
    stage = Stage(table.location)
    staged: dict[str, StagedFile] = {}
    try:
        for attempt in range(ATTEMPTS):
            read = table.open()
            known = series_digests(table, read.version()) if read else {}
            lost = lost_series(table, read) if read else set()
            changed = {
                name: one for name, one in series.items() if one.always or known.get(name) != one.digest or name in lost
            }
            if not changed:
                return None
            with lake_failures(table.location.uri):
                for name, one in changed.items():
                    if name not in staged and not one.rows.is_empty():
                        staged[name] = stage.write(one.rows, one.place)
            mark: dict[str, Any] = {
                **(facts or {}),
                "kind": table.name,
                "run": run.id,
                "started_at": run.started_at.isoformat(),
                "names": sorted(changed),
                "series": {**known, **{name: one.digest for name, one in changed.items()}},
                "rows": {
                    **series_rows(table, read),
                    **{place_of(one.place): one.rows.height for one in changed.values()},
                },
            }
            try:
                return table.commit(
                    read,
                    stage,
                    [staged[name] for name in changed if name in staged],
                    schema=delta_schema(schema),
                    mark=mark,
                    removing=table.removals(read, [one.place for one in changed.values()]) if read else (),
                )
            except LostRace:
                pause(attempt)
    finally:
        stage.discard()
    raise LakeConflict(
        f"other writers were faster in {ATTEMPTS} attempts", where=table.location.uri, remedy="Collect again in a while"
    )
