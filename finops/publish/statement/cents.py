"""Exact amounts -> whole cents that add up to their rounded total."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import TypeVar

from finops.model.money import EXACT

Key = TypeVar("Key")

CENT = Decimal("0.01")


def in_cents(amounts: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """Each amount in whole cents, none further than a cent from the exact one, the sum that of the exact ones rounded.

    The cents that rounding down leaves go to the largest remainders, in the order of the keys where they tie: the
    largest remainder method (Hamilton), as it shares out seats. The same amounts give the same cents.
    """
    with localcontext(EXACT):
        total = sum(amounts.values(), Decimal(0)).quantize(CENT)
        down = {key: amount.quantize(CENT, rounding=ROUND_FLOOR) for key, amount in amounts.items()}
        left = int((total - sum(down.values(), Decimal(0))) / CENT)
        by_remainder = sorted(amounts, key=lambda key: down[key] - amounts[key])  # sorted() keeps the order of ties
        return {**down, **{key: down[key] + CENT for key in by_remainder[:left]}}
