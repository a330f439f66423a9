"""The tables of one data version, in whatever engine holds them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Protocol

import polars as pl

from finops.conditions import Condition
from finops.deferred import narwhals as nw
from finops.evaluate.aggregation.sum_plan import Lazy
from finops.model.data_version import DataVersion
from finops.ports.engine import Engine
from finops.ports.lake import COSTS, Divisible, LakeView, Marks, Piece

Partition = tuple[str, date]
"""Source and billing period."""

_PIECES_A_TASK = 3
"""Pieces for each task that runs at once: who is done early takes another."""


class Runner(Protocol):
    """Where a plan runs."""

    def lend(self, frame: pl.DataFrame) -> Lazy:
        """A small frame of this process, for the engine to join with."""
        ...

    def fetch(self, frame: Lazy) -> pl.DataFrame:
        """Runs a plan, and brings its (small) outcome to this process."""
        ...


class Frames(Runner, Protocol):
    """What an evaluation's memory asks of an engine. Frames are lazy until ``fetch``."""

    @property
    def version(self) -> DataVersion: ...

    def marks(self) -> Marks:
        """See ``finops.ports.lake``."""
        ...

    def scopes(self) -> Lazy: ...

    def costs_daily(self) -> Lazy: ...

    def rows(
        self, columns: Sequence[str], conditions: Sequence[Condition | None], partitions: Collection[Partition]
    ) -> Lazy:
        """``columns`` (those that the lake lacks as null text), ``source``, ``billing_period``, ``day``,
        ``BillingCurrency`` and the costs of single rows: of at least those of ``partitions`` that one of ``conditions``
        takes."""
        ...


class ThisProcess:
    """Polars, here."""

    def lend(self, frame: pl.DataFrame) -> Lazy:
        return nw.from_native(frame.lazy())

    def fetch(self, frame: Lazy) -> pl.DataFrame:
        native: pl.LazyFrame = frame.to_native()
        return native.collect(engine="streaming")


HERE = ThisProcess()


@dataclass(frozen=True)
class PolarsFrames(ThisProcess):
    """A view of the lake, read by this process."""

    view: LakeView

    @property
    def version(self) -> DataVersion:
        return self.view.version

    def marks(self) -> Marks:
        return self.view.marks()

    def scopes(self) -> Lazy:
        return nw.from_native(self.view.scopes())

    def costs_daily(self) -> Lazy:
        return nw.from_native(self.view.costs_daily())

    def rows(
        self, columns: Sequence[str], conditions: Sequence[Condition | None], partitions: Collection[Partition]
    ) -> Lazy:
        return nw.from_native(_matching(self.view.costs_by_day(), columns, conditions, partitions))


@dataclass(frozen=True, slots=True)
class EngineFrames:
    """An engine on other machines: the large tables are read, joined and summed there. ``scopes`` is small and stays
    here."""

    view: LakeView
    engine: Engine

    @property
    def version(self) -> DataVersion:
        return self.view.version

    def marks(self) -> Marks:
        return self.view.marks()

    def scopes(self) -> Lazy:
        return nw.from_native(self.view.scopes())

    def costs_daily(self) -> Lazy:
        tasks = [partial(_cells_of, piece) for piece in self.pieces("costs_daily")]
        return self.engine.frame(tasks, self.view.costs_daily().collect_schema())

    def rows(
        self, columns: Sequence[str], conditions: Sequence[Condition | None], partitions: Collection[Partition]
    ) -> Lazy:
        chosen = partial(_chosen, columns=columns, conditions=conditions, partitions=partitions)
        tasks = [partial(_rows_of, piece, chosen) for piece in self.pieces("costs")]
        return self.engine.frame(tasks, chosen(self.view.costs_by_day()).collect_schema())

    def lend(self, frame: pl.DataFrame) -> Lazy:
        return self.engine.lend(frame)

    def fetch(self, frame: Lazy) -> pl.DataFrame:
        return HERE.fetch(frame) if frame.implementation.is_polars() else self.engine.fetch(frame)

    def pieces(self, table: Divisible) -> Sequence[Piece]:
        width = self.engine.width
        return self.view.pieces(table, fewest=width, most=_PIECES_A_TASK * width)


def frames_of(view: LakeView) -> Frames:
    """The frames of the engine that the view names."""
    return PolarsFrames(view) if view.engine is None else EngineFrames(view, view.engine)


def of_partitions(frame: Lazy, partitions: Collection[Partition]) -> Lazy:
    """At least the rows of ``partitions``: files of other sources and periods are not read."""
    sources, periods = {source for source, _ in partitions}, {period for _, period in partitions}
    return frame.filter(nw.col("source").is_in(sorted(sources)) & nw.col("billing_period").is_in(sorted(periods)))


def merged(
    view: LakeView,
    plan: Callable[[pl.LazyFrame], pl.LazyFrame],
    schema: pl.Schema,
    *,
    sums: Collection[str],
    greatest: Collection[str],
    least: Collection[str],
) -> pl.DataFrame:
    """``plan`` of all of ``costs_by_day`` by the view's engine: each piece is summed where it is read, and rows that
    agree in the other columns become one. ``schema``: what ``plan`` gives."""
    engine = view.engine
    assert engine is not None  # noqa: S101 - who asks has one; tells the type checker
    frames = EngineFrames(view, engine)
    tasks = [partial(_rows_of, piece, plan) for piece in frames.pieces("costs")]
    keys = [name for name in schema if name not in {*sums, *greatest, *least}]
    found = (
        engine.frame(tasks, schema)
        .group_by(*keys)
        .agg(
            *(nw.col(name).sum() for name in sums),
            *(nw.col(name).max() for name in greatest),
            *(nw.col(name).min() for name in least),
        )
    )
    return engine.fetch(found).select(schema.names())


def _cells_of(piece: Piece) -> pl.DataFrame:
    return piece.costs_daily().collect(engine="streaming")


def _rows_of(piece: Piece, chosen: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
    return chosen(piece.costs_by_day()).collect(engine="streaming")


def _chosen(
    rows: pl.LazyFrame,
    columns: Sequence[str],
    conditions: Sequence[Condition | None],
    partitions: Collection[Partition],
) -> pl.LazyFrame:
    """What ``Frames.rows`` gives, added up as far as it can be: fewer rows leave the worker."""
    keys = list(dict.fromkeys(("source", "billing_period", "day", "BillingCurrency", *columns)))
    rows = _matching(rows, columns, conditions, partitions)
    if set(COSTS) & set(columns):  # a cost that a condition names is a key: rows stay single
        return rows.select(*keys, *(cost for cost in COSTS if cost not in keys))
    return rows.group_by(keys).agg(pl.col(COSTS).sum())


def _matching(
    rows: pl.LazyFrame,
    columns: Sequence[str],
    conditions: Sequence[Condition | None],
    partitions: Collection[Partition],
) -> pl.LazyFrame:
    rows = of_partitions(nw.from_native(rows), partitions).to_native()
    missing = sorted(set(columns) - set(rows.collect_schema().names()))
    rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
    expressions = [condition.expression() for condition in conditions if condition is not None]
    return rows.filter(pl.any_horizontal(expressions)) if len(expressions) == len(conditions) else rows
