"""``scopes`` and ``costs_daily`` are made anew from ``costs``, whatever state they are in."""

from __future__ import annotations

from collections.abc import Callable

from finops.errors import NotFound
from finops.lake.tables.soundness import delete_table, has_readable_log
from finops.lake.write.rollup import Rollup


def rebuild(rollup: Rollup, progress: Callable[[int, int], None]) -> str:
    """One sentence on what was done.

    A derived table whose log can be read gets a new version, and its older ones stay. Where the log of one is broken,
    both start again at version 0: the versions of one are of no use without those of the other. Raises ``NotFound``
    where there are derived tables but no ``costs``, ``BrokenStore`` or ``NotFound`` for an unreadable file of ``costs``
    ``LakeConflict``.
    """
    derived = (rollup.scopes, rollup.daily)
    sound = all(has_readable_log(table) for table in derived)
    if rollup.costs.open() is None:
        if sound and all(table.open() is None for table in derived):
            return "nothing to rebuild: the lake is empty; run 'finops collect' to fill it"
        raise NotFound(
            "the table 'costs' is gone, and the other tables are derived from it",
            where=rollup.costs.location.uri,
            remedy="Restore it from a backup, or collect every source again into a new lake",
        )
    if sound:
        return f"rebuilt scopes and costs_daily: {rollup.rebuild(progress)}"
    for table in derived:
        delete_table(table)
    return (
        f"rebuilt scopes and costs_daily: {rollup.rebuild(progress)}; a log was broken, "
        "so their earlier versions are gone"
    )
