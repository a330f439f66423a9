"""A month is the one that the provider bills, in whatever time it bills."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.billing_period import period_of, periods_of


@given(st.dates(date(2000, 1, 1), date(2099, 12, 1)), st.integers(-12 * 60, 14 * 60))
def test_the_first_of_a_month_stays_it_in_every_zone(day: date, minutes_east: int) -> None:
    first = day.replace(day=1)
    zone = timezone(timedelta(minutes=minutes_east))
    start = datetime(first.year, first.month, 1, tzinfo=zone).astimezone(UTC)
    assert period_of(start) == first
    assert periods_of(pl.Series([start], dtype=pl.Datetime("us", "UTC"))).to_list() == [first]


@pytest.mark.parametrize(
    ("start", "period"),
    [
        (datetime(2026, 4, 15, tzinfo=UTC), date(2026, 4, 15)),
        (datetime(2026, 4, 30, tzinfo=UTC), date(2026, 4, 30)),
        (datetime(2026, 5, 1, 7, tzinfo=UTC), date(2026, 5, 1)),
        (datetime(2026, 4, 30, 16, tzinfo=UTC), date(2026, 5, 1)),
    ],
    ids=str,
)
def test_other_days_stay_as_they_are(start: datetime, period: date) -> None:
    assert period_of(start) == period
    assert periods_of(pl.Series([start, None])).to_list() == [period, None]
