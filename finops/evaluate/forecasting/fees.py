"""Recurring charges, which go on as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from statistics import median

from finops.model.period import month_start

STEADY_DAYS = 7
_LAGS_MONTHS = (1, 3, 12)
"""A fee that is not charged by the day comes each month, each quarter or each year."""


def fees_ahead(fees: Mapping[date, float], first: date, last: date, ahead: int, known_from: date) -> list[float]:
    """What recurring charges come to on the ``ahead`` days after ``last``.

    ``fees``: those of the days from ``first`` through ``last``; ``known_from``: the first day of the history. Fees on
    most of the last week's days go on as the median of that week (a subscription billed by the month is spread over
    its days). Any other comes again on its day of the month: after a month, or a quarter, or a year, whichever it kept
    to before, and after a month where nothing older can tell.
    """
    week = [fees.get(last - timedelta(days=at), 0.0) for at in range(STEADY_DAYS)]
    if sum(1 for amount in week if amount) * 2 > STEADY_DAYS:
        return [float(median(week))] * ahead
    foreseen = {day: amount for day, amount in fees.items() if first <= day <= last}
    for at in range(1, ahead + 1):
        day = last + timedelta(days=at)
        again = _again(foreseen, day, known_from)
        if again:
            foreseen[day] = again
    return [foreseen.get(last + timedelta(days=at), 0.0) for at in range(1, ahead + 1)]


def _again(fees: Mapping[date, float], day: date, known_from: date) -> float:
    for lag in _LAGS_MONTHS:
        before = _months_before(day, lag)
        amount = fees.get(before, 0.0)
        kept = _months_before(day, 2 * lag)
        if amount and (kept < known_from or fees.get(kept)):
            return amount
    return 0.0


@lru_cache(maxsize=4096)  # every group asks for the same days
def _months_before(day: date, months: int) -> date:
    """The same day of the month, or the month's last where it is shorter; the last day stands for the last day."""
    start = month_start(day, -months)
    length = (month_start(start, 1) - start).days
    is_last = (day + timedelta(days=1)).day == 1
    return start + timedelta(days=length - 1 if is_last else min(day.day, length) - 1)
