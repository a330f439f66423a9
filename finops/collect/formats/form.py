"""How a file is written, and how its rows are read."""

from __future__ import annotations

from typing import Literal

import polars as pl

from finops.collect.formats.batches import in_batches, in_slices
from finops.collect.formats.dialect import PLAIN, Dialect, dialect_of
from finops.collect.formats.json_lines import json_rows
from finops.collect.formats.rewritten import rewritten_rows
from finops.collect.formats.row_widths import check_widths
from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits, check_rows
from finops.objectstore.content import head_of, pieces_of
from finops.objectstore.location import Location
from finops.objectstore.parquet_bounds import check_parquet

Form = Literal["csv", "parquet", "json lines"]

_SUFFIXES: dict[str, Form] = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".parquet": "parquet",
    ".jsonl": "json lines",
    ".jsonl.gz": "json lines",
    ".ndjson": "json lines",
    ".ndjson.gz": "json lines",
}


def form_of(uri: str) -> Form | None:
    """The form that a file's name says; None for any other file."""
    return next((form for suffix, form in _SUFFIXES.items() if uri.lower().endswith(suffix)), None)


def scan(
    location: Location,
    form: Form,
    dialect: Dialect = PLAIN,
    *,
    shown_as: str = "",
    limits: InputLimits = DEFAULT_LIMITS,
    checked: bool = False,
) -> pl.LazyFrame:
    """The rows of a file, lazily. Every column of a text format is String, so that account ids keep their zeros.

    ``dialect``: of a CSV file, where it is not what RFC 4180 says. ``shown_as``: the file in messages, else its URI.
    A text file is read through once before: its reader holds a row in memory, however long it is. ``checked``: that was
    done, and the file is the same since. Raises ``RefusedBatch`` for what passes ``limits``, and what reading raises.
    """
    name = shown_as or location.uri
    if form == "json lines":
        return json_rows(location, shown_as=name, limits=limits)
    options = location.storage_options() or None
    if form == "parquet":
        if not checked:
            check_parquet(location, limits, name)
        whole = pl.scan_parquet(location.uri, glob=False, hive_partitioning=False, storage_options=options)
        # from a store, each slice would be asked for anew
        return in_slices(whole) if location.is_local else whole
    if dialect.needs_rewriting:
        return rewritten_rows(location, dialect, shown_as=name, limits=limits)
    if not checked:
        check_rows(pieces_of(location, shown_as=name, limits=limits), limits, name)
    rows = pl.scan_csv(
        location.uri,
        infer_schema=False,
        glob=False,
        storage_options=options,
        separator=dialect.separator,
        skip_lines=dialect.skip_lines,
    )
    return in_batches(rows, lambda: check_widths(pieces_of(location, shown_as=name), dialect, shown_as=name))


def dialect_in(location: Location, form: Form, *, shown_as: str) -> Dialect:
    """How the CSV file at ``location`` is written, by its first bytes; ``PLAIN`` for every other form.

    Raises ``RefusedBatch`` where it holds something else than text, and what reading raises.
    """
    return dialect_of(head_of(location, shown_as=shown_as), shown_as) if form == "csv" else PLAIN
