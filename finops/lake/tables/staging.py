"""Rows -> Parquet files in the table's folder, before any version names them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

import polars as pl
from obstore.exceptions import NotFoundError
from polars.io.partition import SinkedPathsCallbackArgs

from finops.errors import FinopsError
from finops.lake.tables.failures import MAPPED, lake_failures
from finops.lake.tables.memory_limits import MemoryLimits
from finops.objectstore.location import Location

ROWS_PER_FILE = 2_000_000
_ROWS_PER_GROUP = 100_000
_FEWEST_ROWS_PER_GROUP = 25_000
# level 1 writes a fifth faster than level 3, and FOCUS rows end within 1 % of its size
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A Parquet file that stands in the table's folder and belongs to no version yet. ``path`` is relative.

    ``stats``: minValues, maxValues and nullCount as Delta's log has them.
    """

    path: str
    partition: Mapping[str, str]
    rows: int
    size_bytes: int
    stats: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """Files that one writer puts aside in ``table``. ``id`` is in their names and in the commit that takes them.

    ``paths``: the files that this writer still has to answer for.
    """

    table: Location
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    paths: list[str] = field(default_factory=list)
    _written: int = 0

    def sink(
        self, rows: pl.LazyFrame, source: str, *, periods: int, budget: MemoryLimits
    ) -> list[tuple[date | None, StagedFile]]:
        """Streams rows (with ``billing_period``) to files by period; each file with its period, None where it is null.

        Memory does not depend on the number of rows. ``periods``: how many are expected. The columns ``source`` and
        ``billing_period`` stay out of the files, as Delta wants its partition columns.
        """
        columns = len(rows.collect_schema())
        per_group = budget.rows_per_group(columns)
        # the engine has one setting for the whole process
        pl.Config.set_streaming_chunk_size(budget.rows_at_once(columns))
        period_of: dict[str, date | None] = {}

        def place(file: pl.FileProviderArgs) -> str:
            period = file.partition_keys.item(0, 0)
            path = f"{folder(source=source, billing_period=str(period))}/{self.id}-{file.index_in_partition}.parquet"
            self.paths.append(path)
            period_of[path] = period
            return path

        sunk: list[SinkedPathsCallbackArgs] = []
        rows.drop("source", strict=False).sink_parquet(
            pl.PartitionBy(
                self.table.uri,
                file_path_provider=place,
                key="billing_period",
                include_key=False,
                max_rows_per_file=ROWS_PER_FILE,
                approximate_bytes_per_file=None,
            ),
            compression="zstd",
            compression_level=_LEVEL,
            # one row group is held for each period that a delivery mixes
            row_group_size=max(min(_FEWEST_ROWS_PER_GROUP, per_group), per_group // max(1, periods // 3)),
            storage_options=self.table.storage_options() or None,
            mkdir=self.table.is_local,
            sinked_paths_callback=sunk.append,
            engine="streaming",
        )
        files = []
        for path in (path for call in sunk for path in call.paths):
            relative = "/".join(str(path.path).replace("\\", "/").split("/")[-3:])
            period = period_of[relative]
            partition = {"source": source, "billing_period": str(period)}
            files.append((period, StagedFile(relative, partition, path.num_rows, path.num_bytes)))
        return sorted(files, key=lambda found: found[1].path)

    def write(self, frame: pl.DataFrame, partition: Mapping[str, str]) -> StagedFile:
        """One frame, without its partition columns, as one file."""
        path = "/".join(part for part in (folder(**partition), f"{self.id}-{self._written}.parquet") if part)
        self._written += 1
        self.paths.append(path)
        target = self.table / path
        frame.drop(list(partition)).write_parquet(
            target.uri,
            compression="zstd",
            row_group_size=_ROWS_PER_GROUP,
            storage_options=target.storage_options() or None,
            mkdir=target.is_local,
        )
        return StagedFile(path, dict(partition), frame.height, self._size(path))

    def release(self, paths: Iterable[str] | None = None) -> None:
        """These files (or all) were committed, or may have been: they are not this writer's to delete any more."""
        released = set(self.paths if paths is None else paths)
        self.paths = [path for path in self.paths if path not in released]

    def discard(self) -> None:
        """Deletes the files that no commit took. What cannot be deleted now is an orphan, which vacuum removes."""
        try:
            store = self.table.store() if self.paths else None
            for path in self.paths:
                with suppress(NotFoundError, FileNotFoundError):
                    store and store.delete(path)
        except (*MAPPED, FinopsError):
            pass  # whatever led here is the error to report
        self.paths = []

    def _size(self, path: str) -> int:
        with lake_failures(f"{self.table.uri}/{path}"):
            return int(self.table.store().head(path)["size"])


def folder(**partition: str) -> str:
    """Hive-style folders, as Spark writes them: some readers take a partition's value from there, not from the log."""
    return "/".join(f"{name}={quote(value, safe='')}" for name, value in partition.items())
