"""A CSV file in UTF-16 or with CR as its line end, through a copy that the reader of CSV files knows."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from polars.io.plugins import register_io_source

from finops.collect.formats.batches import batches_of
from finops.collect.formats.dialect import Dialect
from finops.objectstore.content import head_of, pieces_of
from finops.objectstore.location import Location


def rewritten_rows(location: Location, dialect: Dialect) -> pl.LazyFrame:
    """The rows of a CSV file, every column String. The copy lives while rows are read."""
    head = "".join(_text([head_of(location, shown_as=location.uri)], dialect))
    whole_lines = head[: head.rfind("\n") + 1] or f"{head}\n"
    schema = _scan(io.BytesIO(whole_lines.encode()), dialect).collect_schema()

    def batches(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        with TemporaryDirectory(prefix="finops-") as folder:
            copy = Path(folder) / "rows.csv"
            with copy.open("w", encoding="utf-8", newline="") as file:
                file.writelines(_text(pieces_of(location, shown_as=location.uri), dialect, final=True))
            yield from batches_of(_scan(copy, dialect), with_columns, predicate, n_rows, batch_size)

    return register_io_source(batches, schema=schema)


def _scan(source: Path | io.BytesIO, dialect: Dialect) -> pl.LazyFrame:
    return pl.scan_csv(
        source, infer_schema=False, glob=False, separator=dialect.separator, skip_lines=dialect.skip_lines
    )


def _text(pieces: Iterator[bytes] | list[bytes], dialect: Dialect, *, final: bool = False) -> Iterator[str]:
    """Text with LF as its line end, without byte order marks in front."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(dialect.encoding)(), translate=True)
    at_start = True
    for piece in pieces:
        text = decoder.decode(piece)
        if at_start:
            text = text.lstrip("\ufeff")
            at_start = not text
        yield text
    if final:
        yield decoder.decode(b"", final=True)
