"""``scopes`` and ``costs_daily`` are made anew from ``costs``, whatever state they are in."""

from __future__ import annotations

from collections.abc import Callable

from obstore.exceptions import NotFoundError

from finops.errors import BrokenStore, NotFound
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.table import Table, files
from finops.lake.write.rollup import Rollup


def rebuild(rollup: Rollup, progress: Callable[[int, int], None]) -> str:
    """One sentence on what was done.

    A derived table whose log can be read gets a new version, and its older ones stay. Where the log of one is broken,
    both start again at version 0: the versions of one are of no use without those of the other. Raises ``NotFound``
    where there are derived tables but no ``costs``, ``BrokenStore`` or ``NotFound`` for an unreadable file of ``costs``
    ``LakeConflict``.
    """
    derived = (rollup.scopes, rollup.daily)
    sound = all(_has_readable_log(table) for table in derived)
    if rollup.costs.open() is None:
        if sound and all(table.open() is None for table in derived):
            return "nothing to rebuild: the lake is empty; run 'finops collect' to fill it"
        raise NotFound(
            "the table 'costs' is gone, and nothing else can be made without it",
            where=rollup.costs.location.uri,
            remedy="Restore it from a backup, or collect every source again into a new lake",
        )
    if sound:
        return f"rebuilt scopes and costs_daily: {rollup.rebuild(progress)}"
    for table in derived:
        _delete(table)
    return (
        f"rebuilt scopes and costs_daily: {rollup.rebuild(progress)}; a log was broken, "
        "so their earlier versions are gone"
    )


def _has_readable_log(table: Table) -> bool:
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


def _delete(table: Table) -> None:
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
