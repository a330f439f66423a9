"""Cents add up to the rounded total, whatever is shared out."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from finops.publish.statement import in_cents

AMOUNTS = st.dictionaries(
    st.text(max_size=3), st.decimals(-10_000, 10_000, places=15, allow_nan=False, allow_infinity=False), max_size=40
)


@given(AMOUNTS)
def test_they_add_up_and_none_is_a_cent_off(amounts: dict[str, Decimal]) -> None:
    cents = in_cents(amounts, "EUR")
    assert sum(cents.values(), Decimal(0)) == sum(amounts.values(), Decimal(0)).quantize(Decimal("0.01"))
    assert all(abs(cents[key] - amount) < Decimal("0.01") for key, amount in amounts.items())
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in cents.values())
    assert list(cents) == list(amounts)


def test_the_largest_remainders_get_the_cents() -> None:
    thirds = {"a": Decimal("0.333"), "b": Decimal("0.334"), "c": Decimal("0.333"), "credit": Decimal("-0.005")}
    assert in_cents(thirds, "EUR") == {
        "a": Decimal("0.33"),
        "b": Decimal("0.34"),
        "c": Decimal("0.33"),
        "credit": Decimal("0.00"),
    }


def test_a_currency_without_cents_is_shared_out_whole() -> None:
    assert in_cents({"a": Decimal("1.5"), "b": Decimal("1.4")}, "JPY") == {"a": Decimal(2), "b": Decimal(1)}
