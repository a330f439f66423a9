"""One delivery replaces whole billing periods of its source in one commit of ``costs``.

Staging takes minutes, the commit takes one small write. Who loses the race for it reads again: a period that the winner
wrote with the same digest is left to the winner, any other is replaced, and what was there is read anew, so that
``restated`` is always the difference to the version right before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from deltalake import DeltaTable

from finops.errors import BrokenStore, FinopsError, LakeConflict, RefusedBatch
from finops.lake.distributed.staging import stage_elsewhere
from finops.lake.rollup.cells import Cells
from finops.lake.rollup.counted import Fresh
from finops.lake.tables.columns import COSTS_SCHEMA, fit
from finops.lake.tables.commit_entry import Entry, difference
from finops.lake.tables.failures import ATTEMPTS, MAPPED, failure, pause
from finops.lake.tables.ledger import pointers
from finops.lake.tables.measure import EMPTY, Measured, with_ranges
from finops.lake.tables.soundness import to_deliver
from finops.lake.tables.staging import Stage, StagedFile
from finops.lake.tables.table import LostRace, Table, delta_schema
from finops.lake.write.rollup import Rollup
from finops.model.completeness import reach
from finops.ports.lake import Delivery, Known, Replacement, Run, Tally, Written

Staged = tuple[date | None, StagedFile]


def replace_periods(
    rollup: Rollup, delivery: Delivery, run: Run, *, before_commit: Callable[[], object]
) -> tuple[Written, Fresh | None]:
    """Stages, verifies, commits; ``costs_version`` None: no change. What it staged in vain, it deletes.

    With what the rows add up to, for the rollup. ``before_commit`` is called once all rows are in their files.
    """
    costs = rollup.costs
    read = costs.open()
    known = to_deliver(costs, read, delivery.source) if read else {}
    changed = _changed(delivery, known)
    if not changed:
        return Written(None, (), Tally()), None
    stage = Stage(costs.location)
    try:
        staged = _staged(rollup, read, delivery, changed, stage)
        files = staged.files
        before_commit()
        version, replacements = _committed(costs, delivery, run, stage, files, staged)
    except MAPPED as error:
        raise _why(error, f"source {delivery.source}, on its way to {costs.location.uri}") from error
    finally:
        stage.discard()
    paths = {period: frozenset(file.path for of, file in files if of == period) for period in staged.cells}
    return Written(version, replacements, staged.tally), Fresh(delivery.source, staged.cells, paths)


def _changed(delivery: Delivery, known: Mapping[date, Known]) -> list[date]:
    return sorted(
        period for period, digest in delivery.periods.items() if period not in known or known[period].digest != digest
    )


@dataclass(frozen=True, slots=True)
class _Staged:
    """``schema``: of the table from now on. ``cells``: what the rows add up to, where this process has seen them."""

    files: Sequence[Staged]
    schema: pl.Schema
    measured: Mapping[date, Measured]
    cells: Mapping[date, Cells]
    tally: Tally


def _staged(
    rollup: Rollup, read: DeltaTable | None, delivery: Delivery, changed: Sequence[date], stage: Stage
) -> _Staged:
    rows = delivery.rows
    unchanged = [period for period in delivery.periods if period not in changed]
    if unchanged:
        rows = rows.filter(~pl.col("billing_period").is_in(unchanged))
    try:
        # the table has every column, a file only those of its bill: Delta reads the others as null
        fitted, schema = fit(rows, _table_schema(read), source=delivery.source)
        schema = pl.Schema({**schema, **{name: schema.get(name, dtype) for name, dtype in COSTS_SCHEMA.items()}})
        engine, pieces = rollup.engine, delivery.pieces
        if engine is not None and pieces and all(engine.takes(piece) for piece in pieces):
            found = stage_elsewhere(engine, pieces, rollup.costs.location, schema, unchanged, stage, rollup.budget)
            staged = _Staged(found.files, schema, found.measured, {}, found.tally)
        else:
            staged = _staged_here(rollup, delivery, fitted, schema, len(changed), stage)
    except MAPPED as error:
        delivery.verify()  # a bill that contradicts itself explains a failed stream better than the stream does
        if delivery.explain is not None and (why := delivery.explain()) is not None:
            raise why from error
        raise
    foreign = sorted({str(period) for period, _ in staged.files if period not in changed})
    if foreign:
        raise RefusedBatch(
            f"rows of the billing period {', '.join(foreign)}, which was not announced",
            where=f"source {delivery.source}",
            remedy="Report this: a source must name every billing period that it delivers",
        )
    _nothing_lost(staged, delivery.source)
    return staged


def _staged_here(
    rollup: Rollup, delivery: Delivery, fitted: pl.LazyFrame, schema: pl.Schema, periods: int, stage: Stage
) -> _Staged:
    stored = fitted.drop(delivery.absent, strict=False)
    stored_schema = stored.collect_schema()
    counted = rollup.counted(delivery.source, schema, stored_schema.names())
    counting = stored.map_batches(counted, schema=stored_schema, streamable=True)
    files = stage.sink(counting, delivery.source, periods=periods, budget=rollup.budget)
    counted.finish()
    tally = delivery.verify()
    ranged = with_ranges(rollup.costs.location, files)
    staged = list(zip((period for period, _ in files), ranged, strict=True))
    return _Staged(staged, schema, counted.measured, counted.cells, tally)


def _nothing_lost(staged: _Staged, source: str) -> None:
    for period, measured in staged.measured.items():
        written = sum(file.rows for of, file in staged.files if of == period)
        if written != measured.rows:
            raise BrokenStore(
                f"only {written} of {measured.rows} rows were written",
                where=f"source {source}, {period}",
                remedy="Report this: rows were lost while writing",
            )


def _why(error: Exception, where: str) -> FinopsError:
    found = failure(error, where)
    if isinstance(error, pl.exceptions.PolarsError) and isinstance(found, BrokenStore):
        # nothing of the lake was read: it is the bill that cannot be
        return RefusedBatch(f"its rows cannot be read ({found.what})", where=where, remedy="Export the bill again")
    return found


def _committed(
    costs: Table,
    delivery: Delivery,
    run: Run,
    stage: Stage,
    files: Sequence[Staged],
    staged: _Staged,
) -> tuple[int | None, tuple[Replacement, ...]]:
    for attempt in range(ATTEMPTS):
        read = costs.open()
        known = to_deliver(costs, read, delivery.source) if read else {}
        changed = _changed(delivery, known)
        if not changed:
            return None, ()
        entries = {period: _entry(delivery, run, period, staged, known) for period in changed}
        mark = {
            "kind": "replace",
            "run": run.id,
            "started_at": run.started_at.isoformat(),
            "source": delivery.source,
            **pointers(costs, read.version() if read else None, delivery.source, changed),
            **({"repaired": dict(staged.tally.repaired)} if staged.tally.repaired else {}),
            "entries": {period.isoformat(): entry.to_json() for period, entry in entries.items()},
        }
        run.check()
        try:
            version = costs.commit(
                read,
                stage,
                [file for period, file in files if period in changed],
                schema=delta_schema(_grown(read, staged.schema, costs.location.uri)),
                mark=mark,
                replacing=[
                    ("source", "=", delivery.source),
                    ("billing_period", "in", [period.isoformat() for period in changed]),
                ],
            )
        except LostRace:
            pause(attempt)
            continue
        return version, tuple(_replacement(period, entry) for period, entry in entries.items())
    raise LakeConflict(
        f"other writers were faster in {ATTEMPTS} attempts", where=costs.location.uri, remedy="Collect again in a while"
    )


def _entry(delivery: Delivery, run: Run, period: date, staged: _Staged, known: Mapping[date, Known]) -> Entry:
    found = staged.measured.get(period, EMPTY)
    before = known.get(period)
    return Entry(
        digest=delivery.periods[period],
        rows=found.rows,
        sums=found.sums,
        restated=difference(found.sums, before.sums) if before else {},
        completeness=found.usage.completeness(run.started_at),
        manifest=delivery.manifests.get(period, {}),
        estimated_from=delivery.estimated_from.get(period),
        unknown_costs=found.unknown_costs,
        quality=staged.tally.quality.get(period),
    )


def _replacement(period: date, entry: Entry) -> Replacement:
    return Replacement(period, entry.rows, entry.sums, entry.restated, reach([entry.completeness]).through)


def _table_schema(read: DeltaTable | None) -> pl.Schema:
    return pl.scan_delta(read).collect_schema() if read is not None else pl.Schema()


def _grown(read: DeltaTable | None, schema: pl.Schema, where: str) -> pl.Schema:
    """``schema`` and the columns that another writer added since it was read."""
    table = _table_schema(read)
    for name, dtype in schema.items():
        if table.get(name, dtype) != dtype:
            raise LakeConflict(
                f"another writer brought the new column {name} as {table[name]}, this one as {dtype}",
                where=where,
                remedy="Collect again",
            )
    return pl.Schema({**table, **schema})
