"""Cells of ``costs_daily`` that other machines make: each adds up some files, and a cluster adds up their sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from finops.deferred import narwhals as nw
from finops.lake.rollup.cell_keys import Lines
from finops.lake.rollup.cells import Cells
from finops.lake.rollup.scope_registry import ScopeRegistry
from finops.lake.rollup.slices import Partition, slices
from finops.lake.tables.columns import DAILY_SCHEMA, scopes_schema
from finops.lake.tables.memory_limits import MemoryLimits
from finops.objectstore.location import Location
from finops.ports.engine import Engine
from finops.ports.lake import COSTS, DimensionColumns

Files = Sequence[tuple[str, int]]
"""Paths with their numbers of rows."""

_ROWS_A_JOB = 25_000_000
"""Of ``costs``: the cells of one job are held by this process."""

_KEYS = ("source", "billing_period", "scope_id", "currency", "day")
_SCHEMA = pl.Schema({**DAILY_SCHEMA, "billing_period": pl.String(), "scope": pl.String()})
"""``scope``: the scope's values as JSON, with its first cell in each task."""


@dataclass(frozen=True, slots=True)
class DistributedCells:
    """``table``: ``costs``; ``types``: of every column that is read; ``budget``: of each task."""

    engine: Engine
    table: Location
    types: pl.Schema
    dimensions: DimensionColumns
    timezone: ZoneInfo
    budget: MemoryLimits

    def of(self, found: Mapping[Partition, Files], book: ScopeRegistry) -> Iterator[tuple[Partition, pl.DataFrame]]:
        """Each partition with what ``Cells.result`` gives of its files; their scopes become known to ``book``."""
        for partitions in _jobs(found):
            tasks = [
                partial(_cells, self.table, partition, share, self.types, self.dimensions, self.timezone, self.budget)
                for partition in partitions
                for share in _shares([path for path, _ in found[partition]], self.engine.width)
            ]
            merged = (
                self.engine.frame(tasks, _SCHEMA)
                .group_by(*_KEYS)
                .agg(nw.col(*COSTS, "rows").sum(), nw.col("scope").max())
            )
            cells = self.engine.fetch(merged)
            if cells.is_empty():
                continue
            _learn(cells, book)
            in_order = cells.sort("source", "billing_period", "scope_id", "currency", "day")
            for (source, period), own in in_order.partition_by(
                "source", "billing_period", as_dict=True, maintain_order=True
            ).items():
                yield (str(source), str(period)), own.select("scope_id", "currency", "day", *COSTS, "rows")


def _cells(
    table: Location,
    partition: Partition,
    paths: Sequence[str],
    types: pl.Schema,
    dimensions: DimensionColumns,
    timezone: ZoneInfo,
    budget: MemoryLimits,
) -> pl.DataFrame:
    """On a worker: ids are hashes of the scopes' values, so nobody has to agree on them."""
    book = ScopeRegistry(pl.DataFrame(schema=scopes_schema(dimensions.names)), dimensions.names, table.uri)
    cells = Cells(Lines(partition[0], dimensions, book, types, types.names()), timezone, budget)
    for rows in slices(table, partition, paths, types, dimensions):
        cells.add(rows)
    parts = list(cells.results())
    if not parts:
        return pl.DataFrame(schema=_SCHEMA)
    found = pl.concat(parts)
    scopes = cells.scopes().select("scope_id", scope=pl.struct(book.columns).struct.json_encode())
    return (
        found.join(scopes, on="scope_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("scope_id").is_first_distinct()).then("scope").alias("scope"),
            source=pl.lit(partition[0]),
            billing_period=pl.lit(partition[1]),
        )
        .select(_SCHEMA.names())
    )


def _learn(cells: pl.DataFrame, book: ScopeRegistry) -> None:
    scopes = cells["scope"].drop_nulls().unique()
    if len(scopes):
        book.ids_of(scopes.str.json_decode(pl.Struct(dict.fromkeys(book.columns, pl.String))).struct.unnest())


def _jobs(found: Mapping[Partition, Files]) -> Iterator[list[Partition]]:
    job: list[Partition] = []
    rows = 0
    for partition, files in found.items():
        own = sum(count for _, count in files)
        if job and rows + own > _ROWS_A_JOB:
            yield job
            job, rows = [], 0
        job.append(partition)
        rows += own
    if job:
        yield job


def _shares(paths: Sequence[str], count: int) -> list[list[str]]:
    return [share for place in range(count) if (share := list(paths[place::count]))]
