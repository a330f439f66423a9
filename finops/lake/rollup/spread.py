"""Whose day is it? The day or days, in the configured time zone, that a row's cost belongs to.

A row of a day or less belongs to the day on which its charge period starts. A longer one is taken as if it had come as
one row a day, each on its start's day: usage and recurring charges are spread evenly, to the last digit, the remainder
on the last day. One-time purchases, taxes and everything else stay whole on their first day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import polars as pl

READS = ("ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeFrequency", "billing_period")
"""Columns that are needed to tell."""

_A_DAY_US = 86_400_000_000
# no row within a day by the clock is spread: a cheap first question
_MORE_THAN_A_DAY = (pl.col("ChargePeriodEnd") - pl.col("ChargePeriodStart")) > timedelta(days=1)


def by_day(rows: pl.LazyFrame, timezone: ZoneInfo, amounts: Sequence[str]) -> pl.LazyFrame:
    """``rows`` with ``day`` (Date), one row for each day that a charge is spread over.

    ``amounts`` (Decimal columns) are divided; over all days of a row they add up to exactly what they were.
    Rows within a day are neither exploded nor divided.
    """
    short = rows.filter(~is_long(timezone)).with_columns(first_day(timezone))
    long = spread(rows.filter(is_long(timezone)), timezone, amounts).drop("nth")
    return pl.concat([short, long], how="vertical")


def may_be_long(rows: pl.DataFrame) -> bool:
    """Whether any charge period is longer than a day by the clock: nearly always no, and quickly told."""
    return bool(rows.select(_MORE_THAN_A_DAY.any()).item())


def is_long(timezone: ZoneInfo) -> pl.Expr:
    """True for rows that are spread over several days, never null."""
    usage = pl.col("ChargeCategory") == "Usage"
    recurring = pl.col("ChargeFrequency").is_in(["Recurring", "Usage-Based"]) & (pl.col("ChargeCategory") != "Tax")
    return (_MORE_THAN_A_DAY & (usage | recurring) & (_days(timezone) > 1)).fill_null(value=False)


def first_day(timezone: ZoneInfo) -> pl.Expr:
    """``day``: where a charge period starts; the billing period's first where that is not said."""
    local = pl.col("ChargePeriodStart").dt.convert_time_zone(timezone.key).dt.date()
    return pl.coalesce(local, "billing_period").alias("day")


def spread(long_rows: pl.LazyFrame, timezone: ZoneInfo, amounts: Sequence[str]) -> pl.LazyFrame:
    """Only long rows: one row a day, with ``day`` and ``nth`` (from 0)."""
    return (
        long_rows.with_columns(first_day(timezone), _days=_days(timezone))
        .with_columns(nth=pl.int_ranges(0, "_days"))
        .explode("nth", empty_as_null=True, keep_nulls=True)
        .with_columns(
            *(_part(amount) for amount in amounts),
            day=(pl.col("day").cast(pl.Int64) + pl.col("nth")).cast(pl.Int32).cast(pl.Date),
        )
        .drop("_days")
    )


def _part(amount: str) -> pl.Expr:
    # Decimal / integer stays Decimal(38, 15), rounded half-even; what rounding took or gave is on the last day
    each = pl.col(amount) / pl.col("_days")
    last = pl.col(amount) - each * (pl.col("_days") - 1)
    return pl.when(pl.col("nth") == pl.col("_days") - 1).then(last).otherwise(each).alias(amount)


def _days(timezone: ZoneInfo) -> pl.Expr:
    """The number of days of a charge period: the fewer of those counted by the clock and on the wall.

    A month in the provider's UTC is 31 days seen from Berlin, although it touches 32; a month in Berlin's own time is
    31 days, although the clock counts 31 days and one hour when summer time ends in it.
    """
    start, end = pl.col("ChargePeriodStart"), pl.col("ChargePeriodEnd")
    wall = [moment.dt.convert_time_zone(timezone.key).dt.replace_time_zone(None) for moment in (start, end)]
    return pl.min_horizontal(_ceiling(end - start), _ceiling(wall[1] - wall[0]))


def _ceiling(length: pl.Expr) -> pl.Expr:
    return (length.dt.total_microseconds() + (_A_DAY_US - 1)) // _A_DAY_US
