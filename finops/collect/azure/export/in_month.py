"""Rows belong to the month that their run exports.

An export asks for charges by date, an invoice may put a late one into the next period, and pay-as-you-go bills from the
15th to the 14th. The month is what a run replaces whole, so its rows are of that month; how many were not is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from finops.collect.azure.export.blob_rows import Conversion
from finops.model.period import month_start

_START, _END = "BillingPeriodStart", "BillingPeriodEnd"
_KIND = "BillingPeriodStart: outside the exported month, counted in that month"


class InMonth:
    """``convert``, and after it BillingPeriodStart and BillingPeriodEnd of every row are those of ``month``."""

    def __init__(self, convert: Conversion, month: date) -> None:
        self.schema = convert.schema
        self._convert = convert
        self._month = month

    def __call__(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        rows, counts = self._convert(rows)
        if _START not in rows.columns or _END not in rows.columns:
            return rows, counts
        foreign = _is_another(rows[_START], self._month)
        count = int(foreign.sum())
        if not count:
            return rows, counts
        moved = rows.with_columns(
            _written(name, rows.schema[name], day, foreign)
            for name, day in ((_START, self._month), (_END, month_start(self._month, 1)))
        )
        return moved, {**counts, _KIND: count}


def _is_another(starts: pl.Series, month: date) -> pl.Series:
    """A missing start stays one: conforming refuses it."""
    if starts.dtype == pl.String:
        found = (starts.str.head(10) != month.isoformat()) & (starts != "")
    else:
        found = starts.cast(pl.Date) != month
    return found.fill_null(value=False)


def _written(name: str, dtype: pl.DataType, day: date, where: pl.Series) -> pl.Expr:
    moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the column's own type has the zone, or none
    value = pl.lit(f"{day}T00:00:00Z") if dtype == pl.String else pl.lit(moment).cast(pl.Datetime("us"))
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        value = value.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    return pl.when(where).then(value.cast(dtype)).otherwise(pl.col(name)).alias(name)
