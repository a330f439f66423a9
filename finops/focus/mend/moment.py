"""Times: ISO 8601 in UTC. A time without a zone is UTC, as FOCUS has no other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from finops.focus.mend.text import blank, mend_text
from finops.focus.observations import BatchNotes
from finops.focus.schema import MOMENT

_REMEDY = "Write it like 2026-03-01T00:00:00Z"
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE = pl.Datetime("us")


@dataclass(frozen=True, slots=True)
class _Form:
    """``mend``: what reading this form means; None for FOCUS's own form."""

    format: str
    mend: str | None


# the commonest first: each is tried on what those before it could not read
_FORMS = (
    _Form("%Y-%m-%dT%H:%M:%SZ", None),
    _Form("%Y-%m-%d %H:%M:%S", "no zone, read as UTC"),
    _Form("%Y-%m-%dT%H:%M:%S%.fZ", None),
    _Form("%Y-%m-%dT%H:%M:%S%.f", "no zone, read as UTC"),
    _Form("%Y-%m-%d %H:%M:%S%.f", "no zone, read as UTC"),
    _Form("%Y-%m-%d", "no zone, read as UTC"),
    _Form("%Y-%m-%d %H:%M:%S%.fZ", "other form of ISO 8601"),
    _Form("%Y-%m-%d %H:%M:%S%.f UTC", "other form of ISO 8601"),
    _Form("%Y-%m-%dT%H:%MZ", "other form of ISO 8601"),
    _Form("%Y%m%dT%H%M%SZ", "other form of ISO 8601"),
    _Form("%Y-%m-%dT%H:%M", "no zone, read as UTC"),
    _Form("%Y-%m-%d %H:%M", "no zone, read as UTC"),
    _Form("%Y-%m-%dT%H:%M:%S%.f%:z", "offset, converted to UTC"),
    _Form("%Y-%m-%d %H:%M:%S%.f%:z", "offset, converted to UTC"),
    _Form("%Y-%m-%dT%H:%M:%S%.f%z", "offset, converted to UTC"),
)


@dataclass(frozen=True, slots=True)
class MomentMender:
    """Datetime("us", "UTC"). A time that cannot be read is a fault."""

    column: str
    dtype: pl.DataType

    def probe(self, raw: pl.Expr) -> pl.Expr | None:  # noqa: ARG002 - reading the times is the cheapest question
        return None

    def mend(self, raw: pl.Series, notes: BatchNotes, *, closely: bool = True) -> pl.Series:  # noqa: ARG002 - see probe
        dtype = raw.dtype
        if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
            if dtype.time_zone not in {"UTC", "+00:00", "Etc/UTC"}:
                notes.mend(self.column, "offset, converted to UTC", len(raw) - raw.null_count())
            return raw.cast(MOMENT)
        if dtype in (pl.Datetime, pl.Date):
            notes.mend(self.column, "no zone, read as UTC", len(raw) - raw.null_count())
            return raw.cast(_NAIVE).cast(MOMENT)
        return _read(raw.cast(pl.String), self.column, notes)


def _read(text: pl.Series, column: str, notes: BatchNotes) -> pl.Series:
    moments = _parse(text, _FORMS[0])
    if moments.null_count() == text.null_count():
        return moments
    text = mend_text(text, column, notes)
    unread = (moments.is_null() & text.is_not_null()).arg_true()
    # a file has one form, or few: the first text that is left says which to try next
    while len(unread):
        left = text.gather(unread).str.strip_chars().str.to_uppercase()
        form = next((form for form in _FORMS if _parse(left.head(1), form).null_count() == 0), None)
        if form is None:
            unclear = moments.is_null() & text.is_not_null()
            notes.fault(column, unclear, text, lambda value: f"'{value}' is no time", _REMEDY)
            return moments
        found = _parse(left, form)
        moments = moments.scatter(unread, found)
        if form.mend is not None:
            notes.mend(column, form.mend, len(found) - found.null_count())
        unread = unread.filter(found.is_null())
    return moments


def _parse(text: pl.Series, form: _Form) -> pl.Series:
    moments = text.str.to_datetime(form.format, time_unit="us", time_zone="UTC", strict=False)
    earliest = moments.min()
    if isinstance(earliest, datetime) and earliest < _FIRST:  # a year of two digits is read as the first century's
        return blank(moments, moments < _FIRST)
    return moments
