"""Small files become large ones; no row changes, and versions stay paired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deltalake import DeltaTable, WriterProperties
from deltalake.exceptions import CommitFailedError

from finops.errors import LakeConflict
from finops.lake.tables.commit_log import Mark
from finops.lake.tables.failures import ATTEMPTS, lake_failures, pause
from finops.lake.tables.staging import Stage
from finops.lake.tables.table import LostRace, Table
from finops.lake.write.rollup import Rollup

_TARGET_BYTES = 256 * 1024 * 1024
_CARRIED = {
    "costs": ("latest",),
    "scopes": ("dimensions",),
    "costs_daily": ("costs_version", "scopes_version", "dimensions", "dimension_names", "timezone"),
    "demand": ("series",),
    "emissions": ("series",),
    "commitments": ("series", "rows"),
    "invoices": ("series", "rows"),
    "costs_allocated": ("series", "rows", "made_from"),
    "scopes_allocated": ("digest",),
}
"""What a table's newest mark tells readers, and every commit therefore repeats."""


@dataclass(frozen=True, slots=True)
class _Step:
    """``old`` and ``new`` hold the same rows; both None where the table does not exist."""

    said: str
    old: int | None = None
    new: int | None = None


def compact(rollup: Rollup, series: Sequence[Table]) -> list[str]:
    """One sentence a table. Raises ``LakeConflict`` when writers are busier than we are patient."""
    costs = _compacted(rollup.costs, {})
    scopes = _compacted(rollup.scopes, {})
    daily = _compacted(rollup.daily, {"costs_version": costs, "scopes_version": scopes})
    return [step.said for step in (costs, scopes, daily, *(_compacted(table, {}) for table in series))]


def _compacted(table: Table, renamed: Mapping[str, _Step]) -> _Step:
    for attempt in range(ATTEMPTS):
        read = table.open()
        if read is None:
            return _Step(f"{table.name}: no such table yet")
        mark: dict[str, Any] = {"kind": "compact", **_carried(table, read)}
        moved = False
        for key, step in renamed.items():
            if step.new != step.old and mark.get(key) == step.old:
                mark[key], moved = step.new, True
        try:
            removed, added = _optimised(table, read, mark)
            if removed:
                said = f"{table.name}: {removed} files became {added}"
                return _Step(said, read.version(), read.version() + 1)
            if moved:
                table.commit(read, Stage(table.location), schema=read.schema(), mark=mark)
            return _Step(f"{table.name}: nothing to do", read.version(), read.version())
        except LostRace:
            pause(attempt)
    raise LakeConflict(
        f"other writers were faster in {ATTEMPTS} attempts",
        where=table.location.uri,
        remedy="Compact at a quieter time",
    )


def _carried(table: Table, read: DeltaTable) -> dict[str, Any]:
    keys = _CARRIED[table.name]
    found = table.newest_mark(read.version(), keys[0])
    return {key: found[1][key] for key in keys} if found else {}


def _optimised(table: Table, read: DeltaTable, mark: Mark) -> tuple[int, int]:
    """Files removed and added; no commit where there are none. ``read`` itself moves on, so a copy is worked on."""
    with lake_failures(table.location.uri):
        own = DeltaTable(
            table.location.uri, version=read.version(), storage_options=table.location.storage_options() or None
        )
        try:
            metrics = own.optimize.compact(
                target_size=_TARGET_BYTES,
                writer_properties=WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=100_000),
                commit_properties=table.properties(mark),
            )
        except CommitFailedError as error:
            raise LostRace from error
    return metrics["numFilesRemoved"], metrics["numFilesAdded"]
