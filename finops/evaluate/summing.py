"""The two passes over what is large, written once for every engine that narwhals knows: joins and ``group_by`` alone.

Everything small (which scope belongs to whom, the daily sums themselves) stays in this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl

Lazy = nw.LazyFrame[Any]
"""A lazy frame of whatever engine."""

EARLIEST, LATEST = date(1970, 1, 1), date(2090, 12, 31)
"""Days outside are no days of a bill: they never count."""

_FIRST_YEAR = EARLIEST.year
_CURRENCY_BITS, _DAY_BITS = 6, 16
MOST_CURRENCIES = 2**_CURRENCY_BITS


def days_from(first: date | None = None) -> nw.Expr:
    """Whether ``day`` is one from ``first`` on."""
    return (nw.col("day") >= nw.lit(max(first or EARLIEST, EARLIEST))) & (nw.col("day") <= nw.lit(LATEST))


def summed(
    cells: Lazy,
    pairs: Lazy,
    *,
    on: str,
    costs: Sequence[str],
    currencies: Sequence[str],
) -> Lazy:
    """``cell`` (Int64; see ``unpacked``) and the costs: what each target costs on each day, exactly.

    ``cells``: ``on``, ``day`` (within ``EARLIEST`` and ``LATEST``), ``currency`` (one of ``currencies``), costs.
    ``pairs``: ``on``, ``target`` (Int64, below 2^40), ``first`` (Int64, ``day_number`` of the first day that counts); a
    value of ``on`` may belong to any number of targets.

    One integer as the key: grouping by a target, a day and a text takes three times as long.
    """
    at = nw.col("day").dt.year().cast(nw.Int64) - _FIRST_YEAR
    day = at * 2**9 + nw.col("day").dt.ordinal_day().cast(nw.Int64)
    narrow = cells.select(on, *costs, day.alias("day"), currency_number(currencies).alias("currency"))
    target = nw.col("target") * 2 ** (_DAY_BITS + _CURRENCY_BITS)
    return (
        narrow.join(pairs, on=on, how="inner")
        .filter(nw.col("day") >= nw.col("first"))
        .select(*costs, (target + nw.col("day") * 2**_CURRENCY_BITS + nw.col("currency")).alias("cell"))
        .group_by("cell")
        .agg(nw.col(*costs).sum())
    )


def currency_number(currencies: Sequence[str]) -> nw.Expr:
    """The place of ``currency`` in ``currencies``, without a join or a table."""
    number: nw.Expr = nw.lit(0)
    for place, currency in enumerate(currencies[1:], start=1):
        number = number + (nw.col("currency") == nw.lit(currency)).cast(nw.Int64) * place
    return number


def day_number(day: date) -> int:
    """Days in their order, as ``summed`` numbers them; a day before ``EARLIEST`` is 0."""
    return max(0, (day.year - _FIRST_YEAR) * 2**9 + day.timetuple().tm_yday)


def unpacked(sums: pl.DataFrame, currencies: Sequence[str]) -> pl.DataFrame:
    """What ``summed`` found, with ``target`` (Int64), ``day`` (Date), ``currency`` instead of ``cell``; sorted."""
    cell = pl.col("cell")
    number = cell // 2**_CURRENCY_BITS % 2**_DAY_BITS
    new_year = pl.date(number // 2**9 + _FIRST_YEAR, 1, 1)
    names = pl.lit(pl.Series(list(currencies) or [""], dtype=pl.String))
    return (
        sums.sort("cell")
        .with_columns(
            target=cell // 2 ** (_DAY_BITS + _CURRENCY_BITS),
            day=new_year + pl.duration(days=number % 2**9 - 1),
            currency=names.gather(cell % 2**_CURRENCY_BITS),
        )
        .drop("cell")
    )


def rows_summed(rows: Lazy, *, columns: Sequence[str], costs: Sequence[str]) -> Lazy:
    """``columns``, ``day``, ``currency`` (each distinct tuple once) and ``sum_of`` each cost.

    ``rows``: ``columns``, ``day``, ``BillingCurrency``, costs. A cost that a condition names is a key as well.
    """
    keys = [*columns, "day", "currency"]
    sums = [nw.col(cost).alias(sum_of(cost)) for cost in costs]
    named = rows.select(*columns, "day", nw.col("BillingCurrency").alias("currency"), *sums)
    if not costs:
        return named.unique(keys)
    return named.group_by(*keys).agg(nw.col(*(sum_of(cost) for cost in costs)).sum())


def sum_of(cost: str) -> str:
    return f"sum of {cost}"
