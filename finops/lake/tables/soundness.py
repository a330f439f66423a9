"""Whether a table's files are those that its log and its commits name: told before anything reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
from deltalake import DeltaTable
from obstore.exceptions import NotFoundError

from finops.errors import BrokenStore, FinopsError, NotFound
from finops.lake.tables.failures import MAPPED, failure, lake_failures, repair
from finops.lake.tables.ledger import known_periods, latest
from finops.lake.tables.table import Table, files
from finops.model.wording import count_text
from finops.ports.lake import Known
from finops.ports.lake_faults import LakeFaults

Partition = tuple[str, str]
"""source, billing period (ISO date)."""

_DAMAGE = (BrokenStore, NotFound)
"""What lies in the files themselves: everything else is a store that does not answer, and the next look tells more."""


def broken_files(table: Table, read: DeltaTable, *, contents: bool = False) -> list[tuple[dict[str, Any], BrokenStore]]:
    """The files of a version that are lost, or have another size than the log says, each with the error that says so.

    One listing; nothing is read, as polars stops the whole process over some truncated files. ``contents``: the others
    are read to their end, too.
    """
    stored = stored_sizes(table)
    found = []
    for file in files(read):
        what = _broken(table, file, stored.get(file["path"]), contents=contents)
        if what:
            where = f"{table.location.uri}/{file['path']}"
            remedy = repair(where) or "Restore it from a backup"
            found.append(
                (file, BrokenStore(f"this file of the table '{table.name}' {what}", where=where, remedy=remedy))
            )
    return found


def _broken(table: Table, file: Mapping[str, Any], size: int | None, *, contents: bool) -> str:
    if size is None:
        return "is lost"
    if size != file["size_bytes"]:
        return f"has {size} bytes, the log says {file['size_bytes']}"
    uri = f"{table.location.uri}/{file['path']}"
    if contents:
        try:
            options = table.location.storage_options() or None
            scan = pl.scan_parquet(uri, storage_options=options, hive_partitioning=False)
            scan.select(pl.all().null_count()).collect(engine="streaming")
        except MAPPED as error:
            if isinstance(failure(error, uri), _DAMAGE):
                return "cannot be read"
            raise
    return ""


def check_files(table: Table, read: DeltaTable) -> None:
    """Raises ``BrokenStore`` for the first file of a version that is lost, or has another size than the log says."""
    for _, error in broken_files(table, read):
        raise error


def check_rows(costs: Table, read: DeltaTable, partitions: Iterable[Partition]) -> None:
    """Raises ``BrokenStore`` where ``costs`` holds more rows of a billing period than finops wrote."""
    foreign = foreign_rows(costs, read)
    if named := sorted(set(foreign).intersection(partitions)):
        raise _foreign(costs, read, {one: foreign[one] for one in named})


def foreign_rows(costs: Table, read: DeltaTable) -> Mapping[Partition, int]:
    """How many rows of each billing period another program has added; only where there are any."""
    stored: dict[Partition, int] = {}
    for file in files(read):
        stored[partition_of(file)] = stored.get(partition_of(file), 0) + (file["num_records"] or 0)
    ours = latest(costs, read.version())
    written = {
        (source, period.isoformat()): known.rows
        for source in {source for source, _ in stored}
        if source in ours
        for period, known in known_periods(costs, read.version(), source).items()
    }
    return {one: rows - written.get(one, 0) for one, rows in stored.items() if rows > written.get(one, 0)}


def unsound(costs: Table, read: DeltaTable, *, contents: bool = False) -> Mapping[Partition, BrokenStore]:
    """The billing periods of ``costs`` that are not as finops wrote them, each with the error that says so."""
    foreign = {one: _foreign(costs, read, {one: rows}) for one, rows in foreign_rows(costs, read).items()}
    return foreign | {partition_of(file): error for file, error in broken_files(costs, read, contents=contents)}


def to_deliver(costs: Table, read: DeltaTable, source: str) -> dict[date, Known]:
    """What ``costs`` holds of ``source``; without a digest where it is not as finops wrote it, so that the next
    collection brings it again."""
    broken = unsound(costs, read)
    return {
        period: replace(known, digest="") if (source, period.isoformat()) in broken else known
        for period, known in known_periods(costs, read.version(), source).items()
    }


def find_faults(
    costs: tuple[Table, int | None],
    daily: tuple[Table, int | None],
    series: Mapping[str, tuple[Table, int | None]],
    *,
    contents: bool,
) -> LakeFaults:
    """See ``finops.ports.lake``. Each table with its version. ``series``: those beside the costs, by name."""
    of_costs: dict[str, str] = {}
    if (read := _open(*costs)) is not None:
        for (source, _), error in unsound(costs[0], read, contents=contents).items():
            of_costs.setdefault(source, _sentence(error, costs[0]))
    of_daily: dict[str, str] = {}
    if (read := _open(*daily)) is not None:
        for file, error in broken_files(daily[0], read, contents=contents):
            of_daily.setdefault(file["partition.source"], _sentence(error, daily[0]))
    found = {name: _series_faults(table, version, contents=contents) for name, (table, version) in series.items()}
    return LakeFaults(of_costs, of_daily, **found)


def _series_faults(table: Table, version: int | None, *, contents: bool) -> Mapping[str, str]:
    """Under the empty name what concerns all of them."""
    try:
        read = table.open() if version is None else table.open(version)
        broken = broken_files(table, read, contents=contents) if read is not None else []
        foreign = _foreign_series(table, read) if read is not None else {}
    except _DAMAGE as error:
        return {"": _sentence(error, table)}
    named = {_name(table, file): error for file, error in reversed(broken)}
    return {name: _sentence(error, table) for name, error in {**foreign, **named}.items()}


def undamaged(table: Table) -> DeltaTable | None:
    """The table; None as well where its log cannot be read."""
    try:
        return table.open()
    except _DAMAGE:
        return None


def lost_series(table: Table, read: DeltaTable) -> set[str]:
    """Series with a lost or changed file: they are to be read again."""
    return {
        " ".join(file[f"partition.{name}"] for name in reversed(table.partition_by))
        for file, _ in broken_files(table, read)
    }


def _name(table: Table, file: Mapping[str, Any]) -> str:
    """Of the series or the source whose rows a file holds."""
    return str(file[f"partition.{table.partition_by[0]}"])


def _foreign_series(table: Table, read: DeltaTable) -> dict[str, BrokenStore]:
    """What has more rows than finops wrote; nothing for tables of before rows were counted."""
    written, stored = series_rows(table, read), dict[str, int]()
    names: dict[str, str] = {}
    for file in files(read) if written else ():
        place = place_of({name: file[f"partition.{name}"] for name in table.partition_by})
        stored[place] = stored.get(place, 0) + (file["num_records"] or 0)
        names[place] = _name(table, file)
    return {
        names[place]: BrokenStore(
            f"another program has added rows to the table '{table.name}': "
            f"{count_text(rows - written.get(place, 0), 'row')} of {place}",
            where=f"{table.location.uri}, version {read.version()}",
            remedy="Delete these rows with that program, or RESTORE the table to the version before",
        )
        for place, rows in stored.items()
        if rows > written.get(place, 0)
    }


def series_rows(table: Table, read: DeltaTable | None) -> Mapping[str, int]:
    """The partition of each series, as ``place_of`` says it, and the rows that finops wrote of it."""
    found = table.newest_mark(read.version(), "rows") if read else None
    return found[1]["rows"] if found else {}


def place_of(partition: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(partition.items()))


def _open(table: Table, version: int | None) -> DeltaTable | None:
    return table.open(version) if version is not None else None


def _sentence(error: FinopsError, table: Table) -> str:
    """The error with its place in the lake: where that is installed is not for every reader of a verdict."""
    base = table.location.uri.removesuffix(table.name)
    return f"{error.what}: {error.where.removeprefix(base)}. {error.remedy}"


def _foreign(costs: Table, read: DeltaTable, rows: Mapping[Partition, int]) -> BrokenStore:
    named = [f"{count_text(count, 'row')} of source {source}, {period}" for (source, period), count in rows.items()]
    ours: Collection[str] = latest(costs, read.version())
    again = [f"'finops collect {source}'" for source in sorted({source for source, _ in rows}) if source in ours]
    remedy = "delete these rows with that program, or RESTORE the table to the version before"
    if again:
        remedy = f"run {' and '.join(again)}, which brings the billing period again, or {remedy}"
    return BrokenStore(
        f"another program has added rows to the table 'costs': {'; '.join(named)}",
        where=f"{costs.location.uri}, version {read.version()}",
        remedy=remedy[0].upper() + remedy[1:],
    )


def partition_of(file: Mapping[str, Any]) -> Partition:
    """Of ``costs`` and ``costs_daily``."""
    return file["partition.source"], file["partition.billing_period"]


def stored_sizes(table: Table) -> Mapping[str, int]:
    """Every stored file of a table, by its path."""
    with lake_failures(table.location.uri):
        return {file["path"]: file["size"] for batch in table.location.store().list() for file in batch}


def has_readable_log(table: Table) -> bool:
    """Raises what does not lie in the table itself: no access, no connection."""
    try:
        read = table.open()
        if read is not None:
            files(read)
            with lake_failures(table.location.uri):
                table.log.read_all(range(read.version() + 1))
    except (BrokenStore, NotFound, ValueError, LookupError, AttributeError):
        return False  # the last three: a commit that is no JSON, or not of Delta's form
    return read is not None or not _holds_anything(table)


def _holds_anything(table: Table) -> bool:
    """Data files without a log are debris of a lost table."""
    with lake_failures(table.location.uri):
        return any(batch for batch in table.location.store().list())


def delete_table(table: Table) -> None:
    """The log goes first, so that readers see no table instead of half of one."""
    with lake_failures(table.location.uri):
        if table.location.is_local and table.location.path.is_file():
            table.location.path.unlink()
            return
        store = table.location.store()
        for path in sorted(file["path"] for batch in store.list() for file in batch):
            try:
                store.delete(path)
            except (NotFoundError, FileNotFoundError):
                continue
    table.forget()
