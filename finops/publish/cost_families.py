"""What everything costs -> the two families of costs, folded."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from finops.model.costs import Costs
from finops.model.family import Family
from finops.model.month_costs import MonthCosts
from finops.publish.catalogue import COST_DAY, COST_FORECAST, COST_FORECAST_HIGH, COST_FORECAST_LOW, COST_MONTH_TO_DATE

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


_PLACES = ("provider", "account", "service")
_MEASURES = ((COST_DAY, "day_amount"), (COST_MONTH_TO_DATE, "month_to_date_amount"))


def cost_families(
    costs: Costs, dimensions: Sequence[str], max_series: int
) -> tuple[tuple[Family, ...], Mapping[str, int]]:
    """The families, and for each the number of series that went into ``__other__``.

    A line without a settled day has no series in the family of the day: missing is not zero.
    """
    labels = (*_PLACES, *label_names(dimensions), *KEPT)
    families, folded = [], {}
    for family, measure in _MEASURES:
        amounts = costs.amounts.select("place", *KEPT, pl.col(measure).alias("amount")).filter(
            pl.col("amount").is_not_null()
        )
        others = (OTHER,) * costs.places.width
        below = bisect_left(range(costs.places.height), others, key=costs.places.row)
        is_there = below < costs.places.height and costs.places.row(below) == others
        result = fold(amounts, max_series, other=below if is_there else None)
        labelled = Family(family.name, family.type, family.help, labels)
        families.append(labelled.with_columns(*_columns(costs.places, result.amounts, below)))
        folded[family.name] = result.series
    return tuple(families), folded


def forecast_families(month: MonthCosts, dimensions: Sequence[str]) -> tuple[Family, ...]:
    """What the month will come to, for each combination of dimensions that is forecast; without dimensions, for
    everything. The forecasts of parts do not add up to that of the whole, so they are never folded."""
    labels = (*label_names(dimensions), *KEPT)
    told = month.forecasts if dimensions else tuple(one for one in (month.forecast,) if one is not None)
    families = []
    for family, end in ((COST_FORECAST, "amount"), (COST_FORECAST_LOW, "low"), (COST_FORECAST_HIGH, "high")):
        labelled = Family(family.name, family.type, family.help, labels)
        samples = [((*one.group, "effective", month.currency), float(str(getattr(one, end)))) for one in told]
        families.append(labelled.filled(samples))
    return tuple(families)


def label_names(dimensions: Iterable[str]) -> tuple[str, ...]:
    """A label name for each dimension: Prometheus admits ASCII letters, digits and ``_``, and reserves ``__``.

    >>> label_names(["team", "équipe", "account"])
    ('team', '_quipe', 'account_')
    """
    taken = {*_PLACES, *KEPT}
    names = []
    for dimension in dimensions:
        name = re.sub(r"^(?=\d)|^_+", "_", re.sub(r"[^a-zA-Z0-9_]", "_", dimension))
        while name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _columns(places: pl.DataFrame, amounts: pl.DataFrame, below: int) -> tuple[list[pl.Series], pl.Series]:
    """The label values and the values, in the order of the labels. ``below``: how many places come before
    ``__other__``."""
    # twice its row stands for a place, so that the number between two is free for __other__
    order = (pl.col("place").cast(pl.Int64) * 2).fill_null(below * 2 - 1)
    shown = amounts.sort(order, *KEPT)
    # through the text: what Polars makes of a decimal directly is not always the nearest float
    values = shown["amount"].cast(pl.String).cast(pl.Float64)
    labels = places[shown["place"]].select(pl.all().fill_null(OTHER))
    return [*labels.get_columns(), *shown.select(KEPT).get_columns()], values
