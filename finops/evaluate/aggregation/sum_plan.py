"""The two passes over what is large, written once for every engine that narwhals knows: joins and ``group_by`` alone.

Everything small (which scope belongs to whom, the daily sums themselves) stays in this process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import polars as pl

from finops.deferred import narwhals as nw
from finops.evaluate.array_kernel.day_numbers import DAY_BITS, EARLIEST, FIRST_YEAR, LATEST

Lazy: TypeAlias = "nw.LazyFrame[Any]"
"""A lazy frame of whatever engine."""

_CURRENCY_BITS, _DAY_BITS, _PERIOD_BITS = 6, DAY_BITS, 10
_TARGET = 2 ** (_CURRENCY_BITS + _DAY_BITS + _PERIOD_BITS)
MOST_CURRENCIES = 2**_CURRENCY_BITS
MOST_PERIODS = 2**_PERIOD_BITS


def days_from(first: date | None = None) -> nw.Expr:
    """Whether ``day`` is one from ``first`` on."""
    return (nw.col("day") >= nw.lit(max(first or EARLIEST, EARLIEST))) & (nw.col("day") <= nw.lit(LATEST))


@dataclass(frozen=True, slots=True)
class Labels:
    """Every value of ``currency`` and of ``billing_period`` that the cells have: in a sum's key each is its place."""

    currencies: Sequence[str]
    periods: Sequence[date]


def summed(cells: Lazy, pairs: Lazy, *, on: str, costs: Sequence[str], labels: Labels) -> Lazy:
    """``cell`` (Int64; see ``unpacked``) and the costs: what each target costs on each day, exactly.

    ``cells``: ``on``, ``billing_period``, ``day`` (within ``EARLIEST`` and ``LATEST``), ``currency``, costs.
    ``pairs``: ``on``, ``target`` (Int64, below 2^31), ``first`` (Int64, ``day_number`` of the first day that counts); a
    value of ``on`` may belong to any number of targets.

    One integer as the key: grouping by a target, days and a text takes three times as long.
    """
    at = nw.col("day").dt.year().cast(nw.Int64) - FIRST_YEAR
    day = at * 2**9 + nw.col("day").dt.ordinal_day().cast(nw.Int64)
    period = _place("billing_period", labels.periods) * 2 ** (_CURRENCY_BITS + _DAY_BITS)
    label = period + _place("currency", labels.currencies)
    target = nw.col("target") * _TARGET
    narrow = cells.select(on, *costs, day.alias("day"), label.alias("label"))
    return (
        narrow.join(pairs, on=on, how="inner")
        .filter(nw.col("day") >= nw.col("first"))
        .select(*costs, (target + nw.col("day") * 2**_CURRENCY_BITS + nw.col("label")).alias("cell"))
        .group_by("cell")
        .agg(nw.col(*costs).sum())
    )


def _place(column: str, values: Sequence[str] | Sequence[date]) -> nw.Expr:
    """The place of a column's value, without a join."""
    place: nw.Expr = nw.lit(0)
    for number in range(1, len(values)):
        place = place + (nw.col(column) == nw.lit(values[number])).cast(nw.Int64) * number
    return place


def unpacked(sums: pl.DataFrame, labels: Labels) -> pl.DataFrame:
    """What ``summed`` found, with ``target`` (Int64), ``billing_period``, ``day`` (Date) and ``currency`` instead of
    ``cell``, by target and day."""
    cell = pl.col("cell")
    number = cell // 2**_CURRENCY_BITS % 2**_DAY_BITS
    new_year = pl.date(number // 2**9 + FIRST_YEAR, 1, 1)
    currencies = pl.lit(pl.Series(list(labels.currencies) or [""], dtype=pl.String))
    periods = pl.lit(pl.Series(list(labels.periods) or [None], dtype=pl.Date))
    return (
        sums.with_columns(
            target=cell // _TARGET,
            billing_period=periods.gather(cell // 2 ** (_CURRENCY_BITS + _DAY_BITS) % 2**_PERIOD_BITS),
            day=new_year + pl.duration(days=number % 2**9 - 1),
            currency=currencies.gather(cell % 2**_CURRENCY_BITS),
        )
        .drop("cell")
        .sort("target", "day")
    )


def rows_summed(rows: Lazy, *, columns: Sequence[str], costs: Sequence[str]) -> Lazy:
    """``columns``, ``billing_period``, ``day``, ``currency`` (each distinct tuple once) and ``sum_of`` each cost.

    ``rows``: ``columns``, ``billing_period``, ``day``, ``BillingCurrency``, costs. A cost that a condition names is a
    key as well.
    """
    keys = [*columns, "billing_period", "day", "currency"]
    sums = [nw.col(cost).alias(sum_of(cost)) for cost in costs]
    named = rows.select(*columns, "billing_period", "day", nw.col("BillingCurrency").alias("currency"), *sums)
    if not costs:
        return named.unique(keys)
    return named.group_by(*keys).agg(nw.col(*(sum_of(cost) for cost in costs)).sum())


def sum_of(cost: str) -> str:
    return f"sum of {cost}"
