"""Exact amounts with their currency."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache

from finops.errors import CurrencyMismatch, InvalidValue
from finops.model.cell import typed_number
from finops.model.currency import check_currency

SCALE = 15
"""Digits behind the point in the lake and in sums: ``Decimal(38, 15)``."""

_QUANTUM = Decimal(1).scaleb(-SCALE)
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
"""Arithmetic context wide enough that sums and products of amounts lose nothing."""

CONVERTED = Context(prec=120, rounding=ROUND_HALF_EVEN)
"""As ``EXACT``, for products of any amount of the lake with an exchange rate, and their sums."""

_AMOUNT = re.compile(r"\s*(?P<amount>[+-]?[0-9][0-9_]*(?:\.[0-9]+)?)\s*(?P<currency>[A-Z]{3})\s*")


def quantise(amount: Decimal) -> Decimal:
    """``amount`` rounded half-even at 15 digits, the lake's own precision."""
    return amount.quantize(_QUANTUM, context=EXACT)


def added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Exact; None where one is unknown."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total = CONVERTED.add(total, amount)
    return total


def difference(amount: Decimal | None, other: Decimal | None) -> Decimal | None:
    """``amount`` - ``other``, exact; None where one is unknown."""
    return CONVERTED.subtract(amount, other) if amount is not None and other is not None else None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217 code). Adding two currencies raises ``CurrencyMismatch``."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, text: str) -> Money:
        """``"12000 EUR"`` or ``"0.04 EUR"`` -> Money. Raises ``InvalidValue``."""
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise InvalidValue(f"'{text}' is not an amount with a currency", "Write it like '12000 EUR'")
        amount, currency = match["amount"], check_currency(match["currency"])
        # 1.250 KWD is nothing else
        return cls(typed_number(amount, three_digits="." in amount and minor_digits(currency) == 3), currency)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        with localcontext(EXACT):
            return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        with localcontext(EXACT):
            return Money(self.amount - other.amount, self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(
                f"{self.currency} and {other.currency} cannot be added",
                where="money",
                remedy="Convert with a dated rate first",
            )

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


@cache
def minor_digits(currency: str) -> int:
    """Digits behind the point in which ``currency`` is paid: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217). 2 for codes
    that ISO 4217 has withdrawn or never had."""
    from iso4217 import Currency  # noqa: PLC0415 - reads a table of all currencies, which a command may never need

    try:
        digits = Currency(currency).exponent
    except ValueError:
        return 2
    return 2 if digits is None else digits


def minor_unit(currency: str) -> Decimal:
    """The smallest amount in which ``currency`` is paid: a cent of EUR, a yen, a fils of KWD."""
    return Decimal(1).scaleb(-minor_digits(currency))


_LEFT_OVER = Decimal("1e-12")


def format_amount(amount: Decimal, currency: str, *, significant: int = 0, plus: bool = False) -> str:
    """``9,500.00``, for people: in the currency's minor unit, half-even, thousands apart.

    What would round to nothing is shown in three digits that count, ``0.000312``; with ``significant``, whatever is
    below one is shown in so many, trailing zeros left out. ``plus``: whether a positive amount has a sign, as
    a change has; one below 10^-12 is left over from divisions of amounts with 15 digits, and none.
    """
    if plus and abs(amount) < _LEFT_OVER:
        amount = Decimal(0)
    digits = minor_digits(currency)
    finest = digits
    if amount and abs(amount) < 1 and (significant or not amount.quantize(Decimal(1).scaleb(-digits))):
        finest = max(digits, (significant or 3) - 1 - amount.adjusted())
    rounded = amount.quantize(Decimal(1).scaleb(-finest), rounding=ROUND_HALF_EVEN, context=EXACT)
    rounded = rounded or abs(rounded)  # never -0.00
    shown = f"{rounded:+,f}" if plus and amount else f"{rounded:,f}"
    if finest == digits:
        return shown
    whole, _, fraction = shown.partition(".")
    fraction = fraction.rstrip("0").ljust(digits, "0")
    return f"{whole}.{fraction}" if fraction else whole


def plain(amount: Decimal, currency: str = "") -> str:
    """Every digit that counts, and at least those of the currency's minor unit, two where none is named: ``9500.00``,
    ``0.0000008``, ``9500`` of JPY."""
    text = f"{amount:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(minor_digits(currency), "0")
    return f"{whole}.{fraction}" if fraction else whole
