"""Emissions as rows of the table ``emissions``, and as days with dimensions."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl

from finops.lake.rollup.spread import by_day
from finops.lake.tables.columns import EMISSIONS_SCHEMA, with_columns_of
from finops.ports.emissions import EMISSION_LABELS
from finops.ports.lake import DimensionColumns

_UTC = ZoneInfo("UTC")


def emissions_rows(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` (see ``finops.ports.emissions``) with the columns of ``EMISSIONS_SCHEMA``."""
    rows = frame.select(pl.lit(name).alias("name"), pl.all()).cast(dict(EMISSIONS_SCHEMA))  # type: ignore[arg-type] # the stub wants selectors
    return rows.select(EMISSIONS_SCHEMA.names()).sort(pl.all())


def emissions_by_day(emissions: pl.LazyFrame, dimensions: DimensionColumns) -> pl.LazyFrame:
    """``source``, ``day``, ``grams``, FOCUS labels, Tags, one column a dimension.

    Rows are spread evenly over their days, to the last digit, as costs are; their days are calendar days, whatever the
    time zone: providers report months. A dimension sees the labels and Tags; every other column is null.
    """
    start, end = (pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC") for name in ("start", "end"))
    rows = emissions.select(
        pl.col("name").alias("source"),
        "grams",
        *EMISSION_LABELS,
        "Tags",
        start.alias("ChargePeriodStart"),
        end.alias("ChargePeriodEnd"),
        pl.lit("Usage").alias("ChargeCategory"),
        pl.lit(None, pl.String).alias("ChargeFrequency"),
        pl.col("start").alias("billing_period"),
    )
    needed = pl.Schema(dict.fromkeys(sorted(dimensions.required_columns), pl.String()))
    rows = with_columns_of(rows, needed).with_columns(dimensions.expressions())
    days = by_day(rows, _UTC, ["grams"])
    return days.select("source", "day", "grams", *EMISSION_LABELS, "Tags", *dimensions.names)
