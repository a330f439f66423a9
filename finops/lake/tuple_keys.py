"""A tuple inside one process: 128 bits, much faster to look up and to group by than two dozen texts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import blake2b

import polars as pl

KEY = ("_key_0", "_key_1")
"""Names of the two halves, both UInt64; stable within a process, and only there."""


def with_keys(frame: pl.DataFrame, columns: Sequence[str], *, varied: Collection[str] = ()) -> pl.DataFrame:
    """``frame`` with the ``KEY`` of these columns; null, the empty text and any other text differ.

    Each half is a sum of the columns' own hashes, every one with its own odd factor: an order of magnitude faster than
    polars' hash of a struct. A column is hashed once for both halves, so that two texts of it would have to agree in 64
    bits: with 100,000 of them by a chance of one in three thousand million. Columns that may have more texts than that
    (``varied``: tags) are hashed twice, for 128 bits.
    """
    hashes = {name: pl.col(name).hash(_odd(2, place)).alias(str(place)) for place, name in enumerate(columns)}
    again = {
        name: pl.col(name).hash(_odd(3, place)).alias(f"{place}'")
        for place, name in enumerate(columns)
        if name in varied
    }
    hashed = frame.select(*hashes.values(), *again.values())
    halves = hashed.select(
        _half(0, [str(place) for place in range(len(columns))]).alias(KEY[0]),
        _half(1, [f"{place}'" if name in again else str(place) for place, name in enumerate(columns)]).alias(KEY[1]),
    )
    return frame.with_columns(halves.get_columns())


def _half(salt: int, hashes: Sequence[str]) -> pl.Expr:
    terms = (pl.col(name) * pl.lit(_odd(salt, place), pl.UInt64) for place, name in enumerate(hashes))
    return pl.sum_horizontal(pl.lit(0, pl.UInt64), *terms)


def _odd(salt: int, place: int) -> int:
    return int.from_bytes(blake2b(bytes([salt, place]), digest_size=8).digest(), "big") | 1
