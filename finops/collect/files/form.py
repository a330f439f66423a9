"""How a file is written, and how its rows are read."""

from __future__ import annotations

from typing import Literal

import polars as pl

from finops.collect.files.batches import in_batches
from finops.collect.files.slices import in_slices
from finops.objectstore.location import Location

Form = Literal["csv", "parquet"]

_SUFFIXES: dict[str, Form] = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"}


def form_of(uri: str) -> Form | None:
    """The form that a file's name says; None for any other file."""
    return next((form for suffix, form in _SUFFIXES.items() if uri.lower().endswith(suffix)), None)


def scan(location: Location, form: Form) -> pl.LazyFrame:
    """The rows of a file, lazily. Every column of a CSV file is String, so that account ids keep their zeros."""
    options = location.storage_options() or None
    if form == "parquet":
        whole = pl.scan_parquet(location.uri, glob=False, hive_partitioning=False, storage_options=options)
        # from a store, each slice would be asked for anew
        return in_slices(whole) if location.is_local else whole
    return in_batches(pl.scan_csv(location.uri, infer_schema=False, glob=False, storage_options=options))
