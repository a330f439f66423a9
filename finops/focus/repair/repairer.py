"""What every kind of column can do, and which a column needs: the FOCUS model says it."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from finops.focus.observations import BatchNotes
from finops.focus.repair.amount import AmountRepairer
from finops.focus.repair.canonical_json import CanonicalJson
from finops.focus.repair.choice import ChoiceRepairer, CurrencyRepairer
from finops.focus.repair.json_text import JsonRepairer
from finops.focus.repair.moment import MomentRepairer
from finops.focus.repair.text import TextRepairer
from finops.focus.schema import REQUIRED, FocusColumn


class Repairer(Protocol):
    """Knows one conformed column and the type that it has in the part."""

    @property
    def column(self) -> str: ...

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        """One Boolean for a batch: whether ``repair`` must look closely. None: it always decides by itself."""
        ...

    def repair(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        """The conformed column; what was repaired, noted or not understood goes to ``notes``."""
        ...


def focus_repairer(column: FocusColumn, dtype: pl.DataType, canonical: CanonicalJson) -> Repairer:
    """``dtype``: the type that the column has in the part. Raises nothing; any type can be looked at."""
    if column.data_type == "Decimal":
        return AmountRepairer(column.name, dtype)
    if column.data_type == "Date/Time":
        return MomentRepairer(column.name, dtype)
    if column.data_type == "JSON":
        is_tags = column.value_format == "Key-Value"
        return JsonRepairer(column.name, trim_keys=is_tags, strict=column.name == "Tags", canonical=canonical)
    if column.allowed_values:
        return ChoiceRepairer(column.name, dtype, column.allowed_values, must_be_known=column.name in REQUIRED)
    if column.name in REQUIRED and column.value_format == "Currency":
        return CurrencyRepairer(column.name, dtype)
    return TextRepairer(column.name, dtype)
