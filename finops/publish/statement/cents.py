"""Exact amounts -> whole cents that add up to their rounded total."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import TypeVar

from finops.model.money import EXACT, minor_unit

Key = TypeVar("Key")


def in_cents(amounts: Mapping[Key, Decimal], currency: str) -> dict[Key, Decimal]:
    """Each amount in whole cents, none further than a cent from the exact one, the sum that of the exact ones rounded.

    A cent is the minor unit of ``currency``: a yen of JPY.

    The cents that rounding down leaves go to the largest remainders, in the order of the keys where they tie: the
    largest remainder method (Hamilton), as it shares out seats. The same amounts give the same cents.
    """
    cent = minor_unit(currency)
    with localcontext(EXACT):
        total = sum(amounts.values(), Decimal(0)).quantize(cent)
        down = {key: amount.quantize(cent, rounding=ROUND_FLOOR) for key, amount in amounts.items()}
        left = int((total - sum(down.values(), Decimal(0))) / cent)
        by_remainder = sorted(amounts, key=lambda key: down[key] - amounts[key])  # sorted() keeps the order of ties
        return {**down, **{key: down[key] + cent for key in by_remainder[:left]}}
