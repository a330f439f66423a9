"""The table ``scopes`` while a rollup is made: which tuples have an id, and which are new.

An id is the first 63 bits of BLAKE2b over the tuple's values as compact JSON, in the order of the columns. So two
writers need not agree on anything, and a tuple keeps its id for ever. Two tuples with one id are detected, and refused.
"""

from __future__ import annotations

import json
from hashlib import blake2b

import polars as pl

from finops.errors import BrokenStore
from finops.lake.columns import scopes_schema

KEY = ("_key_0", "_key_1")
"""A tuple inside one process: 128 bits, much faster to group by than two dozen texts.

By chance two tuples of a million would meet once in 10^26 rollups.
"""


def keys(columns: tuple[str, ...]) -> list[pl.Expr]:
    """``KEY`` over these columns; stable within a process, and only there.

    Each is a sum of the columns' own hashes, every one with its own seed and odd factor: an order of magnitude faster
    than polars' hash of a struct.
    """
    return [_key(columns, salt).alias(name) for salt, name in enumerate(KEY)]


def _key(columns: tuple[str, ...], salt: int) -> pl.Expr:
    factors = [_odd(salt, place) for place in range(len(columns))]
    return pl.sum_horizontal(
        pl.col(name).hash(factor) * pl.lit(factor, pl.UInt64) for name, factor in zip(columns, factors, strict=True)
    )


def _odd(salt: int, place: int) -> int:
    return int.from_bytes(blake2b(bytes([salt, place]), digest_size=8).digest(), "big") | 1


class ScopeBook:
    """Starts from the scopes that are known (columns of ``scopes_schema``) and collects those that are new."""

    def __init__(self, known: pl.DataFrame, dimensions: tuple[str, ...], where: str) -> None:
        self._where = where
        self._schema = scopes_schema(dimensions)
        self.columns = tuple(name for name in self._schema if name != "scope_id")
        self._ids = known.select("scope_id", *keys(self.columns)).unique(subset=KEY, keep="any")
        self._known = known
        self._new: list[pl.DataFrame] = []

    def ids(self, tuples: pl.DataFrame) -> pl.DataFrame:
        """``KEY`` and ``scope_id`` for tuples (``KEY`` and ``columns``, each once); unknown ones become known."""
        unknown = tuples.join(self._ids, on=KEY, how="anti")
        if not unknown.is_empty():
            ids = [scope_id(row) for row in unknown.select(self.columns).iter_rows()]
            named = unknown.with_columns(pl.Series("scope_id", ids, dtype=pl.Int64))
            self._ids = pl.concat([self._ids, named.select("scope_id", *KEY)])
            self._new.append(named.select(self._schema.names()))
            if self._ids["scope_id"].n_unique() != self._ids.height:
                raise BrokenStore(
                    "two different scopes have the same id",
                    where=self._where,
                    remedy="Report this: the ids need more bits. Until then change the value of any dimension",
                )
        return tuples.select(KEY).join(self._ids, on=KEY, how="left")

    def new(self) -> pl.DataFrame:
        """The scopes that were not known at the start, by id."""
        return pl.concat([pl.DataFrame(schema=self._schema), *self._new]).sort("scope_id")

    def all(self) -> pl.DataFrame:
        """Every scope, by id."""
        return pl.concat([self._known.select(self._schema.names()), self.new()]).sort("scope_id")


def scope_id(values: tuple[str | None, ...]) -> int:
    """The id of one tuple of values.

    >>> scope_id(("aws", None))
    2166485283139686872
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
