"""What everything costs, for the cost families: no policy needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from finops.evaluate.moment import Moment
from finops.model.costs import AMOUNTS, Costs
from finops.model.period import month_start
from finops.model.standing import SourceStanding
from finops.ports.lake import LakeView

_PLACES = ("ServiceProviderName", "SubAccountId", "ServiceName")
_COSTS: Mapping[str, str] = {"BilledCost": "billed", "EffectiveCost": "effective"}


def cost_lines(view: LakeView, moment: Moment, standings: Sequence[SourceStanding]) -> Costs:
    """A line for each provider, account, service, dimensions, cost and currency that has rows in the month up to today
    or on its latest settled day. A label without a value is the empty text.

    The latest settled day of a line is the oldest among its sources; it has none where a source has none.
    """
    month = month_start(moment.today)
    settled = {source.source: moment.settled_through(source) for source in standings}
    days = sorted({day for day in settled.values() if day is not None})
    places, of_scope = _scopes(view, moment.settings.dimensions, settled)
    rows = _sums(view, of_scope, min([month, *days]), month, moment.today, days)
    of_line = ["place", "currency"]
    latest = rows.group_by(of_line).agg(
        pl.when(pl.col("settled").is_null().any()).then(None).otherwise(pl.col("settled").min()).alias("latest")
    )
    on_latest = pl.col("day") == pl.col("latest")
    sums = (
        rows.join(latest, on=of_line)
        .group_by(*of_line, "latest")
        .agg(
            (pl.col("in_month") | on_latest).any().alias("current"),
            *(pl.col(cost).filter("in_month").sum().alias(f"{cost} month") for cost in _COSTS),
            *(pl.col(cost).filter(on_latest).sum().alias(f"{cost} day") for cost in _COSTS),
        )
        .filter("current")
        .sort(of_line)
    )
    return _costs(places, sums)


def _scopes(
    view: LakeView, dimensions: Sequence[str], settled: Mapping[str, date | None]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every place that the lake knows, sorted; and for each ``scope_id`` its ``place`` (a row of them) and ``settled``.

    A dimension that the lake does not have yet is empty everywhere.
    """
    scopes = view.scopes()
    known = scopes.collect_schema().names()
    columns = [*_PLACES, *dimensions]
    own = [pl.col(name).fill_null("") if name in known else pl.lit("").alias(name) for name in columns]
    every = scopes.select("scope_id", "source", *own).collect()
    places = every.select(columns).unique().sort(columns)
    of_scope = every.join(places.with_row_index("place"), on=columns).join(
        _settled_days(settled), on="source", how="left"
    )
    return places, of_scope.select("scope_id", "place", "settled")


def _sums(
    view: LakeView, of_scope: pl.DataFrame, start: date, month: date, today: date, days: Sequence[date]
) -> pl.DataFrame:
    """``place``, ``settled``, ``currency``, ``day``, ``in_month``, the costs: days that may be shown by themselves stay
    single, all others of the month, and all others before it, are one row each without a day."""
    day = pl.col("day")
    cells = view.costs_daily().filter(day.is_between(start, today)).select("scope_id", "day", "currency", *_COSTS)
    shown = pl.when(day.is_in(days)).then(day).alias("day")
    found = cells.with_columns(shown, (day >= month).alias("in_month")).group_by(
        "scope_id", "currency", "day", "in_month"
    )
    return found.agg(pl.col(*_COSTS).sum()).collect(engine="streaming").join(of_scope, on="scope_id")


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
            pl.col(f"{column} month").alias("month_to_date_amount"),
        ).cast(AMOUNTS)
        for column, cost in _COSTS.items()
    ]
    return Costs(used, pl.concat(amounts).sort("place", "currency", "cost"))
