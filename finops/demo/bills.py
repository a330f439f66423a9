"""Rows -> files, by billing month, the way each provider writes them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from finops.demo.columns import AMOUNTS, MOMENTS
from finops.demo.rows import dtype_of

_TAG_MAP = pl.Map(pl.String, pl.String)


def months_of(rows: pl.DataFrame) -> Sequence[tuple[date, pl.DataFrame]]:
    """The rows by billing month (its first day), in order."""
    month = pl.col("BillingPeriodStart").dt.date()
    months: list[date] = sorted(rows.select(month.unique()).to_series().to_list())
    return [(first, rows.filter(month == first)) for first in months]


def write_parquet(path: Path, rows: pl.DataFrame, columns: Sequence[str], x_columns: Sequence[str]) -> None:
    """Like AWS Data Exports: doubles, milliseconds without a zone, tags and discounts as maps."""
    path.parent.mkdir(parents=True, exist_ok=True)
    maps = {"Tags", "x_CostCategories", "x_Discounts"}
    frame = _complete(rows, [*columns, *x_columns]).with_columns(
        pl.col([column for column in columns if column in AMOUNTS]).cast(pl.Float64),
        pl.col([column for column in columns if column in MOMENTS]).dt.replace_time_zone(None),
        *[_as_map(rows, column) for column in (*columns, *x_columns) if column in maps],
    )
    frame.write_parquet(path, compression="snappy")


def write_csv(path: Path, rows: pl.DataFrame, columns: Sequence[str], x_columns: Sequence[str]) -> None:
    """Amounts as decimal text, moments as ``2026-03-01T00:00:00Z``, null as nothing; gzip where the name ends so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = _complete(rows, [*columns, *x_columns]).with_columns(
        pl.col([column for column in columns if column in MOMENTS]).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        *[_plain(column) for column in columns if column in AMOUNTS],
    )
    content = frame.write_csv().encode()
    if path.suffix == ".gz":
        content = gzip.compress(content, compresslevel=5, mtime=0)  # no time inside: the same rows are the same bytes
    path.write_bytes(content)


def _complete(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Exactly ``columns``; what the rows do not have is null."""
    return rows.select(
        pl.col(column) if column in rows.columns else pl.lit(None, dtype_of(column)).alias(column) for column in columns
    )


def _plain(column: str) -> pl.Expr:
    """No zeros at the end: ``0.0952``, ``24``."""
    return pl.col(column).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".").alias(column)


def _as_map(rows: pl.DataFrame, column: str) -> pl.Series:
    texts = rows[column].to_list() if column in rows.columns else [None] * rows.height
    # a list of dictionaries becomes a series slowly, one by one: those that differ are few
    parsed = {text: [{"key": k, "value": v} for k, v in json.loads(text).items()] for text in set(texts) if text}
    entries = pl.Series(column, parsed.values(), dtype=pl.List(pl.Struct({"key": pl.String, "value": pl.String})))
    places = {text: place for place, text in enumerate(parsed)}
    return entries.cast(_TAG_MAP).gather(pl.Series([places.get(text) for text in texts], dtype=pl.UInt32))
