"""What every kind of column can do, and which a column needs: the FOCUS model says it."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from finops.focus.mend.amount import AmountMender
from finops.focus.mend.canonical_json import CanonicalJson
from finops.focus.mend.choice import ChoiceMender, CurrencyMender
from finops.focus.mend.json_text import JsonMender
from finops.focus.mend.moment import MomentMender
from finops.focus.mend.text import TextMender
from finops.focus.observations import BatchNotes
from finops.focus.schema import REQUIRED, FocusColumn


class Mender(Protocol):
    """Knows one conformed column and the type that it has in the part."""

    @property
    def column(self) -> str: ...

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        """One Boolean for a batch: whether ``mend`` must look closely. None: it always decides by itself."""
        ...

    def mend(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        """The conformed column; what was mended, noted or not understood goes to ``notes``."""
        ...


def focus_mender(column: FocusColumn, dtype: pl.DataType, canonical: CanonicalJson) -> Mender:
    """``dtype``: the type that the column has in the part. Raises nothing; any type can be looked at."""
    if column.data_type == "Decimal":
        return AmountMender(column.name, dtype)
    if column.data_type == "Date/Time":
        return MomentMender(column.name, dtype)
    if column.data_type == "JSON":
        is_tags = column.value_format == "Key-Value"
        return JsonMender(column.name, trim_keys=is_tags, strict=column.name == "Tags", canonical=canonical)
    if column.allowed_values:
        return ChoiceMender(column.name, dtype, column.allowed_values, must_be_known=column.name in REQUIRED)
    if column.name in REQUIRED and column.value_format == "Currency":
        return CurrencyMender(column.name, dtype)
    return TextMender(column.name, dtype)
