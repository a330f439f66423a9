"""One blob of an export as a part: its rows, counted and mended while they stream."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol

import obstore
import polars as pl
from obstore.exceptions import BaseError

from finops.collect.azure.export.delivered import RowCount
from finops.collect.azure.export.gaps import Gap, filled_schema, gaps
from finops.collect.azure.export.manifest import Blob
from finops.collect.files.form import form_of, scan
from finops.errors import RefusedBatch, Unreachable
from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable
from finops.ports.source import Part


class Mend(Protocol):
    """What happens to the raw rows of a blob. Called on several threads at once, with batches of some thousand rows."""

    schema: dict[str, pl.DataType]

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        """The rows with the columns of ``schema``, and how many values were mended, by column and kind."""
        ...


MendOf = Callable[[Mapping[str, pl.DataType], str], Mend]
"""Made for the columns that a blob has; the text is the blob's address, for messages."""


def blob_part(
    location: Location,
    blob: Blob,
    etag: str | None,
    rows: RowCount,
    month: date | None,
    mend: MendOf,
    asked: Callable[[], None],
) -> Part:
    """``location``: the container. ``etag``: of the content meant. ``month``: of every row, None for a run over several
    months. ``asked`` is called for each request.
    """
    place = location / blob.name
    form = form_of(blob.name)
    if form is None:
        raise RefusedBatch(
            "the blob is neither CSV nor Parquet by its name", where=place.uri, remedy="Export as Parquet or CSV"
        )
    reading = [_Reading()]

    def open_rows() -> pl.LazyFrame:
        asked()
        raw = scan(place, form)
        mender = mend(dict(raw.collect_schema()), place.uri)
        reading[0] = _Reading(mender)
        return raw.map_batches(reading[0], schema=pl.Schema(mender.schema), streamable=True)

    def verify() -> Mapping[str, int]:
        rows.check(blob, reading[0].rows)
        asked()
        _check_same(location, blob.name, etag, place.uri)
        return dict(reading[0].mended)

    return Part(place.uri, open_rows, verify, month)


def _check_same(location: Location, name: str, etag: str | None, uri: str) -> None:
    """An overwriting export may replace blobs while they are read: no commit mixes two runs."""
    try:
        now = obstore.head(location.store(), name)["e_tag"]
    except (BaseError, OSError) as error:
        raise unreadable(error, uri) from error
    # a listing gives the etag bare, a head request in quotes
    if etag is not None and now is not None and now.strip('"') != etag.strip('"'):
        raise Unreachable("the blob was written anew while it was read", where=uri, remedy="Collect again")


class _Reading:
    """One pass over a blob."""

    def __init__(self, mend: Mend | None = None) -> None:
        self.rows = 0
        self.mended: Counter[str] = Counter()
        self._mend = mend
        self._lock = threading.Lock()

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self._mend is None:
            return rows
        mended, counts = self._mend(rows)
        with self._lock:
            self.rows += rows.height
            self.mended.update(counts)
        return mended


class FocusMend:
    """A FOCUS export: known gaps are filled."""

    def __init__(self, schema: Mapping[str, pl.DataType]) -> None:
        self.schema = filled_schema(schema)
        self._gaps = gaps(schema)
        self._added = [pl.lit(None, dtype).alias(name) for name, dtype in self.schema.items() if name not in schema]

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        rows = rows.with_columns(self._added)
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
