"""A delivery's pieces become files on other machines; this one commits them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import polars as pl

from finops.lake.rollup.counted import Counted
from finops.lake.tables.columns import fit
from finops.lake.tables.failures import MAPPED, failure
from finops.lake.tables.measure import EMPTY, Measured, with_ranges
from finops.lake.tables.memory_limits import MemoryLimits
from finops.lake.tables.staging import Stage, StagedFile
from finops.model.quality import add_qualities
from finops.objectstore.location import Location
from finops.ports.engine import Engine
from finops.ports.lake import Delivery, Tally


@dataclass(frozen=True, slots=True)
class StagedElsewhere:
    """``files``: each with its period, and with its ranges; ``tally``: of all pieces, in their order."""

    files: tuple[tuple[date | None, StagedFile], ...]
    measured: Mapping[date, Measured]
    tally: Tally


def stage_elsewhere(
    engine: Engine,
    pieces: Sequence[Callable[[], Delivery]],
    table: Location,
    types: pl.Schema,
    left_out: Sequence[date],
    stage: Stage,
    budget: MemoryLimits,
) -> StagedElsewhere:
    """All pieces. ``types``: of the table; ``left_out``: periods that nothing is staged of; ``budget``: of each piece.

    Raises what the first piece with a fault raises; the files of the others are then left to ``stage``, which deletes
    them.
    """
    tasks = [partial(_stage, piece, table, types, tuple(left_out), budget) for piece in pieces]
    outcomes = engine.each(tasks)
    stage.paths += [file.path for one in outcomes for _, file in one.files]
    return _together(outcomes)


def _stage(
    piece: Callable[[], Delivery], table: Location, types: pl.Schema, left_out: Sequence[date], budget: MemoryLimits
) -> StagedElsewhere:
    """On a worker: what ``finops.lake.write.replace`` does with a whole delivery, without the rollup."""
    delivery = piece()
    stage = Stage(table)
    try:
        rows = delivery.rows
        if left_out:
            rows = rows.filter(~pl.col("billing_period").is_in(list(left_out)))
        fitted, _ = fit(rows, types, source=delivery.source)
        stored = fitted.drop(delivery.absent, strict=False)
        counting = Counted(None, budget)
        counted = stored.map_batches(counting, schema=stored.collect_schema(), streamable=True)
        try:
            files = stage.sink(counted, delivery.source, periods=len(delivery.periods), budget=budget)
        except MAPPED as error:
            delivery.verify()
            if delivery.explain is not None and (found := delivery.explain()) is not None:
                raise found from error
            raise failure(error, f"source {delivery.source}") from error
        counting.finish()
        tally = delivery.verify()
        ranged = with_ranges(table, files)
        staged = tuple(zip((period for period, _ in files), ranged, strict=True))
        stage.release()
        return StagedElsewhere(staged, dict(counting.measured), tally)
    finally:
        stage.discard()


def _together(outcomes: Sequence[StagedElsewhere]) -> StagedElsewhere:
    """All pieces as one."""
    measured: dict[date, Measured] = {}
    repaired: Counter[str] = Counter()
    for one in outcomes:
        repaired.update(one.tally.repaired)
        for period, found in one.measured.items():
            measured[period] = measured.get(period, EMPTY) + found
    rows = sum(one.tally.rows for one in outcomes)
    notes = tuple(note for one in outcomes for note in one.tally.notes)
    quality = add_qualities([one.tally.quality for one in outcomes])
    tally = Tally(rows, dict(sorted(repaired.items())), notes, quality)
    return StagedElsewhere(tuple(file for one in outcomes for file in one.files), measured, tally)
