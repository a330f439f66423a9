"""JSON lines: one object a row. Numbers keep every digit, nested values become JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from finops.collect.formats.batches import ROWS_AT_ONCE
from finops.errors import RefusedBatch
from finops.objectstore.bounds import InputLimits
from finops.objectstore.content import pieces_of
from finops.objectstore.location import Location

_REMEDY = "Write one JSON object per line"


def json_rows(location: Location, *, shown_as: str, limits: InputLimits) -> pl.LazyFrame:
    """Every column String: the keys of all rows, in the order of their first appearance.

    The file is read twice, as a row may leave out what it has no value for. Raises ``RefusedBatch`` with the line of
    the first fault.
    """
    names = dict.fromkeys(name for row in _objects(location, shown_as, limits) for name in row)
    schema = dict.fromkeys(names, pl.String())

    def batches(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        wanted = with_columns if with_columns is not None else list(schema)
        objects = islice(_objects(location, shown_as, limits), n_rows)
        while rows := list(islice(objects, batch_size or ROWS_AT_ONCE)):
            columns = {name: [_text(row.get(name)) for row in rows] for name in wanted}
            frame = pl.DataFrame(columns, schema=dict.fromkeys(wanted, pl.String()))
            yield frame if predicate is None else frame.filter(predicate)

    return register_io_source(batches, schema=schema)


def _objects(location: Location, shown_as: str, limits: InputLimits) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(_lines(location, shown_as, limits), start=1):
        text = line.strip(b"\xef\xbb\xbf \t\r\n")
        if not text:
            continue
        try:
            row = json.loads(text, parse_float=Decimal)
        except ValueError as error:
            what = (
                f"the line is not JSON ({error.msg})"
                if isinstance(error, json.JSONDecodeError)
                else "the line is not UTF-8"
            )
            raise RefusedBatch(what, where=f"{shown_as}, line {number}", remedy=_REMEDY) from error
        if not isinstance(row, dict):
            raise RefusedBatch("the line is not a JSON object", where=f"{shown_as}, line {number}", remedy=_REMEDY)
        yield row


def _lines(location: Location, shown_as: str, limits: InputLimits) -> Iterator[bytes]:
    rest, number = b"", 1
    for piece in pieces_of(location, shown_as=shown_as, limits=limits):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        number += len(whole)
        if len(rest) > limits.row_bytes:
            raise limits.row_too_long(shown_as, number)
    yield rest


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, default=float, ensure_ascii=False)
