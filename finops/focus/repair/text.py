"""Text columns."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finops.focus.observations import BatchNotes
from finops.model.cell import INVISIBLE, NOTHING, WIDTHLESS

_LONGEST_NOTHING = max(map(len, NOTHING))


@dataclass(frozen=True, slots=True)
class TextRepairer:
    """String; numbers become text as they are; what files write for no value becomes null."""

    column: str
    dtype: pl.DataType

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        """Lengths are cheaper to look at than characters: no text for nothing is long, no invisible one is ASCII."""
        if self.dtype != pl.String:
            return None
        bytes_ = raw.str.len_bytes()
        return (bytes_ <= _LONGEST_NOTHING).any() | (bytes_ != raw.str.len_chars()).any()

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        return repair_text(raw, self.column, notes, edges=WIDTHLESS) if closely else raw


def repair_text(raw: pl.Series, column: str, notes: BatchNotes, *, edges: str = INVISIBLE) -> pl.Series:
    """String without the characters of ``edges`` around it; null for what files write for no value."""
    text = raw if raw.dtype == pl.String else _as_text(raw)
    other_letters = text.str.len_bytes() != text.str.len_chars()  # far cheaper than to look at the edges
    if other_letters.any() and (marked := text.str.contains(f"^[{edges}]|[{edges}]$")).any():
        notes.repair(column, "invisible characters around the value", marked)
        text = text.str.strip_chars(edges)
    wrong = text.is_in(NOTHING)
    if not wrong.any():
        return text
    empty = text == ""
    notes.repair(column, "empty text", empty)
    for written, count in text.filter(wrong & ~empty).value_counts().iter_rows():
        notes.repair(column, f"literal {written}", count)
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
