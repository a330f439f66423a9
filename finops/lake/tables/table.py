"""One Delta table, written by compare-and-swap.

delta-rs takes two pure appends for harmless and lets both in: two writers that bring the same new period would double
it. Every commit here therefore says ``max_commit_retries=0``: it succeeds at exactly the version after the one that was
read, or not at all (put-if-absent of the log entry: link on local disks, conditional put on S3 and ADLS).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.schema import Schema
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions
from obstore.exceptions import NotFoundError

from finops.errors import NotFound
from finops.lake.tables.commit_log import MARK, CommitLog, Mark
from finops.lake.tables.failures import MAPPED, failure, lake_failures, repair
from finops.lake.tables.staging import Stage, StagedFile
from finops.objectstore.location import Location
from finops.ports.clock import Clock

Filters = list[tuple[str, str, Any]]
_Log = frozenset[tuple[str, int, int, int]]
"""Name, inode, size and time of change of each file of a log."""


class LostRace(Exception):
    """Another writer committed first. Nothing was written; read again and decide again."""


class Table:
    """The table ``name`` of a lake. Raises the errors of ``finops.lake.tables.failures``, and ``LostRace``."""

    def __init__(
        self, lake: Location, name: str, *, partition_by: tuple[str, ...], audit: timedelta, clock: Clock
    ) -> None:
        self.name = name
        self.location = lake / name
        self.partition_by = partition_by
        self.log = CommitLog(self.location)
        self._id: str | None = None
        self._newest: tuple[_Log, DeltaTable] | None = None
        self._clock = clock
        self._configuration = _configuration(audit)

    def open(self, version: int | None = None) -> DeltaTable | None:
        """The table as it is now or was at ``version``; None while it does not exist.

        Raises ``NotFound`` when there is no such version.
        """
        log = self._log_files()
        kept = self._newest  # one reference: another thread may put a newer one there
        if log is not None and kept is not None and kept[0] == log and version in {None, kept[1].version()}:
            return kept[1]
        with lake_failures(self.location.uri):
            if self.location.is_local and any(at.is_file() for at in (self.location.path, *self.location.path.parents)):
                raise NotADirectoryError
            try:
                read = self._read(version)
            except TableNotFoundError:
                if version is None:
                    return None
                raise
            except DeltaError as error:
                if version is not None and "version" in str(error).lower():
                    raise NotFound(
                        f"version {version} does not exist",
                        where=self.location.uri,
                        remedy=repair(self.location.uri) or "See finops lake status",
                    ) from error
                raise
            if (own := str(read.metadata().id)) != self._id:
                self.forget()
                self._id = own
            if version is None and log is not None:
                self._newest = (log, read)
            return read

    def _read(self, version: int | None) -> DeltaTable:
        return DeltaTable(self.location.uri, version=version, storage_options=self.location.storage_options())

    def _log_files(self) -> _Log | None:
        """What changes with every commit and every damage of a log on this machine: opening a table reads its whole
        log, and one evaluation opens each table a dozen times. None elsewhere: there, listing takes as long as opening.
        """
        if not self.location.is_local:
            return None
        try:
            with os.scandir(self.location.path / "_delta_log") as entries:
                seen = ((entry.name, entry.stat()) for entry in entries)
                return frozenset((name, at.st_ino, at.st_size, at.st_ctime_ns) for name, at in seen)
        except OSError:
            return None  # opening it says what is wrong

    def forget(self) -> None:
        """Forgets the commits that were read: the table is, or will be, another one under the same name."""
        self.log = CommitLog(self.location)

    def mark(self, version: int) -> Mark:
        """Our own facts of one commit, with ``at``: when it was written."""
        with lake_failures(f"{self.location.uri}, version {version}"):
            return self.log.mark(version)

    def newest_mark(self, version: int, key: str) -> tuple[int, Mark] | None:
        with lake_failures(f"{self.location.uri}, version {version}"):
            return self.log.newest_mark(version, key)

    def commit(
        self,
        read: DeltaTable | None,
        stage: Stage,
        add: Sequence[StagedFile] = (),
        *,
        schema: Schema,
        mark: Mark,
        replacing: Filters | Literal["everything"] | None = None,
        removing: Sequence[RemoveAction] = (),
    ) -> int:
        """Commits right after ``read`` (creates the table where that is None) and returns the new version.

        ``replacing`` removes the files of these partitions; ``removing`` single files. Raises ``LostRace``. Files that
        were committed, or may have been, are released from ``stage``; the others stay the caller's to discard.
        """
        own = read.version() + 1 if read else 0
        try:
            self._write(read, add, schema, {**mark, "stage": stage.id}, replacing, removing)
        except MAPPED as error:
            taken_by = self._stage_of(own, stage, error)
            if taken_by is None:
                raise failure(error, self.location.uri) from error
            if taken_by != stage.id:
                raise LostRace from error
            # the answer got lost on its way back: the commit is ours
        stage.release(file.path for file in add)
        return own

    def _write(
        self,
        read: DeltaTable | None,
        add: Sequence[StagedFile],
        schema: Schema,
        mark: Mark,
        replacing: Filters | Literal["everything"] | None,
        removing: Sequence[RemoveAction],
    ) -> None:
        added = [self._action(file) for file in add]
        if read is None:
            create_table_with_add_actions(
                self.location.uri,
                schema,
                added,
                mode="error",
                partition_by=list(self.partition_by),
                configuration=self._configuration,
                storage_options=self.location.storage_options(),
                commit_properties=self.properties(mark),
            )
            return
        # a transaction moves the table that it is made on to its own version; ``read`` may be in other hands too
        self._read(read.version()).create_write_transaction(
            [*added, *removing],
            "append" if replacing is None else "overwrite",
            schema,
            list(self.partition_by),
            None if replacing == "everything" else replacing,
            commit_properties=self.properties(mark),
            post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
        )

    def _stage_of(self, version: int, stage: Stage, error: Exception) -> str | None:
        """Who wrote ``version``: a stage's id, "" for another writer, None when nobody did."""
        try:
            return str(self.log.read(version).mark.get("stage", ""))
        except (NotFoundError, FileNotFoundError):
            return None
        except MAPPED:
            stage.release()  # nobody knows whether they are live
            raise failure(error, self.location.uri) from error

    def properties(self, mark: Mark) -> CommitProperties:
        """Commit properties that carry ``mark`` and refuse to be rebased on another writer's commit."""
        stamped = {**mark, "written_at": self._clock.now().isoformat()}
        return CommitProperties(custom_metadata={MARK: stamped}, max_commit_retries=0)

    def removals(self, read: DeltaTable, partitions: Sequence[Mapping[str, str]]) -> list[RemoveAction]:
        """The files of these whole partitions, as actions that remove them."""
        now = int(self._clock.now().timestamp() * 1000)
        wanted = {tuple(sorted(partition.items())) for partition in partitions}
        found = []
        for file in files(read):
            partition = {name: file[f"partition.{name}"] for name in self.partition_by}
            if tuple(sorted(partition.items())) in wanted:
                found.append(RemoveAction(file["path"], True, now, file["size_bytes"], dict(partition)))
        return found

    def scan(self, version: int) -> pl.LazyFrame:
        """The rows of one version; a column that is younger than a file is null in it."""
        read = self.open(version)
        with lake_failures(f"{self.location.uri}, version {version}"):
            return pl.scan_delta(read or self.location.uri, storage_options=self.location.storage_options() or None)

    def _action(self, file: StagedFile) -> AddAction:
        now = int(self._clock.now().timestamp() * 1000)
        stats = json.dumps({"numRecords": file.rows, **file.stats})
        return AddAction(file.path, file.size_bytes, dict(file.partition), now, True, stats)


def files(read: DeltaTable) -> list[dict[str, Any]]:
    """Every file of a version: ``path``, ``size_bytes``, ``num_records`` and ``partition.<name>`` (text)."""
    frame = pl.DataFrame(read.get_add_actions(flatten=True))
    keys = [name for name in frame.columns if name.startswith("partition.")]
    texts = [pl.col(key).cast(pl.String) for key in keys]
    wanted = frame.select("path", "size_bytes", "num_records", *texts).sort("path")
    # the log percent-encodes paths; delta-rs does so itself with those of actions
    return [{**file, "path": unquote(file["path"])} for file in wanted.to_dicts()]


def delta_schema(schema: pl.Schema) -> Schema:
    """A polars schema as Delta's."""
    return Schema.from_arrow(pl.DataFrame(schema=schema).to_arrow().schema)


def _configuration(audit: timedelta) -> Mapping[str, str | None]:
    """The log is never truncated behind our back: known digests and history are read from it."""
    kept = f"interval {max(1, audit.days)} days"
    return {
        "delta.enableExpiredLogCleanup": "false",
        "delta.logRetentionDuration": kept,
        "delta.deletedFileRetentionDuration": kept,
    }
