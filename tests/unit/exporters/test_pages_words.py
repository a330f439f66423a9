"""Numbers and days in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finops.model.money import Money
from finops.model.period import Period
from finops_exporters import words

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("12000", "12,000.00"),
        ("-1234567.895", "−1,234,567.90"),
        ("-0.001", "−0.001"),
        ("0.125", "0.12"),
        ("99999999999999999999.99", "99,999,999,999,999,999,999.99"),
    ],
)
def test_money(amount: str, text: str) -> None:
    assert words.money(Money(Decimal(amount), "EUR")) == f"{text}{NBSP}EUR"


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.79, "79 %"), (1.0, "100 %"), (0.0, "0 %"), (0.004, "0.4 %"), (12.5, "1,250 %"), (304_508.0, "over 10,000 %")],
)
def test_percent(ratio: float, text: str) -> None:
    assert words.percent(ratio) == text.replace(" %", f"{NBSP}%")


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.29, f"29{NBSP}% faster than planned"),
        (0.92, f"8{NBSP}% slower than planned"),
        (1.001, "as planned"),
        (0.0, f"100{NBSP}% slower than planned"),
        (304_508.0, "much faster than planned: next to nothing was due"),
    ],
)
def test_pace(ratio: float, text: str) -> None:
    assert words.pace(ratio) == text


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), "March 2026"),
        (date(2026, 1, 1), date(2027, 1, 1), "2026"),
        (date(2026, 3, 17), date(2026, 3, 18), "17 March 2026"),
        (date(2026, 1, 1), date(2026, 4, 1), "1 January to 31 March 2026"),
        (date(2025, 7, 1), date(2026, 7, 1), "1 July 2025 to 30 June 2026"),
    ],
)
def test_period(start: date, end: date, text: str) -> None:
    assert words.period(Period(start, end)) == text


def test_age() -> None:
    today = date(2026, 3, 20)
    assert [words.age(date(2026, 3, day), today) for day in (20, 19, 17)] == ["today", "1 day ago", "3 days ago"]


def test_lists() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
