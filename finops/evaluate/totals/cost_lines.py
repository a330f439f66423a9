"""What everything costs, for the cost families: no policy needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from finops.deferred import narwhals as nw
from finops.deferred import numpy as np
from finops.evaluate.aggregation.frames import Partition, of_partitions
from finops.evaluate.array_kernel.distinct import Tuples
from finops.model.costs import AMOUNT, AMOUNTS, Costs
from finops.model.period import month_start
from finops.ports.lake import LakeView

_PLACES = ("ServiceProviderName", "SubAccountId", "ServiceName")
_COSTS: Mapping[str, str] = {"BilledCost": "billed", "EffectiveCost": "effective"}
_KEYS = {"scope_id": pl.Int64(), "currency": pl.String(), "day": pl.Date(), "in_month": pl.Boolean()}
NO_SUMS = pl.DataFrame(schema={**_KEYS, **dict.fromkeys(_COSTS, AMOUNT)})


@dataclass(frozen=True, slots=True)
class Span:
    """``days``: those that may be shown by themselves."""

    today: date
    days: tuple[date, ...]

    @classmethod
    def of(cls, today: date, settled: Collection[date | None]) -> Span:
        return cls(today, tuple(sorted({day for day in settled if day is not None})))

    @property
    def month(self) -> date:
        return month_start(self.today)


@dataclass(frozen=True, slots=True)
class CostScopes:
    """``places``: every place that the lake knows, sorted. ``of``: each ``scope_id`` with its ``source`` and its
    ``place``, a row of ``places``."""

    places: pl.DataFrame
    of: pl.DataFrame


def cost_scopes(view: LakeView, dimensions: Sequence[str]) -> CostScopes:
    """A dimension that the lake does not have yet is empty everywhere."""
    scopes = view.scopes()
    known = scopes.collect_schema().names()
    columns = [*_PLACES, *dimensions]
    own = [pl.col(name).fill_null("") if name in known else pl.lit("").alias(name) for name in columns]
    every = scopes.select("scope_id", "source", *own).collect()
    distinct = Tuples(every).distinct(columns)
    places = distinct.frame.with_row_index("number").sort(columns)
    place = np.empty(places.height, np.int64)
    place[places["number"].to_numpy()] = np.arange(places.height)
    of = every.select("scope_id", "source", pl.Series("place", place[distinct.tuple_of]))
    return CostScopes(places.select(columns), of)


def cost_sums(view: LakeView, span: Span, partitions: Collection[Partition]) -> pl.DataFrame:
    """``scope_id``, ``currency``, ``day``, ``in_month``, the costs, ``source``, ``billing_period``, of at least these
    partitions: days that may be shown by themselves stay single, all others of the month, and all others before it, are
    one row each without a day."""
    return summed(of_partitions(nw.from_native(view.costs_daily()), partitions).to_native(), span)


def summed(cells: pl.LazyFrame, span: Span) -> pl.DataFrame:
    """``cost_sums`` of these cells of ``costs_daily`` with their ``source``."""
    day = pl.col("day")
    # the fewer keys, the quicker: both kinds of days that stay together have a day that no bill has
    kept = pl.when(day.is_in(span.days)).then(day).when(day >= span.month).then(date.max).otherwise(date.min)
    found = (
        cells.filter(day.is_between(min((span.month, *span.days)), span.today))
        .select("scope_id", "source", "billing_period", "currency", kept.alias("day"), *_COSTS)
        .group_by("scope_id", "billing_period", "currency", "day")
        .agg(pl.col(*_COSTS).sum(), pl.col("source").first())  # a scope has one source
        .with_columns(pl.when(day.is_in(span.days)).then(day).alias("day"), (day >= span.month).alias("in_month"))
        .select(*NO_SUMS.columns, "source", "billing_period")
    )
    return found.collect(engine="streaming")


def cost_lines(scopes: CostScopes, sums: pl.DataFrame, settled: Mapping[str, date | None], month: date) -> Costs:
    """A line for each provider, account, service, dimensions, cost and currency that has rows in the month up to today
    or on its latest settled day. A label without a value is the empty text. ``sums``: as ``cost_sums`` gives them;
    ``settled``: each source's latest settled day; ``month``: its first day. What a month costs is unknown as long as it
    has neither a row nor a settled day.

    The latest settled day of a line is the oldest among its sources; it has none where a source has none.
    """
    of_line = ["place", "currency"]
    rows = sums.join(scopes.of.join(_settled_days(settled), on="source", how="left"), on="scope_id")
    latest = rows.group_by(of_line).agg(
        pl.when(pl.col("settled").is_null().any()).then(None).otherwise(pl.col("settled").min()).alias("latest")
    )
    on_latest = pl.col("day") == pl.col("latest")
    found = (
        rows.join(latest, on=of_line)
        .group_by(*of_line, "latest")
        .agg(
            (pl.col("in_month") | on_latest).any().alias("current"),
            (pl.col("in_month").any() | (pl.col("latest") >= month).first()).alias("month is known"),
            *(pl.col(cost).filter("in_month").sum().alias(f"{cost} month") for cost in _COSTS),
            *(pl.col(cost).filter(on_latest).sum().alias(f"{cost} day") for cost in _COSTS),
        )
        .filter("current")
        .sort(of_line)
    )
    return _costs(scopes.places, found)


def with_allocated(direct: Costs, everything: Costs) -> Costs:
    """Beside the lines of the bills, those of AllocatedCost: the effective ones of ``everything``, which are of the
    bills and of what rules moved."""
    columns = everything.places.columns
    places = pl.concat([direct.places, everything.places]).unique().sort(columns).with_row_index("to")
    parts = []
    allocated = everything.amounts.filter(pl.col("cost") == "effective").with_columns(cost=pl.lit("allocated"))
    for own, amounts in ((direct.places, direct.amounts), (everything.places, allocated)):
        known = own.with_row_index("place").join(places, on=columns).select("place", "to")
        parts.append(amounts.join(known, on="place").with_columns(place=pl.col("to")).drop("to"))
    return Costs(places.drop("to"), pl.concat(parts).cast(AMOUNTS).sort("place", "currency", "cost"))


def _settled_days(settled: Mapping[str, date | None]) -> pl.DataFrame:
    schema = {"source": pl.String, "settled": pl.Date}
    return pl.DataFrame(sorted(settled.items()), schema=schema, orient="row")


def _costs(places: pl.DataFrame, sums: pl.DataFrame) -> Costs:
    """``sums``: sorted by place and currency. Places that none of them has are left out."""
    used = places[sums["place"].unique(maintain_order=True)]
    sums = sums.with_columns(pl.col("place").rle_id())
    has_day = pl.col("latest").is_not_null()
    amounts = [
        sums.select(
            "place",
            pl.lit(cost).alias("cost"),
            "currency",
            pl.col("latest").alias("day"),
            pl.when(has_day).then(pl.col(f"{column} day")).alias("day_amount"),
            pl.when("month is known").then(pl.col(f"{column} month")).alias("month_to_date_amount"),
        ).cast(AMOUNTS)
        for column, cost in _COSTS.items()
    ]
    return Costs(used, pl.concat(amounts).sort("place", "currency", "cost"))
