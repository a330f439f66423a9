"""The rows behind all comparisons together: one scan of ``costs``, of the days that any of them needs.

The cost of a thousand firing groups is bounded: rows are added up once, by the columns that any comparison looks at,
whoever they belong to. Which comparison wants what is then decided on the distinct values of those columns alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Protocol

import narwhals as nw
import polars as pl

from finops.errors import MissingRate
from finops.evaluate.aggregation.frames import frames_of, merged
from finops.model.costs import AMOUNT
from finops.model.period import Period
from finops.model.rates import Rates
from finops.ports.lake import LakeView

NAMES = {
    "ServiceName": None,
    "SubAccountId": "SubAccountName",
    "RegionId": "RegionName",
    "ResourceId": "ResourceName",
    "SkuId": "SkuMeter",
    "CommitmentDiscountId": "CommitmentDiscountName",
}
"""What drivers are told by, in the order that people read them, each with the column that holds a name for it."""

BY = tuple(NAMES)
_READS = (
    *BY,
    *(name for name in NAMES.values() if name),
    "SkuPriceId",
    "PricingUnit",
    "ConsumedUnit",
    "ChargeCategory",
    "CommitmentDiscountStatus",
)
_A_DAY = timedelta(days=1)
_NEVER = date.min + _A_DAY


class Compared(Protocol):
    """Which rows are compared, on which days, in which money; ``place`` tells it from others."""

    @property
    def place(self) -> int: ...

    @property
    def cost(self) -> str: ...

    @property
    def currency(self) -> str: ...

    @property
    def before(self) -> Sequence[date]: ...

    @property
    def after(self) -> Sequence[date]: ...

    @property
    def columns(self) -> frozenset[str]: ...

    def holds(self) -> pl.Expr:
        """Over ``columns``."""
        ...


def matched_rows(view: LakeView, asked: Sequence[Compared], rates: Rates) -> pl.DataFrame:
    """One row a comparison and distinct (``BY``, ``sku``, ``unit``): ``place``, those, ``name of …`` for ``BY``,
    ``before`` and ``after`` (Decimal, in the comparison's currency), ``quantity_before`` and ``quantity_after`` (where
    ``sku`` is null they are none of use), ``missing`` (a currency and day without a rate, else null). What is before is
    scaled to as many days as after.
    """
    moneys = sorted({(one.cost, one.currency) for one in asked})
    keys = sorted({"source"}.union(*(one.columns for one in asked)))
    calendar, classes = _calendar(view, asked, [currency for _, currency in moneys], rates)
    sums = _scan(view, calendar, keys, moneys)
    named = {_key(name): name for name in keys}
    scopes = sums.select(list(named)).unique().with_row_index("#scope")
    sums = sums.join(scopes, on=list(named), nulls_equal=True)
    scopes = scopes.rename(named)
    pairs = pl.concat(
        scopes.filter(one.holds()).select(
            "#scope",
            place=pl.lit(one.place, dtype=pl.UInt32),
            money=pl.lit(moneys.index((one.cost, one.currency)), dtype=pl.UInt32),
        )
        for one in asked
    )
    amount = pl.coalesce(
        pl.when(pl.col("money") == index).then(pl.col(f"amount {index}")) for index in range(len(moneys))
    )
    missing = pl.coalesce(
        pl.when(pl.col("money") == index).then(pl.col(f"missing {index}")) for index in range(len(moneys))
    )
    is_after = pl.col("is_after")
    quantity = pl.col("quantity")
    return (
        pairs.join(sums, on="#scope")
        .join(classes, on=["place", "#class"])
        .with_columns(amount.alias("amount"), missing.alias("missing"))
        .group_by("place", *BY, "sku", "unit")
        .agg(
            pl.col(f"name of {by}" for by, name in NAMES.items() if name).max(),
            pl.col("amount").filter(~is_after).sum().alias("before"),
            pl.col("amount").filter(is_after).sum().alias("after"),
            quantity.filter(~is_after).sum().alias("quantity_before"),
            quantity.filter(is_after).sum().alias("quantity_after"),
            pl.col("missing").min(),
        )
        .join(_scales(asked), on="place")
        .with_columns(
            (pl.col(name) * pl.col("days_after") / pl.col("days_before")).alias(name)
            for name in ("before", "quantity_before")
        )
        .drop("days_before", "days_after")
    )


def charged_within(period: Period) -> pl.Expr:
    """Rows that may be charged on a day of ``period``, so that files without these days are not read at all; a day
    wider, as the zone of the days is not the rows'."""
    first = datetime.combine(period.start - _A_DAY, time(), UTC)
    end = datetime.combine(period.end + _A_DAY, time(), UTC)
    charged, until = pl.col("ChargePeriodStart"), pl.col("ChargePeriodEnd")
    return ((charged < end) | charged.is_null()) & ((until > first) | (charged >= first) | until.is_null())


def check_rows(view: LakeView) -> None:
    """Raises what reading single rows raises, whatever they are compared for."""
    frames = frames_of(view)
    frames.fetch(frames.rows([], [None], view.marks().periods).select(nw.len()))


