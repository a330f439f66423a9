"""What people type is one amount, or it is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops.errors import InvalidValue
from finops.model.mass import Mass
from finops.model.money import Money


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12000 EUR", "12000"),
        ("12_000.5 EUR", "12000.5"),
        ("0.004 USD", "0.004"),
        ("12.0000 EUR", "12"),
        ("1234.567 EUR", "1234.567"),
        ("1.250 KWD", "1.250"),
        ("-3 EUR", "-3"),
    ],
)
def test_amounts(text: str, amount: str) -> None:
    assert Money.parse(text).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("12.000 EUR", "'12.000' is ambiguous: 12000 or 12.00. Write 12000 or 12.00"),
        ("-1.250 USD", "'-1.250' is ambiguous: -1250 or -1.25. Write -1250 or -1.25"),
        ("12,000 EUR", "is not an amount with a currency"),
        ("1.234,56 EUR", "is not an amount with a currency"),
        ("１２ EUR", "is not an amount with a currency"),
        ("12 000 EUR", "is not an amount with a currency"),
    ],
)
def test_what_can_be_two_amounts_is_none(text: str, hint: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        Money.parse(text)
    assert hint in str(caught.value)


def test_masses_likewise() -> None:
    assert Mass.parse("2.5 t").grams == 2_500_000
    with pytest.raises(ValueError, match=r"ambiguous: 2500 or 2\.5"):
        Mass.parse("2.500 t")
