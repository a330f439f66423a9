"""Which mender a column needs: the FOCUS model says it."""

from __future__ import annotations

import polars as pl

from finops.focus.mend.amount import AmountMender
from finops.focus.mend.canonical_json import CanonicalJson
from finops.focus.mend.choice import ChoiceMender, CurrencyMender
from finops.focus.mend.json_text import JsonMender
from finops.focus.mend.mender import Mender
from finops.focus.mend.moment import MomentMender
from finops.focus.mend.text import TextMender
from finops.focus.schema import REQUIRED, FocusColumn


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
