"""Billing and charge periods, with exclusive ends."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur, hidden

_START, _END = "line_item_usage_start_date", "line_item_usage_end_date"
BILLING_START = "bill_billing_period_start_date"
COMPARED = (_START, _END, BILLING_START)
"""Columns whose times are compared here, and not only handed on."""

# the commonest first: each is tried on what those before it could not read, and fractions are the slow ones
_FORMS = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
)


def with_moments(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` and their times, read once for all expressions here, which need them."""
    return rows.with_columns(_read(rows[name]).alias(hidden(name)) for name in COMPARED)


def period_columns(cur: Cur) -> dict[str, pl.Expr]:
    """ChargeClass is Correction where the charge lies wholly before its billing period: a month that was invoiced.

    FOCUS's form of a correction: the current billing period with the original charge period.
    """
    start, end, billing_start = (pl.col(hidden(name)) for name in COMPARED)
    later = (end + pl.duration(seconds=1)).dt.replace_time_zone("UTC")
    if cur.schema[_END] == pl.String:
        later = later.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    elif zone := getattr(cur.schema[_END], "time_zone", None):
        later = later.dt.convert_time_zone(zone)
    return {
        "BillingPeriodStart": _as_utc(cur, BILLING_START),
        "BillingPeriodEnd": _as_utc(cur, "bill_billing_period_end_date"),
        "ChargePeriodStart": _as_utc(cur, _START),
        "ChargePeriodEnd": pl.when(is_inclusive()).then(later).otherwise(_as_utc(cur, _END)),
        "ChargeClass": pl.when((start < billing_start) & (end <= billing_start)).then(pl.lit("Correction")),
    }


def _as_utc(cur: Cur, name: str) -> pl.Expr:
    """Times of Parquet files are UTC without saying so, as AWS documents them; texts say it, or conforming notes it."""
    dtype, column = cur.schema[name], pl.col(name)
    if dtype == pl.Date:
        return column.cast(pl.Datetime("ms", "UTC"))
    if isinstance(dtype, pl.Datetime) and not dtype.time_zone:
        return column.dt.replace_time_zone("UTC")
    return column


def is_inclusive() -> pl.Expr:
    """Ends that are the last second of their period, and charges that take no time (fees, refunds)."""
    start, end = pl.col(hidden(_START)), pl.col(hidden(_END))
    last_second = (end.dt.minute() == 59) & (end.dt.second() == 59)
    return (last_second | (end == start)).fill_null(value=False)


def _read(times: pl.Series) -> pl.Series:
    """Datetime without a zone, which is UTC; null for a text that is none."""
    if times.dtype == pl.String:
        return _parsed(times)
    if isinstance(times.dtype, pl.Datetime) and times.dtype.time_zone:
        times = times.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return times.cast(pl.Datetime("ms"))


def _parsed(texts: pl.Series) -> pl.Series:
    found = pl.Series(texts.name, dtype=pl.Datetime("ms")).extend_constant(None, len(texts))
    unread = texts.is_not_null().arg_true()
    for form in _FORMS:
        if unread.is_empty():
            break
        read = texts.gather(unread).str.to_datetime(form, time_unit="ms", strict=False)
        found = found.scatter(unread, read)
        unread = unread.filter(read.is_null())
    return found
