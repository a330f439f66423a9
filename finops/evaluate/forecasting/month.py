"""Where a day stands in its week and in its month, for whole spans of days at once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from finops.deferred import numpy as np
from finops.model.calendar import NO_DAYS_OFF, DaysOff

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGE = 5
"""So many days at each end of a month can have a level of their own."""

POSITIONS = 2 * EDGE
NO_POSITION = POSITIONS
"""The position of every day between the edges."""

HOLIDAY = 7
"""Stands for a public holiday among the weekdays, of which there are so many then:"""
WEEKDAYS = 8

_EPOCH = date(1970, 1, 1).toordinal()


def days_of(first: date, count: int) -> NDArray[np.datetime64]:
    """``count`` days from ``first``."""
    start = np.datetime64(first, "D")
    return np.arange(start, start + count)


@lru_cache(maxsize=256)
def weekdays(first: date, count: int, off: DaysOff = NO_DAYS_OFF) -> NDArray[np.int64]:
    """0 is Monday; a day of ``off`` is ``HOLIDAY``."""
    days = np.asarray((np.arange(first.toordinal(), first.toordinal() + count) - 1) % 7)
    places = np.array([day.toordinal() - first.toordinal() for day in off], dtype=np.int64)
    days[places[(places >= 0) & (places < count)]] = HOLIDAY
    return days


@lru_cache(maxsize=256)
def positions(first: date, count: int) -> NDArray[np.int64]:
    """0 … 4 are the first days of a month, 9 … 5 the last (9 is the very last), 10 the days between."""
    days = days_of(first, count)
    months = days.astype("datetime64[M]")
    from_start = (days - months.astype("datetime64[D]")).astype(np.int64)
    to_end = ((months + 1).astype("datetime64[D]") - days).astype(np.int64) - 1
    placed = np.where(from_start < EDGE, from_start, NO_POSITION)
    return np.where(to_end < EDGE, POSITIONS - 1 - to_end, placed)


@lru_cache(maxsize=256)
def days_of_month(first: date, count: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The number of each day in its month, and whether it is the last."""
    days = days_of(first, count)
    months = days.astype("datetime64[M]")
    number = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    return number, np.asarray((months + 1).astype("datetime64[D]") - days == np.timedelta64(1, "D"))
