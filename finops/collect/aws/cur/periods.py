"""Billing and charge periods, with exclusive ends."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur

_START, _END = "line_item_usage_start_date", "line_item_usage_end_date"
_FORMS = ("%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f")


def period_columns(cur: Cur) -> dict[str, pl.Expr]:
    """ChargeClass is Correction where the charge lies wholly before its billing period: a month that was invoiced.

    FOCUS's form of a correction: the current billing period with the original charge period.
    """
    start, end = moment(cur, _START), moment(cur, _END)
    billing_start = moment(cur, "bill_billing_period_start_date")
    return {
        "BillingPeriodStart": cur.raw("bill_billing_period_start_date"),
        "BillingPeriodEnd": cur.raw("bill_billing_period_end_date"),
        "ChargePeriodStart": cur.raw(_START),
        "ChargePeriodEnd": pl.when(is_inclusive(cur)).then(end + pl.duration(seconds=1)).otherwise(end),
        "ChargeClass": pl.when((start < billing_start) & (end <= billing_start)).then(pl.lit("Correction")),
    }


def is_inclusive(cur: Cur) -> pl.Expr:
    """Ends that are the last second of their period, and charges that take no time (fees, refunds)."""
    start, end = moment(cur, _START), moment(cur, _END)
    last_second = (end.dt.minute() == 59) & (end.dt.second() == 59)
    return (last_second | (end == start)).fill_null(value=False)


def moment(cur: Cur, name: str) -> pl.Expr:
    """A time as Datetime without a zone, which is UTC; null for a text that is none."""
    column = pl.col(name)
    if cur.schema[name] == pl.String:
        return pl.coalesce([column.str.to_datetime(form, time_unit="ms", strict=False) for form in _FORMS])
    if isinstance(cur.schema[name], pl.Datetime) and cur.schema[name].time_zone:  # type: ignore[attr-defined]
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return column.cast(pl.Datetime("ms"))
