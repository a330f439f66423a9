"""Times: ISO 8601 in UTC. A time without a zone is UTC, as FOCUS has no other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from finops.focus.observations import BatchNotes
from finops.focus.repair.text import blank, repair_text
from finops.focus.schema import MOMENT
from finops.model.cell import read_moment

_REMEDY = "Write it like 2026-03-01T00:00:00Z"
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE = pl.Datetime("us")
_COMMON = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S")
"""Forms that are read as whole columns: FOCUS's own, and the one that databases write."""


@dataclass(frozen=True, slots=True)
class MomentRepairer:
    """Datetime("us", "UTC"). A time that cannot be read is a fault."""

    column: str
    dtype: pl.DataType

    def probe(self, raw: pl.Expr) -> pl.Expr | None:  # noqa: ARG002 - reading the times is the cheapest question
        return None

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool = True) -> pl.Series:  # noqa: ARG002 - see probe
        dtype = raw.dtype
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
            if dtype.time_zone not in {"UTC", "+00:00", "Etc/UTC"}:
                notes.repair(self.column, "offset, converted to UTC", len(raw) - raw.null_count())
            return raw.cast(MOMENT)
        if dtype in (pl.Datetime, pl.Date):
            notes.repair(self.column, "no zone, read as UTC", len(raw) - raw.null_count())
            return raw.cast(_NAIVE).cast(MOMENT)
        return _read(raw.cast(pl.String), self.column, notes)


def _read(text: pl.Series, column: str, notes: BatchNotes) -> pl.Series:
    moments = _parse(text, _COMMON[0])
    if moments.null_count() == text.null_count():
        return moments
    if moments.null_count() == len(text):
        moments = _parse(text, _COMMON[1])
        if moments.null_count() == text.null_count():
            notes.repair(column, "no zone, read as UTC", len(text) - text.null_count())
            return moments
        moments = blank(moments, moments.is_not_null())
    text = repair_text(text, column, notes)
    unread = (moments.is_null() & text.is_not_null()).arg_true()
    left = text.gather(unread)
    found = {value: moment for value in left.unique() if (moment := read_moment(value)) is not None}
    read = pl.Series(column, [found[value].at if value in found else None for value in left], dtype=MOMENT)
    repairs = Counter(found[value].repair for value in left if value in found)
    for repair in sorted(repair for repair in repairs if repair is not None):
        notes.repair(column, repair, repairs[repair])
    moments = moments.scatter(unread, read)
    notes.fault(
        column, moments.is_null() & text.is_not_null(), text, lambda value: f"'{value}' is not a valid time", _REMEDY
    )
    return moments


def _parse(text: pl.Series, form: str) -> pl.Series:
    moments = text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
    earliest = moments.min()
    if isinstance(earliest, datetime) and earliest < _FIRST:  # a year of two digits is read as the first century's
        return blank(moments, moments < _FIRST)
    return moments
