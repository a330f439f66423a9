"""One function writes every amount: in the currency's own digits, and never something as nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.money import format_amount, minor_digits
from finops.model.wording import count_text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("9500", "EUR", "9,500.00"),
        ("-12.345", "EUR", "-12.34"),
        ("9500.4", "JPY", "9,500"),
        ("1234.5678", "KWD", "1,234.568"),
        ("12", "DEM", "12.00"),
        ("0", "EUR", "0.00"),
        ("0", "JPY", "0"),
        ("-0.00", "EUR", "0.00"),
        ("0.12345", "EUR", "0.12"),
        ("0.000312345", "EUR", "0.000312"),
        ("-0.004", "EUR", "-0.004"),
        ("0.3", "JPY", "0.3"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(amount: str, currency: str, text: str) -> None:
    assert format_amount(Decimal(amount), currency) == text


@pytest.mark.parametrize(("amount", "text"), [("12", "+12.00"), ("-12", "-12.00"), ("0", "0.00"), ("0.001", "+0.001")])
def test_a_change_has_a_sign(amount: str, text: str) -> None:
    assert format_amount(Decimal(amount), "EUR", plus=True) == text


@pytest.mark.parametrize(
    ("amount", "text"), [("0.060251", "0.0603"), ("0.5", "0.50"), ("1.2345", "1.23"), ("0.0004", "0.0004")]
)
def test_a_price_keeps_the_digits_that_count(amount: str, text: str) -> None:
    assert format_amount(Decimal(amount), "EUR", significant=3) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=15, min_value=-(10**12), max_value=10**12))
def test_what_is_shown_is_near_and_never_nothing(amount: Decimal) -> None:
    for currency in ("EUR", "JPY", "KWD"):
        shown = Decimal(format_amount(amount, currency).replace(",", ""))
        assert (shown == 0) == (amount == 0)
        assert abs(shown - amount) <= Decimal(1).scaleb(-minor_digits(currency)) / 2


@pytest.mark.parametrize(("number", "text"), [(0, "0 sources"), (1, "1 source"), (1200, "1,200 sources")])
def test_a_count_agrees_with_its_noun(number: int, text: str) -> None:
    assert count_text(number, "source") == text


def test_an_irregular_plural_is_given() -> None:
    assert count_text(2, "policy", "policies") == "2 policies"


@pytest.mark.parametrize("left_over", ["0.000000000000012", "-0.000000000000999"])
def test_what_divisions_leave_over_is_nothing(left_over: str) -> None:
    assert format_amount(Decimal(left_over), "EUR", plus=True) == "0.00"
