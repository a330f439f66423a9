"""Which currency codes there are: those of ISO 4217, and those that it has withdrawn, which old bills still hold."""

from __future__ import annotations

import difflib
import re
from functools import cache

from finops.errors import InvalidValue

_CODE = re.compile("[A-Z]{3}")
_NO_CURRENCY = frozenset({"XXX", "XTS"})
"""Codes for "no currency" and for testing."""


@cache
def currency_codes() -> frozenset[str]:
    """Current codes (ISO 4217, list one) and withdrawn ones (CLDR)."""
    from babel.numbers import list_currencies  # noqa: PLC0415 - reads a large table, which a command may never need

    return (_current() | frozenset(list_currencies())) - _NO_CURRENCY


def check_currency(code: str) -> str:
    """``code`` if it is the code of a currency. Raises ``InvalidValue``."""
    if (code not in _current() or code in _NO_CURRENCY) and code not in currency_codes():
        raise InvalidValue(f"'{code}' is not an ISO 4217 currency code", f"{currency_hint(code)}")
    return code


def currency_hint(code: str) -> str:
    """What may have been meant.

    >>> currency_hint("EUX"), currency_hint("€")
    ("Did you mean 'EUR'?", 'Write the ISO 4217 code, like EUR')
    """
    upper = code.strip().upper()
    near = sorted(difflib.get_close_matches(upper, sorted(_current() - _NO_CURRENCY), n=5, cutoff=0.6))
    by_start = sorted(near, key=lambda found: _common_start(found, upper), reverse=True)
    if not by_start or not _CODE.fullmatch(upper):
        return "Write the ISO 4217 code, like EUR"
    return f"Did you mean '{by_start[0]}'?"


def _common_start(one: str, other: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


@cache
def _current() -> frozenset[str]:
    from iso4217 import Currency  # noqa: PLC0415 - as above

    return frozenset(currency.code for currency in Currency)
