"""Columns that FOCUS does not know: kept, in a type that every lake can hold."""

from __future__ import annotations

import polars as pl

from finops.focus.observations import BatchNotes
from finops.focus.repair.canonical_json import CanonicalJson
from finops.focus.repair.json_text import JsonRepairer
from finops.focus.repair.repairer import Repairer
from finops.focus.repair.text import TextRepairer
from finops.focus.schema import MOMENT

_WHOLE = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)


def extra_type(dtype: pl.DataType, *, is_provider_column: bool) -> pl.DataType:
    """The type of an extra column: its own where Delta has it, else text. Columns without ``x_`` become text."""
    if not is_provider_column:
        return pl.String()
    if dtype in _WHOLE:
        return pl.Int64()
    if dtype.is_float():
        return pl.Float64()
    if isinstance(dtype, pl.Datetime):
        return MOMENT
    if dtype.is_decimal() or dtype in (pl.Boolean, pl.Date):
        return dtype
    return pl.String()


def extra_repairer(column: str, dtype: pl.DataType, target: pl.DataType, canonical: CanonicalJson) -> Repairer:
    """The repairer for an extra column of type ``dtype`` that becomes ``target``."""
    if dtype.is_nested():
        return JsonRepairer(column, trim_keys=False, strict=False, canonical=canonical)
    if target == pl.String:
        return TextRepairer(column, dtype)
    return _CastRepairer(column, target)


class _CastRepairer:
    """Another width of the same kind; a time without a zone is UTC."""

    def __init__(self, column: str, target: pl.DataType) -> None:
        self.column = column
        self._target = target

    def probe(self, raw: pl.Expr) -> pl.Expr | None:  # noqa: ARG002 - a cast needs no question
        return None

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:  # noqa: ARG002 - see probe
        if self._target == MOMENT and raw.dtype.time_zone is None:  # type: ignore[attr-defined]  # only times become times
            raw = raw.cast(pl.Datetime("us"))
        return raw.cast(self._target)
