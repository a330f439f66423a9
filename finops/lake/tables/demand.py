"""Demand series as rows of the table ``demand``."""

from __future__ import annotations

import json

import polars as pl

from finops.lake.tables.columns import DEMAND_SCHEMA


def demand_rows(name: str, frame: pl.DataFrame, unit: str) -> pl.DataFrame:
    """``frame`` (``day``, ``value``, one String column a dimension) with the columns of ``DEMAND_SCHEMA``."""
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
