"""A policy's numbers before it goes live: which days, and which threshold would have fired how often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from finops.model.period import Period
from finops.ports.lake import LakeView

_DAY = timedelta(days=1)
_OLD = timedelta(days=31)


def newest_bill(view: LakeView, today: date) -> date | None:
    """The last day, up to and with today, that any bill has costs of."""
    newest: date | None = view.costs_daily().filter(pl.col("day") <= today).select(pl.col("day").max()).collect().item()
    return newest


def newest_days(view: LakeView, days: int, *, today: date) -> Period:
    """So many days up to and with today; of bills that ended more than a month ago, up to their last day."""
    newest = newest_bill(view, today)
    last = newest if newest is not None and today - newest > _OLD else today
    return Period(last - (days - 1) * _DAY, last + _DAY)


def times_beyond(values: Sequence[float | None], threshold: float, *, upward: bool) -> int:
    """How many times in a row of days the values go beyond ``threshold``; a day without a value interrupts nothing."""
    times, beyond = 0, False
    for value in values:
        if value is None:
            continue
        now = value > threshold if upward else value < threshold
        times += now and not beyond
        beyond = now
    return times


def threshold_for(values: Sequence[float | None], times: int, *, upward: bool) -> float | None:
    """The outermost value that the others go beyond ``times``, or as nearly so often as can be; None without values."""
    known = sorted({value for value in values if value is not None}, reverse=upward)
    return min(known, key=lambda one: abs(times_beyond(values, one, upward=upward) - times), default=None)
