"""Whether a table's files are those that its log and its commits name: told before anything reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deltalake import DeltaTable

from finops.errors import BrokenStore
from finops.lake.tables.failures import lake_failures, repair
from finops.lake.tables.ledger import known_periods, latest
from finops.lake.tables.table import Table, files
from finops.model.wording import count_text

Partition = tuple[str, str]
"""source, billing period (ISO date)."""


def check_files(table: Table, read: DeltaTable) -> None:
    """Raises ``BrokenStore`` for the first file of a version that is lost, or has another size than the log says.

    One listing; nothing is read. polars stops the whole process over some truncated files, so this comes first.
    """
    named = files(read)
    with lake_failures(table.location.uri):
        stored = {file["path"]: file["size"] for batch in table.location.store().list() for file in batch}
    for file in named:
        path, size = file["path"], stored.get(file["path"])
        if size == file["size_bytes"]:
            continue
        what = "is lost" if size is None else f"has {size} bytes, the log says {file['size_bytes']}"
        where = f"{table.location.uri}/{path}"
        raise BrokenStore(
            f"this file of the table '{table.name}' {what}",
            where=where,
            remedy=repair(where) or "Restore it from a backup",
        )


def check_rows(costs: Table, read: DeltaTable, partitions: Iterable[Partition]) -> None:
    """Raises ``BrokenStore`` where ``costs`` holds more rows of a billing period than finops wrote."""
    stored: dict[Partition, int] = {}
    for file in files(read):
        key = file["partition.source"], file["partition.billing_period"]
        stored[key] = stored.get(key, 0) + (file["num_records"] or 0)
    written = _written(costs, read.version(), {source for source, _ in partitions})
    foreign = {key: stored.get(key, 0) - written.get(key, 0) for key in partitions}
    named = [
        f"{count_text(rows, 'row')} of source {source}, {period}"
        for (source, period), rows in foreign.items()
        if rows > 0
    ]
    if named:
        raise BrokenStore(
            f"another program has added rows to the table 'costs': {'; '.join(named)}",
            where=f"{costs.location.uri}, version {read.version()}",
            remedy="Delete these rows with that program, or RESTORE the table to the version before; "
            "a new delivery of the billing period removes them, too",
        )


def _written(costs: Table, version: int, sources: Iterable[str]) -> Mapping[Partition, int]:
    ours = latest(costs, version)
    return {
        (source, period.isoformat()): known.rows
        for source in sources
        if source in ours
        for period, known in known_periods(costs, version, source).items()
    }
