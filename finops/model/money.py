"""Exact amounts with their currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext

from finops.errors import CurrencyMismatch

SCALE = 15
"""Digits behind the point in the lake and in sums: ``Decimal(38, 15)``."""

_QUANTUM = Decimal(1).scaleb(-SCALE)
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
"""Arithmetic context wide enough that sums and products of amounts lose nothing."""

_AMOUNT = re.compile(r"\s*(?P<amount>[+-]?\d[\d_]*(?:\.\d+)?)\s*(?P<currency>[A-Z]{3})\s*")


def quantise(amount: Decimal) -> Decimal:
    """``amount`` rounded half-even at 15 digits, the lake's own precision."""
    return amount.quantize(_QUANTUM, context=EXACT)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217 code). Adding two currencies raises ``CurrencyMismatch``."""

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, text: str) -> Money:
        """``"12000 EUR"`` or ``"0.04 EUR"`` -> Money. Raises ``ValueError("message | hint")``."""
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise ValueError(f"'{text}' is no amount with a currency | Write it like '12000 EUR'")
        try:
            return cls(Decimal(match["amount"].replace("_", "")), match["currency"])
        except InvalidOperation:  # pragma: no cover - the pattern admits numbers only
            raise ValueError(f"'{text}' is no amount | Write it like '12000 EUR'") from None

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


def plain(amount: Decimal) -> str:
    """At least two digits behind the point, and no more zeros than that: ``9500.00``, ``0.0000008``."""
    text = f"{amount:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(2, "0")
    return f"{whole}.{fraction}"
