"""Files in pieces of bounded size: a CSV file in batches, a local Parquet file in slices, whatever its row groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl
from polars.io.plugins import register_io_source

ROWS_AT_ONCE = 50_000


def in_batches(whole: pl.LazyFrame, check_widths: Callable[[], None]) -> pl.LazyFrame:
    """The rows of ``whole``, a scan of one CSV file, in the streaming engine's own chunk size.

    Conforming a batch and adding it up cost nearly the same for three thousand rows as for thirty thousand.
    ``check_widths``: raises where a row is shorter or longer than the header.
    """

    def batches(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        yield from with_whole_rows(batches_of(whole, with_columns, predicate, n_rows, batch_size), last, check_widths)

    schema = whole.collect_schema()
    last = schema.names()[-1]
    return register_io_source(batches, schema=schema)


def with_whole_rows(
    batches: Iterator[pl.DataFrame], last: str, check_widths: Callable[[], None]
) -> Iterator[pl.DataFrame]:
    """``batches`` of a CSV file, whose rows are checked where one may be too short: it has no value in ``last``."""
    may_be_short = False
    try:
        for batch in batches:
            may_be_short = may_be_short or (last in batch.columns and batch[last].null_count() > 0)
            yield batch
    except pl.exceptions.ComputeError:
        check_widths()  # a row that is too long is not named by the reader
        raise
    if may_be_short:
        check_widths()


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


def in_slices(whole: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of ``whole``, a scan of one file, in the streaming engine's own chunk size.

    A scan decodes whole row groups, several at once, and a provider may write a million rows into one. Looking for a
    slice is cheap: pages before it are passed over.
    """

    def slices(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = whole.select(with_columns) if with_columns else whole
        step, start, left = batch_size or ROWS_AT_ONCE, 0, n_rows
        while left is None or left > 0:
            asked = step if left is None else min(step, left)
            rows = wanted.slice(start, asked).collect(engine="in-memory")
            yield rows if predicate is None else rows.filter(predicate)
            if rows.height < asked:
                break
            start, left = start + asked, None if left is None else left - asked

    return register_io_source(slices, schema=whole.collect_schema())
