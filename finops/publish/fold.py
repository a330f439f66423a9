"""The smallest series of a cost family become ``__other__``; no sum changes."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

OTHER = "__other__"

KEPT = ("cost", "currency")
"""What one ``__other__`` never mixes."""


@dataclass(frozen=True, slots=True)
class Folded:
    """``amounts``: place, cost, currency, amount, after folding; ``place`` is null for ``__other__``. ``series`` is how
    many went into it."""

    amounts: pl.DataFrame
    series: int


def fold(amounts: pl.DataFrame, max_series: int, *, other: int | None = None) -> Folded:
    """At most ``max_series`` amounts with the same sum for each cost and currency.

    ``amounts``: ``place`` (a whole number that ranks as its labels do), ``cost``, ``currency``, ``amount`` (a decimal);
    no (place, cost, currency) twice. ``other``: the place whose labels are all called ``__other__`` by whoever can tag,
    if there is one: it ranks last, so that it joins the sum.

    Amounts of two currencies cannot be compared without a rate, so each (cost, currency) gets one series and its share
    of the others by its number of series; within it the smallest by absolute value are added up. Where there are more
    of them than ``max_series``, each still has its one: sums are never mixed.
    """
    if amounts.height <= max_series:
        return Folded(amounts, 0)
    counts = amounts.group_by(KEPT).len("count").with_columns(pl.col("count").cast(pl.Int64))
    spare, beyond_one = max(0, max_series - counts.height), max(1, amounts.height - counts.height)
    share = 1 + spare * (pl.col("count") - 1) // beyond_one
    ranked = (
        amounts.with_columns((pl.col("place") == pl.lit(other, pl.UInt32)).fill_null(value=False).alias("is_other"))
        .sort("is_other", pl.col("amount").abs(), "place", descending=[False, True, False])
        .join(counts.select(*KEPT, share.alias("share"), "count"), on=KEPT, maintain_order="left")
        .with_columns(pl.int_range(pl.len()).over(KEPT).alias("rank"))
    )
    stays = (pl.col("count") <= pl.col("share")) | (pl.col("rank") < pl.col("share") - 1)
    small = ranked.filter(~stays)
    sums = small.group_by(KEPT).agg(pl.lit(None, pl.UInt32).first().alias("place"), pl.col("amount").sum())
    columns = amounts.columns
    return Folded(pl.concat([ranked.filter(stays).select(columns), sums.select(columns)]), small.height)
