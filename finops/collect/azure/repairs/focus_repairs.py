"""Rows of one of Azure's FOCUS exports -> the same rows with the known gaps filled."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from finops.collect.azure.headers import own_name, own_names
from finops.collect.azure.repairs.gap import Gap
from finops.collect.azure.repairs.gaps import filled_schema, gaps

_OF_AZURE = frozenset({"x_skumetersubcategory", "x_pricingblocksize", "x_skumetercategory"})
_OF_FOCUS = frozenset({"billedcost", "effectivecost", "chargecategory"})


def is_azure_focus(columns: Iterable[str]) -> bool:
    """Whether a file with these columns is one of Azure's own FOCUS exports."""
    own = own_names(columns).keys()
    return own >= _OF_FOCUS and bool(own & _OF_AZURE)


def repaired(raw: pl.LazyFrame) -> tuple[pl.LazyFrame, Mapping[str, int]]:
    """An Azure FOCUS export with its gaps filled, streamed batch by batch; columns keep their types.

    With how many values were repaired, by column and kind, once the rows were read.
    """
    repairs = FocusRepairs(dict(raw.collect_schema()))
    counts: Counter[str] = Counter()
    lock = threading.Lock()

    def repair(rows: pl.DataFrame) -> pl.DataFrame:
        filled, found = repairs(rows)
        with lock:
            counts.update(found)
        return filled

    return raw.map_batches(repair, schema=pl.Schema(repairs.schema), streamable=True), counts


class FocusRepairs:
    """Called with batches of rows that have the columns of ``schema``, as text or typed."""

    def __init__(self, schema: Mapping[str, pl.DataType]) -> None:
        self._names = {header: own_name(header) for header in own_names(schema).values()}
        # Parquet can have columns without a type, which could hold no value either
        self._untyped = [name for name, dtype in schema.items() if dtype == pl.Null]
        types = {name: pl.String() if dtype == pl.Null else dtype for name, dtype in schema.items()}
        schema = {self._names.get(header, header): dtype for header, dtype in types.items()}
        self.schema = filled_schema(schema)
        self._gaps = gaps(schema)
        self._added = [pl.lit(None, dtype).alias(name) for name, dtype in self.schema.items() if name not in schema]

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        """The rows, and how many values were repaired, by column and kind."""
        rows = rows.cast(dict.fromkeys(self._untyped, pl.String())).rename(self._names).with_columns(self._added)
        found = rows.select(gap.where.sum().alias(gap.kind) for gap in self._gaps).row(0)
        there = [(gap, count) for gap, count in zip(self._gaps, found, strict=True) if count]
        columns = dict.fromkeys(gap.column for gap, _ in there)
        filled = rows.with_columns(
            _filled(column, [gap for gap, _ in there if gap.column == column]) for column in columns
        )
        return filled, {gap.kind: count for gap, count in there}


def _filled(column: str, there: list[Gap]) -> pl.Expr:
    value = pl.col(column)
    for gap in there:
        value = pl.when(gap.where).then(gap.value).otherwise(value)
    return value.alias(column)
