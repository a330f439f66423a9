"""Rows of a cost details file -> FOCUS rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache

import polars as pl

from finops.collect.azure.headers import own_names
from finops.collect.azure.native.columns import BLOCK, UNIT, focus
from finops.collect.azure.native.file_columns import NEEDED, FileColumns
from finops.collect.azure.native.view import View, Words, kept

# UnitOfMeasure, such as ``100 Hours`` or ``10K/Month`` -> how many units a price is for, and of what.
#
# Microsoft looks these up ("Pricing units", microsoft/finops-toolkit, src/open-data/PricingUnits.csv); this reads them.

_FORM = re.compile(r"\s*(?:(?P<number>\d[\d,]*(?:\.\d+)?)(?P<thousands>[KMB](?=\s|/|$))?)?\s*(?P<unit>.*?)\s*")
_THOUSANDS = {None: Decimal(1), "K": Decimal(1_000), "M": Decimal(1_000_000), "B": Decimal(1_000_000_000)}
_SINGULAR = re.compile(
    r"\b(Hour|Day|Month|Minute|Second|Year|Connection|Device|User|Unit|Node|Server|Image)$", re.IGNORECASE
)


@lru_cache(maxsize=1_000)
def pricing_unit(measure: str) -> tuple[Decimal, str]:
    """(block size, unit in the plural). What has no number is one; what has no unit counts units.

    >>> pricing_unit("100 Hour"), pricing_unit("10K/Month"), pricing_unit("1 GB")
    ((Decimal('100'), 'Hours'), (Decimal('10000'), 'Units/Month'), (Decimal('1'), 'GB'))
    """
    found = _FORM.fullmatch(measure)
    if found is None or found["number"] is None:
        return Decimal(1), _plural(measure.strip())
    block = Decimal(found["number"].replace(",", "")) * _THOUSANDS[found["thousands"]]
    return (block or Decimal(1)), _plural(found["unit"])


def _plural(unit: str) -> str:
    head, slash, rest = unit.partition("/")
    head = head.strip() or "Units"
    return f"{_SINGULAR.sub(lambda word: f'{word[0].capitalize()}s', head)}{slash}{rest}"


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
