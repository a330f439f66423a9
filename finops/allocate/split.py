"""Amounts divided into shares that add up to them, to the last digit."""

from __future__ import annotations

from math import gcd

import polars as pl

from finops.model.money import SCALE
from finops.ports.lake import COSTS

MOST_PARTS = 10**12
"""A day's weights are whole numbers that add up to no more than this."""

_WHOLE = pl.Int128
_MONEY = pl.Decimal(38, SCALE)
_ONE = pl.lit(1).cast(pl.Decimal(38, SCALE)) / 10**SCALE


def whole_weights(weights: dict[str, int]) -> dict[str, int]:
    """The same proportions in smaller whole numbers; exact where ``MOST_PARTS`` allows it, else to 12 digits.

    ``weights``: none negative, their sum above zero.
    """
    divisor = gcd(*weights.values())
    reduced = {value: weight // divisor for value, weight in weights.items() if weight}
    total = sum(reduced.values())
    if total <= MOST_PARTS:
        return reduced
    rounded = {value: weight * MOST_PARTS // total for value, weight in reduced.items()}
    rounded[largest(reduced)] += MOST_PARTS - sum(rounded.values())
    return {value: weight for value, weight in rounded.items() if weight}


def largest(weights: dict[str, int]) -> str:
    """The value with the largest weight; of several, the first by name."""
    return min(weights, key=lambda value: (-weights[value], value))


def divided(cells: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """One row a cell and share of its day: the columns of ``cells`` with ``value``, the costs divided.

    ``cells``: ``cell`` (unique), ``day``, the costs. ``shares``: ``day``, ``value``, ``weight`` and ``total`` (Int128),
    ``largest`` (true for one a day): it gets what rounding left over.
    """
    joined = cells.join(shares, on="day", maintain_order="left_right")
    floors = joined.with_columns(_floor(cost).alias(f"floor {cost}") for cost in COSTS)
    left = [(pl.col(cost).to_physical() - pl.col(f"floor {cost}").sum().over("cell")) for cost in COSTS]
    parts = [
        pl.col(f"floor {cost}") + pl.when("largest").then(rest).otherwise(pl.lit(0, _WHOLE))
        for cost, rest in zip(COSTS, left, strict=True)
    ]
    found = floors.with_columns(_money(part).alias(cost) for cost, part in zip(COSTS, parts, strict=True))
    return found.drop("weight", "total", "largest", *(f"floor {cost}" for cost in COSTS))


def _floor(cost: str) -> pl.Expr:
    """The share towards zero. Quotient and remainder apart: no product outgrows 128 bits."""
    units = pl.col(cost).to_physical().cast(_WHOLE)
    size, weight, total = units.abs(), pl.col("weight"), pl.col("total")
    part: pl.Expr = (size // total) * weight + ((size % total) * weight) // total
    signed: pl.Expr = pl.when(units < 0).then(pl.lit(0, _WHOLE) - part).otherwise(part)
    return signed


def _money(units: pl.Expr) -> pl.Expr:
    """The inverse of ``to_physical``."""
    amount: pl.Expr = units.cast(pl.Decimal(38, 0)) * _ONE
    return amount.cast(_MONEY)
