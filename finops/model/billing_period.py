"""Which billing period a row belongs to: the day on which it begins, in the time of whoever bills.

Most providers bill months in UTC. Those that bill in a time east of it (Tencent and Alibaba: +08:00) begin a month on
the last day of the one before, in UTC: ``2026-05-01T00:00:00+08:00`` is 16:00 on 30 April, and still May's bill.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

FURTHEST_EAST = timedelta(hours=14)
"""Where a day begins first: Kiribati."""


def period_of(start: datetime) -> date:
    """``start``: BillingPeriodStart in UTC.

    >>> period_of(datetime(2026, 4, 30, 16)), period_of(datetime(2026, 4, 15))
    (datetime.date(2026, 5, 1), datetime.date(2026, 4, 15))
    """
    there = (start + FURTHEST_EAST).date()
    return there if there.day == 1 else start.date()


def periods_of(starts: pl.Series) -> pl.Series:
    """``period_of`` each of ``starts`` (Datetime in UTC or without a zone); Date, null for null."""
    here, there = starts.cast(pl.Date), (starts + FURTHEST_EAST).cast(pl.Date)
    east = (there.dt.day() == 1) & (there != here)
    return there.zip_with(east.fill_null(value=False), here) if east.any() else here
