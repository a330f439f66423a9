"""Polars types -> Arrow's and Spark's, for the few that sums and their keys have."""

from __future__ import annotations

import polars as pl

from finops.deferred import pyarrow as pa


def as_arrow(frame: pl.DataFrame) -> pa.Table:
    """``frame`` in Arrow's plain types: Spark knows neither its views nor its large texts."""
    return frame.to_arrow().cast(pa.schema([(name, _arrow(dtype)) for name, dtype in frame.schema.items()]))


def spark_schema(schema: pl.Schema) -> str:
    """As Spark's DDL."""
    return ", ".join(f"`{name.replace('`', '``')}` {_spark(dtype)}" for name, dtype in schema.items())


def _arrow(dtype: pl.DataType) -> pa.DataType:
    if isinstance(dtype, pl.Decimal):
        return pa.decimal128(dtype.precision, dtype.scale)
    return _SIMPLE[type(dtype)][0]


def _spark(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    return _SIMPLE[type(dtype)][1]


_SIMPLE: dict[type[pl.DataType], tuple[pa.DataType, str]] = {
    pl.String: (pa.string(), "string"),
    pl.Binary: (pa.binary(), "binary"),
    pl.Boolean: (pa.bool_(), "boolean"),
    pl.Date: (pa.date32(), "date"),
    pl.Int32: (pa.int32(), "int"),
    pl.UInt32: (pa.int64(), "bigint"),
    pl.Int64: (pa.int64(), "bigint"),
    pl.Datetime: (pa.timestamp("us", "UTC"), "timestamp"),
}
