"""Which versions can still be read. Vacuum writes it beside the log, where readers of Delta do not look."""

from __future__ import annotations

import json

from obstore.exceptions import NotFoundError

from finops.errors import NotFound
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.table import Table

_NOTE = "_finops/oldest.json"


def oldest_kept(table: Table) -> int:
    """The oldest version whose files are all there."""
    with lake_failures(table.location.uri):
        try:
            body = table.location.store().get(_NOTE).bytes()
        except (NotFoundError, FileNotFoundError):
            return 0
    return int(json.loads(bytes(body))["version"])


def readable(table: Table, version: int) -> None:
    """Raises ``NotFound`` for a version that vacuum has made unreadable: a lazy frame would fail much later."""
    oldest = oldest_kept(table)
    if version < oldest:
        raise NotFound(
            f"version {version} was removed by vacuum",
            where=table.location.uri,
            remedy=f"The oldest version that can be read is {oldest}; audit: in finops.yaml sets how far back",
        )


def note_oldest(table: Table, version: int) -> None:
    """To be called before the files of older versions are deleted."""
    with lake_failures(table.location.uri):
        table.location.store().put(_NOTE, json.dumps({"version": version}).encode())
