"""The tables of one data version, in whatever engine holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import narwhals as nw
import polars as pl

from finops.conditions import Condition
from finops.evaluate.summing import Lazy
from finops.ports.lake import LakeView


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
        rows = self.view.costs_by_day().filter(pl.col("day").is_between(first, last))
        missing = sorted(set(columns) - set(rows.collect_schema().names()))
        rows = rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in missing)
        expressions = [condition.expression() for condition in conditions if condition is not None]
        if len(expressions) == len(conditions):
            rows = rows.filter(pl.any_horizontal(expressions))
        return nw.from_native(rows)

    def lend(self, frame: pl.DataFrame) -> Lazy:
        return lent(frame)

    def fetch(self, frame: Lazy) -> pl.DataFrame:
        return local(frame)


def lent(frame: pl.DataFrame) -> Lazy:
    """A frame of this process, in the words of every engine."""
    return nw.from_native(frame.lazy())


def local(frame: Lazy) -> pl.DataFrame:
    """What a plan over frames of this process comes to."""
    native: pl.LazyFrame = frame.to_native()
    return native.collect(engine="streaming")
