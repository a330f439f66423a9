"""Reads the demo's files the way a stranger would: no code of the generator takes part."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

AMOUNTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice", "ContractedUnitPrice")
QUANTITIES = ("PricingQuantity", "ConsumedQuantity")


def read(path: Path) -> pl.DataFrame:
    """Amounts as Float64, moments as Datetime(UTC), Tags as JSON text."""
    if path.name.endswith(".parquet"):
        frame = pl.read_parquet(path)
        tags = [None if entry is None else json.dumps(dict(entry)) for entry in frame["Tags"].to_list()]
        return frame.with_columns(
            pl.Series("Tags", tags, dtype=pl.String),
            pl.col("^(Charge|Billing)Period(Start|End)$").dt.replace_time_zone("UTC"),
        )
    return pl.read_csv(path, infer_schema=False).with_columns(
        pl.col(*AMOUNTS, *QUANTITIES).cast(pl.Float64),
        pl.col("^(Charge|Billing)Period(Start|End)$").str.to_datetime(
            "%Y-%m-%dT%H:%M:%SZ", time_unit="ms", time_zone="UTC"
        ),
    )


def exact_sum(path: Path, column: str) -> pl.Series:
    """The decimal sum of a text file's column."""
    return pl.read_csv(path, infer_schema=False).select(pl.col(column).cast(pl.Decimal(38, 12)).sum()).to_series()
