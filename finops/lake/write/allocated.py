"""``costs_allocated`` and ``scopes_allocated``: what the rules moved, for whoever reads the lake.

Both are derived, and finops itself does not read them: it computes what was moved at the version that it looks at. A
commit replaces the billing periods that changed, and names in its mark what it was made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from finops.lake.tables.columns import frame_digest, scopes_schema
from finops.lake.tables.soundness import broken_files, delete_table, has_readable_log
from finops.lake.tables.staging import Stage
from finops.lake.tables.table import Table, delta_schema
from finops.lake.write.series import StagedSeries, replace_series, series_digests
from finops.ports.allocated import TRANSFERS, Allocated
from finops.ports.lake import Run

_NONE = ""
"""The digest of a billing period of which nothing is moved any more."""


class AllocatedTables:
    """``costs``: partitioned as ``costs_daily``, of ``TRANSFERS``. ``scopes``: those scopes of it that the table
    ``scopes`` does not have, with the same columns. Not for two threads at once."""

    def __init__(self, costs: Table, scopes: Table, dimensions: tuple[str, ...]) -> None:
        self.tables = (costs, scopes)
        self._costs = costs
        self._scopes = scopes
        self._schema = scopes_schema(dimensions)
        self._made_from: object = None

    def existing(self) -> list[Table]:
        return [table for table in self.tables if table.open() is not None]

    def catch_up(
        self, moved: Callable[[], Allocated | None], made_from: Mapping[str, object], run: Run, *, anew: bool = False
    ) -> list[str]:
        """Brings both tables to what ``moved`` gives; says what it did, nothing where they were up already.

        ``moved``: None where it cannot be told now; then nothing is done. ``made_from``: what decides what it gives.
        ``anew``: whatever the tables say of themselves. Raises what the store raises, ``LakeConflict`` after too many
        lost races.
        """
        if not anew and made_from == self._made_from:
            return []
        found = moved()
        if found is None:
            return []
        for table in self.tables:
            if not has_readable_log(table):
                delete_table(table)
        if found.transfers.is_empty() and all(table.open() is None for table in self.tables):
            self._made_from = dict(made_from)
            return []
        self._write_scopes(pl.concat([pl.DataFrame(schema=self._schema), found.scopes], how="diagonal"), anew=anew)
        series = self._series(found.transfers, anew=anew)
        version = replace_series(self._costs, TRANSFERS, series, run, {"made_from": dict(made_from)})
        self._made_from = dict(made_from)
        if version is None:
            return []
        return [f"brought {self._costs.name} up to costs version {made_from['costs']}"]

    def _series(self, transfers: pl.DataFrame, *, anew: bool) -> dict[str, StagedSeries]:
        parts = transfers.partition_by(["source", "billing_period"], as_dict=True)
        found = {}
        for (source, period), rows in parts.items():
            assert isinstance(period, date)  # noqa: S101 - the type of the column
            one = _staged(str(source), period.isoformat(), rows, always=anew)
            found[one.name] = one
        read = self._costs.open()
        for name, digest in (series_digests(self._costs, read.version()) if read else {}).items():
            if name not in found and digest != _NONE:
                period_text, _, source_text = name.partition(" ")
                found[name] = _staged(source_text, period_text, transfers.clear())
        return found

    def _write_scopes(self, rows: pl.DataFrame, *, anew: bool) -> None:
        read, digest = self._scopes.open(), frame_digest(rows)
        newest = self._scopes.newest_mark(read.version(), "digest") if read is not None else None
        sound = read is not None and not list(broken_files(self._scopes, read))
        if newest is not None and newest[1]["digest"] == digest and sound and not anew:
            return
        stage = Stage(self._scopes.location)
        try:
            added = [stage.write(rows, {})] if not rows.is_empty() else []
            mark = {"kind": "scopes_allocated", "digest": digest}
            schema = delta_schema(rows.schema)
            self._scopes.commit(read, stage, added, schema=schema, mark=mark, replacing="everything")
        finally:
            stage.discard()


def _staged(source: str, period: str, rows: pl.DataFrame, *, always: bool = False) -> StagedSeries:
    """The name is as ``lost_series`` says it."""
    place = {"source": source, "billing_period": period}
    digest = frame_digest(rows) if not rows.is_empty() else _NONE
    return StagedSeries(f"{period} {source}", rows, digest, place, always=always)
