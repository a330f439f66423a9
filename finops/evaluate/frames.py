"""The tables of one data version, in whatever engine holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Protocol

import narwhals as nw
import polars as pl

from finops.conditions import Condition
from finops.evaluate.summing import Lazy
from finops.ports.engine import Engine
from finops.ports.lake import COSTS, Divisible, LakeView, Piece

_PIECES_A_TASK = 3
"""Pieces for each task that runs at once: who is done early takes another."""


class Frames(Protocol):
    """What ``finops.evaluate.matching`` asks of an engine. Frames are lazy until ``fetch``."""

    def scopes(self) -> Lazy: ...

    def costs_daily(self) -> Lazy: ...

    def rows(self, columns: Sequence[str], conditions: Sequence[Condition | None], first: date, last: date) -> Lazy:
        """``columns`` (those that the lake lacks as null text), ``source``, ``day``, ``BillingCurrency`` and the costs
        of single rows from ``first`` through ``last``, of at least those that one of ``conditions`` takes."""
        ...

    def lend(self, frame: pl.DataFrame) -> Lazy:
        """A small frame of this process, for the engine to join with."""
        ...

    def fetch(self, frame: Lazy) -> pl.DataFrame:
        """Runs a plan, and brings its (small) outcome to this process."""
        ...


@dataclass(frozen=True, slots=True)
class PolarsFrames:
    """The engine of this process."""

    view: LakeView

    def scopes(self) -> Lazy:
        return nw.from_native(self.view.scopes())

    def costs_daily(self) -> Lazy:
        return nw.from_native(self.view.costs_daily())

    def rows(self, columns: Sequence[str], conditions: Sequence[Condition | None], first: date, last: date) -> Lazy:
        return nw.from_native(_matching(self.view.costs_by_day(), columns, conditions, first, last))

    def lend(self, frame: pl.DataFrame) -> Lazy:
        return lent(frame)

    def fetch(self, frame: Lazy) -> pl.DataFrame:
        return local(frame)


@dataclass(frozen=True, slots=True)
class EngineFrames:
    """An engine on other machines: the large tables are read, joined and summed there. ``scopes`` is small and stays
    here."""

    view: LakeView
    engine: Engine

    def scopes(self) -> Lazy:
        return nw.from_native(self.view.scopes())

    def costs_daily(self) -> Lazy:
        tasks = [partial(_cells_of, piece) for piece in self._pieces("costs_daily")]
        return self.engine.frame(tasks, self.view.costs_daily().collect_schema())

    def rows(self, columns: Sequence[str], conditions: Sequence[Condition | None], first: date, last: date) -> Lazy:
        chosen = partial(_chosen, columns=columns, conditions=conditions, first=first, last=last)
        tasks = [partial(_rows_of, piece, chosen) for piece in self._pieces("costs")]
        return self.engine.frame(tasks, chosen(self.view.costs_by_day()).collect_schema())

    def lend(self, frame: pl.DataFrame) -> Lazy:
        return self.engine.lend(frame)

    def fetch(self, frame: Lazy) -> pl.DataFrame:
        return local(frame) if frame.implementation.is_polars() else self.engine.fetch(frame)

    def _pieces(self, table: Divisible) -> Sequence[Piece]:
        width = self.engine.width
        return self.view.pieces(table, fewest=width, most=_PIECES_A_TASK * width)


def frames_of(view: LakeView) -> Frames:
    """The frames of the engine that the view names."""
    return PolarsFrames(view) if view.engine is None else EngineFrames(view, view.engine)


def _cells_of(piece: Piece) -> pl.DataFrame:
    return piece.costs_daily().collect(engine="streaming")


def _rows_of(piece: Piece, chosen: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
    return chosen(piece.costs_by_day()).collect(engine="streaming")


def _chosen(
    rows: pl.LazyFrame, columns: Sequence[str], conditions: Sequence[Condition | None], first: date, last: date
) -> pl.LazyFrame:
    """What ``Frames.rows`` gives, added up as far as it can be: fewer rows leave the worker."""
    keys = list(dict.fromkeys(("source", "day", "BillingCurrency", *columns)))
    rows = _matching(rows, columns, conditions, first, last)
    if set(COSTS) & set(columns):  # a cost that a condition names is a key: rows stay single
        return rows.select(*keys, *(cost for cost in COSTS if cost not in keys))
    return rows.group_by(keys).agg(pl.col(COSTS).sum())


def _matching(
    rows: pl.LazyFrame, columns: Sequence[str], conditions: Sequence[Condition | None], first: date, last: date
) -> pl.LazyFrame:
    rows = rows.filter(pl.col("day").is_between(first, last))
    missing = sorted(set(columns) - set(rows.collect_schema().names()))
    rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
    expressions = [condition.expression() for condition in conditions if condition is not None]
    return rows.filter(pl.any_horizontal(expressions)) if len(expressions) == len(conditions) else rows


def lent(frame: pl.DataFrame) -> Lazy:
    """A frame of this process, in the words of every engine."""
    return nw.from_native(frame.lazy())


def local(frame: Lazy) -> pl.DataFrame:
    """What a plan over frames of this process comes to."""
    native: pl.LazyFrame = frame.to_native()
    return native.collect(engine="streaming")
