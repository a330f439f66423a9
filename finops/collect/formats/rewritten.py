"""A CSV file in UTF-16, with CR as its line end or with stray quotes, through a copy that can be scanned."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from polars.io.plugins import register_io_source

from finops.collect.formats.batches import batches_of, with_whole_rows
from finops.collect.formats.dialect import Dialect
from finops.collect.formats.row_widths import check_widths
from finops.errors import RefusedBatch
from finops.objectstore.bounds import InputLimits, check_rows
from finops.objectstore.content import head_of, pieces_of
from finops.objectstore.location import Location


def rewritten_rows(location: Location, dialect: Dialect, *, shown_as: str, limits: InputLimits) -> pl.LazyFrame:
    """The rows of a CSV file, every column String. The copy lives while rows are read.

    Raises ``RefusedBatch`` where the text is not in the encoding that it starts with, and what reading raises.
    """
    head = "".join(_text([head_of(location, shown_as=shown_as)], dialect))
    header = head.split("\n")[: dialect.skip_lines + 1]
    schema = _scan(io.BytesIO("\n".join([*header, ""]).encode()), dialect).collect_schema()

    def batches(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        with TemporaryDirectory(prefix="finops-") as folder:
            copy = Path(folder) / "rows.csv"
            with copy.open("w", encoding="utf-8", newline="") as file:
                try:
                    text = _text(pieces_of(location, shown_as=shown_as, limits=limits), dialect, final=True)
                    file.writelines(_quoted(text, dialect, shown_as, limits) if dialect.stray_quotes else text)
                except UnicodeDecodeError as error:
                    what = f"the file is truncated, or not {dialect.encoding.upper()} throughout"
                    raise RefusedBatch(what, where=shown_as, remedy="Export the bill again, as UTF-8") from error
            check_rows(_pieces(copy), limits, shown_as)
            rows = batches_of(_scan(copy, dialect), with_columns, predicate, n_rows, batch_size)
            yield from with_whole_rows(rows, schema.names()[-1], partial(_check_copy, copy, dialect, shown_as))

    return register_io_source(batches, schema=schema)


def _check_copy(copy: Path, dialect: Dialect, shown_as: str) -> None:
    check_widths(_pieces(copy), dialect, shown_as=shown_as)


def _pieces(copy: Path) -> Iterator[bytes]:
    with copy.open("rb") as file:
        yield from iter(partial(file.read, 1024**2), b"")


def _scan(source: Path | io.BytesIO, dialect: Dialect) -> pl.LazyFrame:
    return pl.scan_csv(
        source, infer_schema=False, glob=False, separator=dialect.separator, skip_lines=dialect.skip_lines
    )


def _quoted(text: Iterator[str], dialect: Dialect, shown_as: str, limits: InputLimits) -> Iterator[str]:
    """The same rows with every value in quotes. Raises ``RefusedBatch`` where a quote ends inside a value."""
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=dialect.separator, quoting=csv.QUOTE_ALL, lineterminator="\n")
    lines = _lines(text, shown_as, limits)
    for _ in range(dialect.skip_lines):
        yield next(lines, "")
    reader = csv.reader(lines, delimiter=dialect.separator, strict=True)
    try:
        for row in reader:
            write.writerow(row)
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    except csv.Error as error:
        where = f"{shown_as}, line {reader.line_num + dialect.skip_lines}"
        remedy = 'Quote the value and double the quotes inside it, like "19"" rack"'
        raise RefusedBatch("a value contains a quote", where=where, remedy=remedy) from error


def _lines(pieces: Iterator[str], shown_as: str, limits: InputLimits) -> Iterator[str]:
    rest, number = "", 1
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        yield from (f"{line}\n" for line in whole)
        number += len(whole)
        if len(rest) > limits.row_bytes:
            raise limits.row_too_long(shown_as, number)
    if rest:
        yield rest


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
