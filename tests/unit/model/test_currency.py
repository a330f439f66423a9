"""Currency codes: what ISO 4217 has or had, and nothing else."""

from __future__ import annotations

import pytest

from finops.errors import InvalidValue
from finops.model.currency import check_currency, currency_codes, currency_hint
from finops.model.money import Money, minor_unit, plain


@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "CNY", "CHF", "BGN", "HRK", "DEM"])
def test_codes_that_are_or_were_in_use(code: str) -> None:
    assert check_currency(code) == code


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("EUX", "Did you mean 'EUR'?"),
        ("USX", "Did you mean 'USD'?"),
        ("eur", "Did you mean 'EUR'?"),
        ("GPB", "Did you mean 'GBP'?"),
        ("€", "Write the ISO 4217 code, like EUR"),
        ("XXX", "Write the ISO 4217 code, like EUR"),
        ("", "Write the ISO 4217 code, like EUR"),
    ],
)
def test_others_are_refused_with_a_suggestion(code: str, hint: str) -> None:
    with pytest.raises(InvalidValue, match="is not an ISO 4217 currency code") as refused:
        check_currency(code)
    assert refused.value.remedy == hint == currency_hint(code)


def test_an_amount_in_no_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="Did you mean 'EUR'"):
        Money.parse("100 EUX")


@pytest.mark.parametrize(("code", "unit"), [("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("HUF", "0.01")])
def test_the_minor_unit(code: str, unit: str) -> None:
    assert str(minor_unit(code)) == unit
    assert plain(minor_unit(code) * 12, code) == str(minor_unit(code) * 12)


def test_every_code_has_three_letters() -> None:
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in currency_codes())