def _scan(
    view: LakeView, calendar: pl.DataFrame, keys: Sequence[str], moneys: Sequence[tuple[str, str]]
) -> pl.DataFrame:
    """The one pass over single rows."""
    days = calendar["day"].to_list()
    span = Period(min(days, default=_NEVER), max(days, default=_NEVER) + _A_DAY)
    if view.engine is None:
        return _summed(view.costs_by_day(), span, calendar, keys, moneys).collect(engine="streaming")
    schema = _summed(view.costs_by_day(), span, calendar, keys, moneys).collect_schema()
    plan = partial(_summed, span=span, calendar=calendar, keys=keys, moneys=moneys)
    sums = {name for name in schema if name == "quantity" or name.startswith("amount ")}
    greatest = {name for name in schema if name.startswith("name of ")}
    least = {name for name in schema if name.startswith("missing ")}
    found = merged(view, plan, schema, sums=sums, greatest=greatest, least=least)
    return found.cast(dict(schema))  # type: ignore[arg-type] # the stub wants selectors


def _summed(
    rows: pl.LazyFrame,
    span: Period,
    calendar: pl.DataFrame,
    keys: Sequence[str],
    moneys: Sequence[tuple[str, str]],
) -> pl.LazyFrame:
    """One row a distinct tuple of what tells rows apart: sums, greatest names, and the first rate that is missing."""
    names = rows.collect_schema().names()
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted({*_READS, *keys} - set(names)))
    rows = rows.with_columns(
        pl.lit(None, AMOUNT).alias(name) for name in ("PricingQuantity", "ConsumedQuantity") if name not in names
    )
    rows = rows.filter(charged_within(span))
    by_use = (pl.col("ChargeCategory") == "Usage") & (pl.col("CommitmentDiscountStatus").fill_null("") != "Unused")
    priced = pl.col("PricingQuantity").is_not_null()
    sku = pl.coalesce("SkuPriceId", "SkuId")
    unit = pl.when(priced).then("PricingUnit").otherwise("ConsumedUnit").fill_null("")
    quantity = pl.coalesce("PricingQuantity", "ConsumedQuantity").cast(AMOUNT, strict=False)
    counts = (by_use & sku.is_not_null() & quantity.is_not_null()).fill_null(value=False)
    return (
        rows.with_columns(pl.col("BillingCurrency").alias("#currency"))
        .join(calendar.lazy(), on=["day", "#currency"])
        .group_by(
            "#class",
            *(pl.col(name).alias(_key(name)) for name in keys),
            *BY,
            pl.when(counts).then(sku).alias("sku"),
            pl.when(counts).then(unit).alias("unit"),
        )
        .agg(
            *(pl.col(name).max().alias(f"name of {by}") for by, name in NAMES.items() if name),
            pl.when(counts).then(quantity).sum().alias("quantity"),
            *(
                (pl.col(cost) * pl.col(f"rate to {currency}")).sum().alias(f"amount {index}")
                for index, (cost, currency) in enumerate(moneys)
            ),
            *(
                pl.when(pl.col(f"rate to {currency}").is_null())
                .then(pl.format("{} to {} for {}", "#currency", pl.lit(currency), "day"))
                .min()
                .alias(f"missing {index}")
                for index, (_, currency) in enumerate(moneys)
            ),
        )
    )


def _calendar(
    view: LakeView, asked: Sequence[Compared], targets: Sequence[str], rates: Rates
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``day``, ``#currency``, ``#class``, ``rate to …`` (null: there is none); and ``place``, ``#class``, ``is_after``.

    Days that the same comparisons want on the same side are one class: rows are added up by class, not by day.
    """
    wanted: dict[date, list[tuple[int, bool]]] = {}
    for one in asked:
        for is_after, days in ((False, one.before), (True, one.after)):
            for day in days:
                wanted.setdefault(day, []).append((one.place, is_after))
    numbers: dict[tuple[tuple[int, bool], ...], int] = {}
    class_of = {day: numbers.setdefault(tuple(sides), len(numbers)) for day, sides in sorted(wanted.items())}
    of_days = pl.DataFrame(list(class_of.items()), schema={"day": pl.Date, "#class": pl.UInt32}, orient="row")
    own = view.costs_daily().select("day", pl.col("currency").alias("#currency"))
    calendar = own.join(of_days.lazy(), on="day").unique().sort("day", "#currency").collect()
    pairs = list(calendar.select("day", "#currency").iter_rows())
    calendar = calendar.with_columns(
        pl.Series(f"rate to {target}", [_rate(rates, day, own, target) for day, own in pairs], AMOUNT)
        for target in dict.fromkeys(targets)
    )
    sides = [(place, number, is_after) for members, number in numbers.items() for place, is_after in members]
    schema = {"place": pl.UInt32, "#class": pl.UInt32, "is_after": pl.Boolean}
    return calendar, pl.DataFrame(sides, schema=schema, orient="row")


def _rate(rates: Rates, day: date, own: str, target: str) -> Decimal | None:
    try:
        return rates.factor(day, own, target)
    except MissingRate:
        return None


def _scales(asked: Sequence[Compared]) -> pl.DataFrame:
    rows = [(one.place, len(one.before), len(one.after)) for one in asked]
    schema = {"place": pl.UInt32, "days_before": pl.Int64, "days_after": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _key(name: str) -> str:
    """A column that a comparison looks at may be one that drivers are told by, too."""
    return f"key {name}"
