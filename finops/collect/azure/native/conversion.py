"""Rows of a cost details file -> FOCUS rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import polars as pl

from finops.collect.azure.headers import own_names
from finops.collect.azure.native.columns import BLOCK, UNIT, focus
from finops.collect.azure.native.file_columns import NEEDED, FileColumns
from finops.collect.azure.native.units import pricing_unit
from finops.collect.azure.native.view import View, Words, kept

_BLOCK_TYPE = pl.Decimal(38, 15)
_COST_DETAILS_ONLY = frozenset(
    {"metercategory", "meterid", "unitofmeasure", "consumedservice", "productname", "product"}
)


def is_cost_details(columns: Iterable[str]) -> bool:
    """Whether a file with these columns holds Azure cost details, of any agreement and in any language's header."""
    own = own_names(columns)
    return bool(own.keys() & _COST_DETAILS_ONLY) and all(set(names) & own.keys() for names in NEEDED.values())


def as_focus(raw: pl.LazyFrame, where: str, view: View | None = None) -> pl.LazyFrame:
    """A cost details file as FOCUS columns, streamed batch by batch.

    ``raw`` has the file's own columns, as text or typed: see ``file_columns`` for the names that are understood.
    ``where`` is the file's name, for messages. ``view`` says what its costs mean; without one the file counts as alone,
    and its rows are scanned once to tell actual from amortised cost. Where a month has both files, convert the
    amortised one with ``View.AMORTISED`` and the actual one with ``View.ACTUAL`` and concatenate the two.

    Returns FOCUS columns and the ``x_`` columns of Azure's own FOCUS exports, ready to be conformed; rows of a pair
    that the other file tells are left out. Raises ``RefusedBatch`` naming the header's columns where one is missing.
    """
    convert = CostDetails(dict(raw.collect_schema()), view or view_of(raw, where), where)
    return raw.map_batches(lambda rows: convert(rows)[0], schema=pl.Schema(convert.schema), streamable=True)


def view_of(raw: pl.LazyFrame, where: str) -> View:
    """What a file that stands alone tells: only amortised cost charges for the use of a commitment."""
    file = FileColumns(dict(raw.collect_schema()), where)
    charged = Words.of(file).use_of_commitment & (file.number("cost") != 0).fill_null(value=False)
    amortised = raw.select(charged.any()).collect(engine="streaming").item()
    return View.AMORTISED_ALONE if amortised else View.ACTUAL_ALONE


class CostDetails:
    """One file; ``view`` says what its costs mean. Called with batches of its rows."""

    def __init__(self, schema: Mapping[str, pl.DataType], view: View, where: str) -> None:
        """``where``: the file, for messages. Raises ``RefusedBatch`` for columns that cost details do not have."""
        file = FileColumns(schema, where)
        words = Words.of(file)
        self._measure = file.text("unitofmeasure").alias(UNIT)
        self._kept = kept(view, words)
        self._columns = [value.alias(name) for name, value in focus(file, view, words).items()]
        nothing = pl.DataFrame(schema=dict(schema))
        self.schema = dict(self(nothing)[0].schema)

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        """The FOCUS rows; nothing is repaired that the file did not have, so the counts are empty."""
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
