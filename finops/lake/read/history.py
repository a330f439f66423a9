"""Who changed what, newest first, and how big the tables are."""

from __future__ import annotations

from collections.abc import Sequence

from finops.lake.tables.commit_entry import changes
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.retention import oldest_kept
from finops.lake.tables.table import Table, files
from finops.ports.lake import Change, TableStatus

_AT_ONCE = 64


def history(costs: Table, *, limit: int | None) -> Sequence[Change]:
    """Every replacement of a billing period, or the newest ``limit`` of them."""
    read = costs.open()
    found: list[Change] = []
    newest = read.version() if read else -1
    while newest >= 0 and (limit is None or len(found) < limit):
        versions = range(newest, max(-1, newest - _AT_ONCE), -1)
        with lake_failures(costs.location.uri):
            commits = costs.log.read_all(versions)
        for commit in commits:
            if commit is not None and commit.mark:
                found.extend(changes(commit.version, {**commit.mark, "at": commit.at}))
        newest -= _AT_ONCE
    return tuple(found if limit is None else found[:limit])


def status(tables: Sequence[Table]) -> Sequence[TableStatus]:
    """The tables that exist."""
    found = []
    for table in tables:
        read = table.open()
        if read is None:
            continue
        own = files(read)
        with lake_failures(table.location.uri):
            oldest = table.log.read(oldest_kept(table)).at
        found.append(
            TableStatus(
                name=table.name,
                version=read.version(),
                rows=sum(file["num_records"] or 0 for file in own),
                files=len(own),
                size_bytes=sum(file["size_bytes"] for file in own),
                oldest_version_at=oldest,
            )
        )
    return tuple(found)
