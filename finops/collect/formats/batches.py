"""Files in pieces of bounded size: a CSV file in batches, a local Parquet file in slices, whatever its row groups."""

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


_ROWS_AT_ONCE = 50_000


def in_slices(whole: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of ``whole``, a scan of one file, in the streaming engine's own chunk size.

    A scan decodes whole row groups, several at once, and a provider may write a million rows into one. Looking for a
    slice is cheap: pages before it are passed over.
    """

    def slices(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = whole.select(with_columns) if with_columns else whole
        step, start, left = batch_size or _ROWS_AT_ONCE, 0, n_rows
        while left is None or left > 0:
            asked = step if left is None else min(step, left)
            rows = wanted.slice(start, asked).collect(engine="in-memory")
            yield rows if predicate is None else rows.filter(predicate)
            if rows.height < asked:
                break
            start, left = start + asked, None if left is None else left - asked

    return register_io_source(slices, schema=whole.collect_schema())
