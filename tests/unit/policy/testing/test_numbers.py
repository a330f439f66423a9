"""Ranges of days, lines of numbers, and values with a tolerance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.policy.testing.expected_value import parse_expected
from finops.policy.testing.ranges import parse_days, parse_numbers


def test_a_range_holds_both_of_its_ends() -> None:
    assert parse_days("2026-02-27..2026-03-01") == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert parse_days("2026-03-01") == [date(2026, 3, 1)]


def test_a_rising_number_meets_both_ends() -> None:
    assert parse_numbers("100..150", 3) == [Decimal(100), Decimal(125), Decimal(150)]
    assert parse_numbers("-5..5", 2) == [Decimal(-5), Decimal(5)]
    assert parse_numbers("1_000.50", 2) == [Decimal("1000.50")] * 2
    assert parse_numbers("100..150", 1) == [Decimal(100)]


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(2, 400))
def test_a_line_is_straight(first: int, last: int, days: int) -> None:
    line = parse_numbers(f"{first}..{last}", days)
    assert (line[0], line[-1], len(line)) == (first, last, days)
    steps = [after - before for before, after in pairwise(line)]
    assert max(steps) - min(steps) <= Decimal("2e-15"), "each step is the same, but for the last digit"


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1.29 ± 0.01", [1.28, 1.2999, 1.30], [1.2799, 1.31]),
        ("1.29", [1.285, 1.294], [1.2849, 1.296]),
        ("129 % ± 1 %", [1.28, 1.30], [1.27]),
        ("129%", [1.29, 1.2949], [1.3]),
        ("1.29 +- 0.01", [1.28], [1.27]),
        ("1.29 +/- 0.01", [1.28], [1.27]),
        ("-0.5 ± 0.1", [-0.6, -0.4], [0.5]),
        ("50h", [50.0], [50.5]),
        ("50h ± 1h", [49.0, 51.0], [48.9]),
        ("2d", [48.0], [47.0]),
        ("2.5 kg", [2500.0], [2501.0]),
        ("500", [500.4], [500.6, None]),
    ],
)
def test_a_value_holds_within_its_tolerance(text: str, inside: list[float], outside: list[float]) -> None:
    expected = parse_expected(text)
    assert [number for number in inside if not expected.holds(number)] == []
    assert [number for number in outside if expected.holds(number)] == []


def test_an_amount_is_exact_and_has_its_currency() -> None:
    assert parse_expected("9500 EUR").holds(Decimal("9500.00"), "EUR")
    assert not parse_expected("9500 EUR").holds(Decimal("9500.01"), "EUR")
    assert not parse_expected("9500 EUR").holds(Decimal(9500), "USD")
    assert parse_expected("9500 EUR ± 0.01 EUR").holds(Decimal("9500.01"), "EUR")


def test_nothing_is_a_value_too() -> None:
    assert parse_expected(None).holds(None)
    assert not parse_expected(None).holds(0.0)
    assert not parse_expected("0").holds(None)
