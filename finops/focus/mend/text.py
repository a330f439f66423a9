"""Text columns."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finops.focus.observations import BatchNotes


@dataclass(frozen=True, slots=True)
class TextMender:
    """String; numbers become text as they are; the literal ``NULL`` and the empty text become null."""

    column: str
    dtype: pl.DataType

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        """Lengths are cheaper to look at than characters: neither ``NULL`` nor the empty text is longer."""
        return (raw.str.len_bytes() <= len("NULL")).any() if self.dtype == pl.String else None

    def mend(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        return mend_text(raw, self.column, notes) if closely else raw


def mend_text(raw: pl.Series, column: str, notes: BatchNotes) -> pl.Series:
    """String, with nulls for ``NULL`` and the empty text."""
    text = raw if raw.dtype == pl.String else _as_text(raw)
    empty = text == ""
    literal = text == "NULL"
    wrong = empty | literal
    if not wrong.any():
        return text
    notes.mend(column, "empty text", empty)
    notes.mend(column, "literal NULL", literal)
    return blank(text, wrong)


def blank(series: pl.Series, where: pl.Series) -> pl.Series:
    """Null where the mask is true."""
    return series.zip_with(~where, pl.Series([None], dtype=series.dtype))


def _as_text(raw: pl.Series) -> pl.Series:
    if raw.dtype.is_float():
        whole = raw.cast(pl.Int64, strict=False)
        if whole.null_count() == raw.null_count() and (whole.cast(raw.dtype) == raw).all():
            return whole.cast(pl.String)  # an account id that a reader took for a double
    return raw.cast(pl.String, strict=False)
