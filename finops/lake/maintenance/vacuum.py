"""Deletes files that no version within the time kept needs, and orphans that crashes left.

delta-rs's own vacuum looks at one table at a time and by the machine's clock. Here a version of ``costs`` is kept as
long as a kept version of ``costs_daily`` was made from it, however much later that was committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from obstore.exceptions import NotFoundError

from finops.lake.tables.commit_log import Commit
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.retention import note_oldest, oldest_kept
from finops.lake.tables.table import Table, files
from finops.lake.write.rollup import Rollup
from finops.model.wording import count_text

_MAY_BE_STAGED = timedelta(days=1)
"""A file of this age that no commit names may belong to a writer that is still at work."""


@dataclass(frozen=True, slots=True)
class _Stored:
    path: str
    size_bytes: int
    modified_at: datetime


def vacuum(rollup: Rollup, series: Sequence[Table], *, keep: timedelta, now: datetime) -> list[str]:
    """One sentence a table; ``keep`` counts back from ``now``."""
    cut = now - keep
    daily = _current_at(rollup.daily, cut)
    found = rollup.daily.newest_mark(daily, "costs_version") if daily is not None else None
    named = found[1] if found else {}
    oldest = {
        rollup.daily.name: daily,
        rollup.costs.name: _older(_current_at(rollup.costs, cut), named.get("costs_version", 0)),
        rollup.scopes.name: _older(_current_at(rollup.scopes, cut), named.get("scopes_version", 0)),
        **{table.name: _current_at(table, cut) for table in series},
    }
    return [_vacuumed(table, oldest[table.name], now) for table in (rollup.costs, rollup.scopes, rollup.daily, *series)]


def _older(version: int | None, named: int) -> int | None:
    return None if version is None else min(version, named)


def _current_at(table: Table, moment: datetime) -> int | None:
    """The version that readers saw at ``moment``: the first one where all are younger; None without a table."""
    read = table.open()
    if read is None:
        return None
    current = 0
    with lake_failures(table.location.uri):
        for commit in table.log.read_all(range(read.version() + 1)):
            if commit is not None and commit.at <= moment:
                current = commit.version
    return current


def _vacuumed(table: Table, oldest: int | None, now: datetime) -> str:
    # listed before the log is read: what is committed in between is then known to the log
    stored = _stored(table) if oldest is not None else []
    read = table.open()
    if oldest is None or read is None:
        return f"{table.name}: no such table yet"
    with lake_failures(table.location.uri):
        commits = table.log.read_all(range(read.version() + 1))
    last_needed = _last_needed(table, commits, read.version())
    outdated = [file for file in stored if last_needed.get(file.path, oldest) < oldest]
    orphans = [file for file in stored if file.path not in last_needed and file.modified_at < now - _MAY_BE_STAGED]
    note_oldest(table, max(oldest, oldest_kept(table)))
    _delete(table, [*outdated, *orphans])
    megabytes = sum(file.size_bytes for file in (*outdated, *orphans)) / 1e6
    return (
        f"{table.name}: {count_text(len(outdated), 'file')} of versions before {oldest} and "
        f"{count_text(len(orphans), 'orphan')} removed, "
        f"{megabytes:.1f} MB"
    )


def _last_needed(table: Table, commits: Sequence[Commit | None], newest: int) -> Mapping[str, int]:
    """path -> the last version that has it, for every file that the log knows."""
    found: dict[str, int] = {}
    kept = [commit for commit in commits if commit is not None]
    if kept and kept[0].version > 0:  # somebody cut the log short: what its first version has came from before
        first = table.open(kept[0].version)
        found.update((file["path"], newest) for file in (files(first) if first else ()))
    for commit in kept:
        found.update((change.path, commit.version - 1) for change in commit.removed)
        found.update((change.path, newest) for change in commit.added)
    return found


def _stored(table: Table) -> list[_Stored]:
    """The files of a table; what starts with an underscore is Delta's own."""
    with lake_failures(table.location.uri):
        listed = [file for batch in table.location.store().list() for file in batch]
    return [
        _Stored(file["path"], file["size"], file["last_modified"])
        for file in listed
        if not any(part.startswith(("_", ".")) for part in file["path"].split("/"))
    ]


def _delete(table: Table, found: Sequence[_Stored]) -> None:
    with lake_failures(table.location.uri):
        store = table.location.store()
        for file in found:
            try:
                store.delete(file.path)
            except (NotFoundError, FileNotFoundError):
                continue
