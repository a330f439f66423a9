"""The line of a row: a small number that stands for its scope and its currency."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import polars as pl

from finops.deferred import numpy as np
from finops.lake.rollup.key_index import KeyIndex, Numbers, halves, number
from finops.lake.rollup.scope_registry import ScopeRegistry
from finops.lake.rollup.tuple_keys import KEY, with_keys
from finops.lake.tables.columns import with_columns_of
from finops.model.scopes import SCOPE_COLUMNS
from finops.ports.lake import DimensionColumns

CURRENCY = "BillingCurrency"
_TUPLES_REMEMBERED = 1_000_000


class Lines:
    """Of one source. Any number of threads may ask.

    A row's *raw* tuple is what its scope, its dimensions and its currency are made from. Each raw tuple is looked at
    once; any other row of it needs its hashes and one look into a table.
    """

    def __init__(
        self, source: str, dimensions: DimensionColumns, book: ScopeRegistry, types: pl.Schema, present: Sequence[str]
    ) -> None:
        """``types``: of every column that is read; ``present``: those of them that rows have, the others are null."""
        wanted = {*SCOPE_COLUMNS, *dimensions.required_columns, CURRENCY} - {"source"}
        self._raw = sorted(wanted.intersection(present))
        self._varied = dimensions.required_columns
        self._types = pl.Schema({name: types[name] for name in sorted(wanted)})
        self._source = pl.lit(source).alias("source")
        self._dimensions = dimensions
        self._book = book
        self._index = KeyIndex()
        self._lock = threading.Lock()
        self._pairs = KeyIndex()
        self._known = [pl.DataFrame(schema={"scope_id": pl.Int64(), "currency": pl.String()})]

    @staticmethod
    def reads(dimensions: DimensionColumns) -> set[str]:
        """The columns that rows may have."""
        return {*SCOPE_COLUMNS, *dimensions.required_columns, CURRENCY} - {"source"}

    def of(self, rows: pl.DataFrame) -> pl.Series:
        """One Int64 a row, from 0 without a gap."""
        keyed = with_keys(rows.select(self._raw), self._raw, varied=self._varied)
        found = self._index.find(*halves(keyed))
        if (found < 0).any():
            with self._lock:
                if self._index.count > _TUPLES_REMEMBERED:
                    self._index = KeyIndex()
                found = number(keyed, self._index, self._learn)
        return pl.Series("line", found)

    def known(self) -> pl.DataFrame:
        """``scope_id`` and ``currency`` of every line, in their order."""
        with self._lock:
            if len(self._known) > 1:
                self._known = [pl.concat(self._known, rechunk=True)]
            return self._known[0]

    def scopes(self) -> pl.DataFrame:
        """The scopes of these lines, as the table has them."""
        return self._book.all().join(self.known().select("scope_id").unique(), on="scope_id", how="semi")

    def _learn(self, unseen: pl.DataFrame) -> Numbers:
        whole = with_columns_of(unseen.lazy(), self._types).with_columns(self._source)
        # not the streaming engine: its threads are those that wait here, and all of them may
        tuples = whole.with_columns(self._dimensions.expressions()).collect(engine="in-memory")
        pairs = tuples.select(
            pl.Series("scope_id", self._book.ids_of(tuples)),
            pl.col(CURRENCY).alias("currency"),
            pl.col(CURRENCY).hash().alias(KEY[1]),
        ).with_columns(pl.col("scope_id").cast(pl.UInt64).alias(KEY[0]))
        return number(pairs, self._pairs, self._name)

    def _name(self, new: pl.DataFrame) -> Numbers:
        """The next lines, for pairs of scope and currency that have none."""
        first = self._pairs.count
        self._known.append(new.select("scope_id", "currency"))
        return np.arange(first, first + new.height)
