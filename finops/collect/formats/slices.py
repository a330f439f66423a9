"""A local Parquet file in slices of bounded size, whatever the size of its row groups."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.io.plugins import register_io_source

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
