"""Tables of whole series (``demand``, ``emissions``): one is replaced at a time, by its name."""

from __future__ import annotations

from typing import Any

import polars as pl

from finops.errors import LakeConflict
from finops.lake.tables.commit_log import Mark
from finops.lake.tables.failures import lake_failures
from finops.lake.tables.retry import ATTEMPTS, pause
from finops.lake.tables.staging import Stage, StagedFile
from finops.lake.tables.table import LostRace, Table, delta_schema
from finops.ports.lake import Run


def series_digests(table: Table, version: int) -> Mark:
    """series -> digest, at ``version``."""
    found = table.newest_mark(version, "series")
    return found[1]["series"] if found else {}


def replace_series(table: Table, schema: pl.Schema, name: str, rows: pl.DataFrame, digest: str, run: Run) -> int | None:
    """Replaces the series ``name`` by ``rows`` (of ``schema``, whose column ``name`` holds it in every row).

    Returns the new version, None when the digest is there already. Raises ``LakeConflict`` after too many lost races.
    """
    stage = Stage(table.location)
    try:
        files: list[StagedFile] = []
        for attempt in range(ATTEMPTS):
            read = table.open()
            known = series_digests(table, read.version()) if read else {}
            if known.get(name) == digest:
                return None
            if not files and not rows.is_empty():
                with lake_failures(table.location.uri):
                    files = [stage.write(rows, {"name": name})]
            mark: dict[str, Any] = {
                "kind": table.name,
                "run": run.id,
                "started_at": run.started_at.isoformat(),
                "name": name,
                "series": {**known, name: digest},
            }
            try:
                return table.commit(
                    read, stage, files, schema=delta_schema(schema), mark=mark, replacing=[("name", "=", name)]
                )
            except LostRace:
                pause(attempt)
    finally:
        stage.discard()
    raise LakeConflict(
        f"other writers were faster {ATTEMPTS} times", where=table.location.uri, remedy="Collect again in a while"
    )
