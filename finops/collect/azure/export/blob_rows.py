"""One blob of an export as a part: its rows, counted and converted while they stream."""

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
from finops.collect.azure.export.manifest import Blob
from finops.collect.formats.form import form_of, scan
from finops.errors import RefusedBatch, Unreachable
from finops.objectstore.bounds import DEFAULT_LIMITS, InputLimits
from finops.objectstore.location import Location
from finops.objectstore.unreadable import unreadable
from finops.ports.source import Part


class Conversion(Protocol):
    """What happens to the raw rows of a blob. Called on several threads at once, with batches of some thousand rows."""

    schema: dict[str, pl.DataType]

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        """The rows with the columns of ``schema``, and how many values were repaired, by column and kind."""
        ...


ConversionOf = Callable[[Mapping[str, pl.DataType], str], Conversion]
"""Made for the columns that a blob has; the text is the blob's address, for messages."""


def blob_part(
    location: Location,
    blob: Blob,
    etag: str | None,
    rows: RowCount,
    month: date | None,
    convert: ConversionOf,
    asked: Callable[[], None],
    limits: InputLimits = DEFAULT_LIMITS,
) -> Part:
    """``location``: the container. ``etag``: of the content meant. ``month``: of every row, None for a run over several
    months. ``asked`` is called for each request.
    """
    place = location / blob.name
    form = form_of(blob.name)
    if form is None:
        raise RefusedBatch(
            "the blob's name ends in neither .csv nor .parquet", where=place.uri, remedy="Export as Parquet or CSV"
        )
    reading = [_Reading()]

    def open_rows() -> pl.LazyFrame:
        asked()
        raw = scan(place, form, limits=limits, checked=reading[0].checked)
        conversion = convert(dict(raw.collect_schema()), place.uri)
        reading[0] = _Reading(conversion, checked=True)
        return raw.map_batches(reading[0], schema=pl.Schema(conversion.schema), streamable=True)

    def verify() -> Mapping[str, int]:
        rows.check(blob, reading[0].rows)
        asked()
        _check_same(location, blob.name, etag, place.uri)
        return dict(reading[0].repaired)

    return Part(place.uri, open_rows, verify, month)


def _check_same(location: Location, name: str, etag: str | None, uri: str) -> None:
    """An overwriting export may replace blobs while they are read: no commit mixes two runs."""
    try:
        now = obstore.head(location.store(), name)["e_tag"]
    except (BaseError, OSError) as error:
        raise unreadable(error, uri) from error
    # a listing gives the etag bare, a head request in quotes
    if etag is not None and now is not None and now.strip('"') != etag.strip('"'):
        raise Unreachable("the blob was rewritten while it was read", where=uri, remedy="Collect again")


class _Reading:
    """One pass over a blob."""

    def __init__(self, convert: Conversion | None = None, *, checked: bool = False) -> None:
        """``checked``: the blob's bounds were looked at; ``verify`` finds out whether it is still the same."""
        self.checked = checked
        self.rows = 0
        self.repaired: Counter[str] = Counter()
        self._convert = convert
        self._lock = threading.Lock()

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        if self._convert is None:
            return rows
        converted, counts = self._convert(rows)
        with self._lock:
            self.rows += rows.height
            self.repaired.update(counts)
        return converted
