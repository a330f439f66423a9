"""A change of cost as volume, price and mix: price-volume-mix analysis, exact to the last digit.

The indicator form of a Laspeyres volume and a Paasche price, which management accounting calls price-volume-mix
(W. E. Diewert, "Index Number Theory Using Differences Rather Than Ratios", American Journal of Economics and Sociology
64, 2005). An item is a SKU price in a region, with its unit; a family is what one service counts in one unit, for
quantities of different units do not add up. With cost c and quantity q of an item, C and Q of its family, 0 before and
1 after:

- price = Σ (c1 - c0 * q1/q0): what the quantity of now costs more or less than at the unit price of before,
- volume = Σ (C0 * Q1/Q0 - C0): what the family would cost more or less had only its whole quantity changed,
- mix = Σ (c0 * q1/q0 - c0) - volume: the rest, what moved to dearer or cheaper items of the same family,
- other = c1 - c0 of the rows that have no quantity of use or no SKU: purchases, unused commitments, taxes, credits.

An item without a quantity before has no old price: its whole cost is volume or mix. A new family is all volume.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

PARTS = ("volume", "price", "mix", "other")
_MANIFOLD = 1e6
"""A quantity that grew by more than this has nothing to be compared with, and products would leave Decimal(38, 15)."""


def split(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """One row for each ``by`` (may hold nulls) with ``before``, ``after``, and ``PARTS``, which add up to their
    difference. ``rows``: see ``matched_rows``."""
    sums = ("before", "after", "quantity_before", "quantity_after")
    items = rows.group_by(*by, "ServiceName", "RegionId", "sku", "unit").agg(pl.col(sums).sum())
    old, new = pl.col("quantity_before"), pl.col("quantity_after")
    before, after = pl.col("before"), pl.col("after")
    known = (
        pl.col("sku").is_not_null()
        & ((old > 0) | ((old == 0) & (before == 0)))
        & ((new > 0) | ((new == 0) & (after == 0)))
        & ~_beyond(old, new)
    )
    at_old_price = pl.when(old == 0).then(after).otherwise(before * _ratio(old, new))
    families = (
        items.with_columns(known.alias("known"))
        .with_columns(pl.when("known").then(at_old_price).otherwise(before).alias("at_old_price"))
        .group_by(*by, "ServiceName", "unit", "known")
        .agg(pl.col(*sums, "at_old_price").sum())
    )
    moved = pl.col("at_old_price") - before
    as_before = (old == 0) | _beyond(old, new)
    volume = pl.when(as_before).then(moved).otherwise(before * _ratio(old, new) - before)
    zero = before - before
    return (
        families.with_columns(
            pl.when("known").then(volume).otherwise(zero).alias("volume"),
            pl.when("known").then(after - pl.col("at_old_price")).otherwise(zero).alias("price"),
            pl.when("known").then(zero).otherwise(after - before).alias("other"),
        )
        .with_columns((after - before - pl.col("volume") - pl.col("price") - pl.col("other")).alias("mix"))
        .group_by(*by)
        .agg(pl.col("before", "after", *PARTS).sum())
    )


def _beyond(old: pl.Expr, new: pl.Expr) -> pl.Expr:
    return (old > 0) & (new.cast(pl.Float64) > old.cast(pl.Float64) * _MANIFOLD)


def _ratio(old: pl.Expr, new: pl.Expr) -> pl.Expr:
    """``new`` ÷ ``old``, and zero where it is not asked for: Polars divides on every row."""
    asked = (old > 0) & ~_beyond(old, new)
    return pl.when(asked).then(new).otherwise(new - new) / pl.when(asked).then(old).otherwise(1)
