"""Whose day is it?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.lake.rollup.spread import by_day
from finops.model.money import EXACT
from finops.ports.lake import COSTS
from tests.support.bills import MARCH, line, rows

MONTH = timedelta(days=31)


def days(frame: pl.DataFrame, timezone: str = "UTC") -> list[tuple[date, Decimal]]:
    found = by_day(frame.lazy(), ZoneInfo(timezone), COSTS).select("day", "BilledCost").collect()
    return sorted(found.iter_rows())


def between(start: datetime, end: datetime, amount: str = "31", **columns: Any) -> pl.DataFrame:
    own: dict[str, Any] = {"ChargePeriodStart": start, "ChargePeriodEnd": end, **columns}
    return rows(line(amount, **own))


def test_a_month_of_usage_is_spread_evenly() -> None:
    found = days(rows(line("31", length=MONTH)))
    assert found == [(MARCH + timedelta(days=n), Decimal(1)) for n in range(31)]


def test_the_remainder_is_on_the_last_day() -> None:
    found = days(rows(line("10", length=timedelta(days=3))))
    assert [amount for _, amount in found] == [
        Decimal("3.333333333333333"),
        Decimal("3.333333333333333"),
        Decimal("3.333333333333334"),
    ]


@given(
    amount=st.decimals(min_value=-(10**9), max_value=10**9, places=15, allow_nan=False, allow_infinity=False),
    length=st.integers(1, 400),
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)
def test_nothing_is_lost_to_the_last_digit(amount: Decimal, length: int, timezone: str) -> None:
    frame = rows(line(amount, length=timedelta(days=length)))
    spread = by_day(frame.lazy(), ZoneInfo(timezone), COSTS).collect()
    with localcontext(EXACT):
        for cost in COSTS:
            assert sum(spread[cost].to_list(), Decimal(0)) == frame[cost][0]
    assert spread["day"].n_unique() == spread.height == length


@pytest.mark.parametrize(
    "columns",
    [
        {"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time"},
        {"ChargeCategory": "Tax", "ChargeFrequency": "Recurring"},
        {"ChargeCategory": "Credit", "ChargeFrequency": None},
        {"ChargeCategory": None, "ChargeFrequency": None},
    ],
)
def test_what_is_neither_usage_nor_recurring_stays_on_its_first_day(columns: dict[str, Any]) -> None:
    assert days(rows(line("31", length=MONTH, **columns))) == [(MARCH, Decimal(31))]


def test_a_recurring_purchase_is_spread() -> None:
    found = days(rows(line("31", length=MONTH, ChargeCategory="Purchase", ChargeFrequency="Recurring")))
    assert len(found) == 31


def test_a_day_or_less_belongs_to_the_day_of_its_start() -> None:
    evening = datetime(2026, 3, 10, 23, tzinfo=UTC)
    assert days(between(evening, evening + timedelta(hours=1), "1")) == [(date(2026, 3, 10), Decimal(1))]
    assert days(between(evening, evening + timedelta(days=1), "1")) == [(date(2026, 3, 10), Decimal(1))]


def test_days_are_those_of_the_time_zone() -> None:
    evening = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    found = days(between(evening, evening + timedelta(hours=1), "1"), "Europe/Berlin")
    assert found == [(date(2026, 3, 11), Decimal(1))]


def test_a_month_in_utc_has_as_many_days_in_any_time_zone() -> None:
    start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    berlin = days(between(start, end), "Europe/Berlin")
    assert (berlin[0][0], berlin[-1][0], len(berlin)) == (date(2026, 3, 1), date(2026, 3, 31), 31)
    new_york = days(between(start, end), "America/New_York")
    assert (new_york[0][0], new_york[-1][0], len(new_york)) == (date(2026, 2, 28), date(2026, 3, 30), 31)


@pytest.mark.parametrize(("month", "count"), [(3, 31), (10, 31)])
def test_a_local_month_has_its_own_days_when_the_clocks_change(month: int, count: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start, end = datetime(2026, month, 1, tzinfo=zone), datetime(2026, month + 1, 1, tzinfo=zone)
    found = days(between(start.astimezone(UTC), end.astimezone(UTC)), "Europe/Berlin")
    assert [day for day, _ in found] == [date(2026, month, 1) + timedelta(days=n) for n in range(count)]


def test_the_long_day_of_autumn_is_one_day() -> None:
    zone = ZoneInfo("Europe/Berlin")
    start, end = datetime(2026, 10, 25, tzinfo=zone), datetime(2026, 10, 26, tzinfo=zone)
    found = days(between(start.astimezone(UTC), end.astimezone(UTC), "1"), "Europe/Berlin")
    assert found == [(date(2026, 10, 25), Decimal(1))]


def test_a_row_without_a_charge_period_is_on_the_first_day_of_its_billing_period() -> None:
    assert days(rows(line("1", ChargePeriodStart=None, ChargePeriodEnd=None))) == [(MARCH, Decimal(1))]
