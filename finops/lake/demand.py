"""The table ``demand``: one whole series at a time."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from finops.errors import LakeConflict
from finops.lake.columns import DEMAND_SCHEMA
from finops.lake.commit_log import Mark
from finops.lake.failures import lake_failures
from finops.lake.patience import ATTEMPTS, pause
from finops.lake.staging import Stage, StagedFile
from finops.lake.table import LostRace, Table, delta_schema
from finops.ports.lake import Run


def series_digests(demand: Table, version: int) -> Mark:
    """series -> digest, at ``version``."""
    found = demand.newest_mark(version, "series")
    return found[1]["series"] if found else {}


def replace_series(demand: Table, name: str, frame: pl.DataFrame, digest: str, unit: str, run: Run) -> int | None:
    """Replaces one series (``day``, ``value``, one String column a dimension); None when its digest is there already.

    Raises ``LakeConflict`` after too many lost races.
    """
    stage = Stage(demand.location)
    try:
        files: list[StagedFile] = []
        for attempt in range(ATTEMPTS):
            read = demand.open()
            known = series_digests(demand, read.version()) if read else {}
            if known.get(name) == digest:
                return None
            if not files and not frame.is_empty():
                with lake_failures(demand.location.uri):
                    files = [stage.write(_series(name, frame, unit), {"name": name})]
            mark: dict[str, Any] = {
                "kind": "demand",
                "run": run.id,
                "started_at": run.started_at.isoformat(),
                "name": name,
            }
            mark["series"] = {**known, name: digest}
            schema = delta_schema(DEMAND_SCHEMA)
            try:
                return demand.commit(read, stage, files, schema=schema, mark=mark, replacing=[("name", "=", name)])
            except LostRace:
                pause(attempt)
    finally:
        stage.discard()
    raise LakeConflict(
        f"other writers were faster {ATTEMPTS} times", where=demand.location.uri, remedy="Collect again in a while"
    )


def _series(name: str, frame: pl.DataFrame, unit: str) -> pl.DataFrame:
    dimensions = sorted(column for column in frame.columns if column not in {"day", "value"})
    return frame.select(
        pl.lit(name).alias("name"),
        pl.col("day").cast(pl.Date),
        pl.col("value").cast(DEMAND_SCHEMA["value"]),
        pl.lit(unit).alias("unit"),
        _json(dimensions).alias("dimensions"),
    ).sort("day", "dimensions")


def _json(dimensions: list[str]) -> pl.Expr:
    """Canonical JSON text of the dimensions that are set: keys sorted, no blanks."""
    if not dimensions:
        return pl.lit("{}")
    parts = [
        pl.concat_str(pl.lit(f"{_quoted(name)}:"), pl.col(name).map_elements(_quoted, return_dtype=pl.String))
        for name in dimensions
    ]
    return pl.concat_str(pl.lit("{"), pl.concat_str(parts, separator=",", ignore_nulls=True), pl.lit("}"))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
