"""A CSV file in batches of even size: its reader hands on some thousand rows at once, and each batch has its price."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.io.plugins import register_io_source

ROWS_AT_ONCE = 50_000


def in_batches(whole: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of ``whole``, a scan of one file, in the streaming engine's own chunk size.

    Conforming a batch and adding it up cost nearly the same for three thousand rows as for thirty thousand.
    """

    def batches(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        yield from batches_of(whole, with_columns, predicate, n_rows, batch_size)

    return register_io_source(batches, schema=whole.collect_schema())


def batches_of(
    whole: pl.LazyFrame,
    with_columns: list[str] | None,
    predicate: pl.Expr | None,
    n_rows: int | None,
    batch_size: int | None,
) -> Iterator[pl.DataFrame]:
    """What an I/O source is asked for, from a scan."""
    wanted = whole.select(with_columns) if with_columns else whole
    if n_rows is not None:
        wanted = wanted.head(n_rows)
    if predicate is not None:
        wanted = wanted.filter(predicate)
    # a query within a query: it may wait here, on a thread that is for input, but never in a step of the stream
    yield from wanted.collect_batches(
        chunk_size=batch_size or ROWS_AT_ONCE, maintain_order=True, lazy=True, engine="streaming"
    )
