"""Which versions can still be read. Vacuum writes it beside the log, where readers of Delta do not look."""

from __future__ import annotations

import json
from collections.abc import Sequence

from obstore.exceptions import NotFoundError

from finops.lake.commit_log import Commit
from finops.lake.failures import lake_failures
from finops.lake.table import Table

_NOTE = "_finops/oldest.json"


def oldest_kept(table: Table, newest: int) -> int:
    """The oldest version whose files are all there."""
    with lake_failures(table.location.uri):
        try:
            body = table.location.store().get(_NOTE).bytes()
        except (NotFoundError, FileNotFoundError):
            return _first_in_log(table.log.read_all(range(min(newest + 1, 1))), newest)
    return int(json.loads(bytes(body))["version"])


def note_oldest(table: Table, version: int) -> None:
    """To be called before the files of older versions are deleted."""
    with lake_failures(table.location.uri):
        table.location.store().put(_NOTE, json.dumps({"version": version}).encode())


def _first_in_log(first: Sequence[Commit | None], newest: int) -> int:
    return 0 if first and first[0] is not None else newest
