"""Columns of the lake's tables, and how a frame's types become ones that Delta has."""

from __future__ import annotations

from hashlib import blake2b
from io import BytesIO

import polars as pl

from finops.errors import RefusedBatch
from finops.model.scopes import SCOPE_COLUMNS
from finops.ports.emissions import EMISSIONS_SCHEMA as EMISSIONS_OF_A_SOURCE
from finops.ports.lake import COSTS

MONEY = pl.Decimal(38, 15)
MOMENT = pl.Datetime("us", "UTC")

COSTS_PARTITIONS = ("source", "billing_period")

RECORD_PARTITIONS = ("source", "dataset")
"""Of ``commitments`` and ``invoices``."""

COSTS_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(SCOPE_COLUMNS, pl.String()),
        "Tags": pl.String(),
        "BillingCurrency": pl.String(),
        "ChargePeriodStart": MOMENT,
        "ChargePeriodEnd": MOMENT,
        **dict.fromkeys(COSTS, MONEY),
        "billing_period": pl.Date(),
    }
)
"""What the lake itself reads of ``costs``; a table or a view always has these columns."""

DAILY_SCHEMA = pl.Schema(
    {
        "source": pl.String(),
        "billing_period": pl.Date(),
        "scope_id": pl.Int64(),
        "day": pl.Date(),
        "currency": pl.String(),
        **dict.fromkeys(COSTS, MONEY),
        "rows": pl.Int64(),
    }
)

DEMAND_SCHEMA = pl.Schema(
    {"name": pl.String(), "day": pl.Date(), "value": MONEY, "unit": pl.String(), "dimensions": pl.String()}
)

EMISSIONS_SCHEMA = pl.Schema({"name": pl.String(), **EMISSIONS_OF_A_SOURCE})
"""``name``: the source, as configured."""


def scopes_schema(dimensions: tuple[str, ...]) -> pl.Schema:
    return pl.Schema({"scope_id": pl.Int64(), **dict.fromkeys((*SCOPE_COLUMNS, *dimensions), pl.String())})


def with_columns_of(frame: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """``frame`` with the columns of ``schema`` that it lacks, as nulls."""
    present = frame.collect_schema()
    return frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in present)


def fit(rows: pl.LazyFrame, table: pl.Schema, *, source: str) -> tuple[pl.LazyFrame, pl.Schema]:
    """``rows`` in types that Delta and the table have, and the table's schema grown by the new columns.

    A column keeps the type that it first came with. Raises ``RefusedBatch`` where a value's type cannot become it.
    """
    grown = dict(table)
    casts = []
    for name, dtype in rows.collect_schema().items():
        wanted = grown.setdefault(name, COSTS_SCHEMA.get(name, _delta_type(dtype)))
        if dtype != wanted:
            if not _fits(dtype, wanted):
                raise RefusedBatch(
                    f"it is {dtype} here and {wanted} in the lake",
                    where=f"source {source}, column {name}",
                    remedy="Deliver the previous type, or rename the column",
                )
            casts.append(_cast(name, dtype, wanted))
    return rows.with_columns(casts), pl.Schema(grown)


def _delta_type(dtype: pl.DataType) -> pl.DataType:  # noqa: PLR0911 - a table of types reads best as one
    if isinstance(dtype, pl.Datetime):
        return MOMENT
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Null | pl.Time | pl.Duration | pl.Object):
        return pl.String()
    if isinstance(dtype, pl.UInt8 | pl.UInt16):
        return pl.Int32()
    if isinstance(dtype, pl.UInt32 | pl.UInt64):
        return pl.Int64()
    if isinstance(dtype, pl.Int128 | pl.UInt128):
        return pl.Decimal(38, 0)
    if isinstance(dtype, pl.List | pl.Array):
        return pl.List(_delta_type(pl.String() if dtype.inner is None else dtype.inner))  # type: ignore[arg-type] # the stub names the class or the instance
    return dtype


def _fits(dtype: pl.DataType, wanted: pl.DataType) -> bool:
    if isinstance(dtype, pl.Null) or dtype == _delta_type(wanted) or wanted == _delta_type(dtype):
        return True
    if isinstance(wanted, pl.String):
        return not dtype.is_nested()
    # a strict cast follows: a number that loses a digit fails there, it is never rounded
    return (dtype.is_integer() and wanted.is_numeric()) or (dtype.is_decimal() and wanted.is_decimal())


def _cast(name: str, dtype: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        return column.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")  # FOCUS times are UTC
    if isinstance(dtype, pl.Datetime):
        return column.dt.convert_time_zone("UTC").cast(wanted)
    return column.cast(wanted)


def frame_digest(frame: pl.DataFrame) -> str:
    """Of the rows in their order."""
    content = BytesIO()
    frame.write_ipc(content)
    return blake2b(content.getvalue(), digest_size=16).hexdigest()
