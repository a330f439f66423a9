"""Rows of a cost details file -> FOCUS rows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from finops.collect.azure.export.native.columns import BLOCK, UNIT, focus
from finops.collect.azure.export.native.file_columns import FileColumns
from finops.collect.azure.export.native.units import pricing_unit
from finops.collect.azure.export.native.view import View, Words, kept

_BLOCK_TYPE = pl.Decimal(38, 15)


class NativeMend:
    """One file; ``view`` says what its costs mean."""

    def __init__(self, schema: Mapping[str, pl.DataType], view: View, where: str) -> None:
        """``where``: the file, for messages. Raises ``RefusedBatch`` for columns that cost details do not have."""
        file = FileColumns(schema, where)
        words = Words(file.word("chargetype"), file.word("pricingmodel"))
        self._measure = file.text("unitofmeasure").alias(UNIT)
        self._kept = kept(view, words)
        self._columns = [value.alias(name) for name, value in focus(file, view, words).items()]
        nothing = pl.DataFrame(schema=dict(schema))
        self.schema = dict(self(nothing)[0].schema)

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        if self._kept is not None:
            rows = rows.filter(self._kept)
        measures = rows.select(self._measure).to_series()
        units = {text: pricing_unit(text) for text in measures.unique().drop_nulls()}
        blocks = {text: block for text, (block, _) in units.items()}
        names = {text: name for text, (_, name) in units.items()}
        known = rows.with_columns(
            _looked_up(measures, blocks, Decimal(1)).alias(BLOCK), _looked_up(measures, names, None).alias(UNIT)
        )
        return known.select(self._columns), {}


def _looked_up(keys: pl.Series, values: Mapping[str, object], default: object) -> pl.Series:
    dtype = pl.String() if default is None else _BLOCK_TYPE
    return pl.Series([default if key is None else values[key] for key in keys], dtype=dtype)
