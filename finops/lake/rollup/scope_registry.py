"""The table ``scopes`` while a rollup is made: which tuples have an id, and which are new.

Ids are those of ``finops.model.scopes``. Two tuples with one id are detected, and refused.
"""

from __future__ import annotations

import polars as pl

from finops.deferred import numpy as np
from finops.errors import BrokenStore
from finops.lake.rollup.key_index import KeyIndex, Numbers, halves, number
from finops.lake.rollup.tuple_keys import with_keys
from finops.lake.tables.columns import scopes_schema
from finops.model.scopes import scope_ids


class ScopeRegistry:
    """Starts from the scopes that are known (columns of ``scopes_schema``) and collects those that are new."""

    def __init__(self, known: pl.DataFrame, dimensions: tuple[str, ...], where: str) -> None:
        self._where = where
        self._schema = scopes_schema(dimensions)
        self.columns = tuple(name for name in self._schema if name != "scope_id")
        self._known = known.select(self._schema.names())
        self._new: list[pl.DataFrame] = []
        self._tuples, self._ids = KeyIndex(), KeyIndex()
        if not known.is_empty():
            first, second = halves(self._keyed(known))
            self._add_ids(known["scope_id"].to_numpy())
            self._tuples.add(first, second, known["scope_id"].to_numpy())

    def ids_of(self, tuples: pl.DataFrame) -> Numbers:
        """``scope_id`` for each of these tuples (``columns``), in their order; unknown ones become known.

        Raises ``BrokenStore`` when two tuples have one id.
        """
        return number(self._keyed(tuples.select(self.columns)), self._tuples, self._name)

    def learn(self, scopes: pl.DataFrame) -> None:
        """Tuples that have their ids already (columns of ``scopes_schema``), from another book of this process."""
        number(self._keyed(scopes), self._tuples, lambda unknown: self._take(unknown, unknown["scope_id"]))

    def _name(self, unknown: pl.DataFrame) -> Numbers:
        return self._take(unknown, scope_ids(unknown, self.columns))

    def _take(self, unknown: pl.DataFrame, ids: pl.Series) -> Numbers:
        self._add_ids(ids.to_numpy())
        self._new.append(unknown.with_columns(ids).select(self._schema.names()))
        return ids.to_numpy()

    def _add_ids(self, ids: Numbers) -> None:
        first, second = ids.astype(np.uint64), np.zeros(len(ids), np.uint64)
        if len(np.unique(ids)) < len(ids) or (self._ids.find(first, second) >= 0).any():
            raise BrokenStore(
                "two different scopes have the same id",
                where=self._where,
                remedy="Report this: the ids need more bits. Until then change the value of any dimension",
            )
        self._ids.add(first, second, ids)

    def new(self) -> pl.DataFrame:
        """The scopes that were not known at the start, by id."""
        return pl.concat([pl.DataFrame(schema=self._schema), *self._new]).sort("scope_id")

    def all(self) -> pl.DataFrame:
        """Every scope, by id."""
        return pl.concat([self._known, self.new()]).sort("scope_id")

    def _keyed(self, tuples: pl.DataFrame) -> pl.DataFrame:
        return with_keys(tuples, self.columns, varied=self.columns)
