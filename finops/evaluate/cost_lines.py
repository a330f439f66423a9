"""What everything costs, for the cost families: no policy needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import polars as pl

from finops.evaluate.moment import Moment
from finops.model.evaluation import CostLine
from finops.model.period import month_start
from finops.model.standing import SourceStanding
from finops.ports.lake import LakeView

LABELS: Mapping[str, str] = {"ServiceProviderName": "provider", "SubAccountId": "account", "ServiceName": "service"}
COSTS: Mapping[str, str] = {"BilledCost": "billed", "EffectiveCost": "effective"}


def cost_lines(view: LakeView, moment: Moment, standings: Sequence[SourceStanding]) -> tuple[CostLine, ...]:
    """A line for each provider, account, service, dimensions, cost and currency that has rows in the month up to today
    or on its latest settled day; sorted. A label without a value is the empty text.

    The latest settled day of a line is the oldest among its sources; it has none where a source has none.
    """
    known = view.scopes().collect_schema().names()
    columns = [*LABELS, *(name for name in moment.settings.dimensions if name in known)]
    month = month_start(moment.today)
    settled = {source.source: moment.settled_through(source) for source in standings}
    days = sorted({day for day in settled.values() if day is not None})
    scopes = view.scopes().select("scope_id", "source", *(pl.col(name).fill_null("") for name in columns)).collect()
    names = scopes.select(columns).unique().sort(columns).with_row_index("line")
    of_scope = (
        scopes.join(names, on=columns)
        .join(_settled_days(settled), on="source", how="left")
        .select("scope_id", "line", "settled")
    )
    rows = _sums(view, min([month, *days]), month, moment.today, days).join(of_scope, on="scope_id")
    of_line = ["line", "currency"]
    latest = rows.group_by(of_line).agg(
        pl.when(pl.col("settled").is_null().any()).then(None).otherwise(pl.col("settled").min()).alias("latest")
    )
    on_latest = pl.col("day") == pl.col("latest")
    sums = (
        rows.join(latest, on=of_line)
        .group_by(*of_line, "latest")
        .agg(
            (pl.col("in_month") | on_latest).any().alias("current"),
            *(pl.col(cost).filter("in_month").sum().alias(f"{cost} month") for cost in COSTS),
            *(pl.col(cost).filter(on_latest).sum().alias(f"{cost} day") for cost in COSTS),
        )
        .filter("current")
        .sort(of_line)
    )
    return tuple(_lines(sums, names, columns))


def _sums(view: LakeView, start: date, month: date, today: date, days: Sequence[date]) -> pl.DataFrame:
    """``scope_id``, ``currency``, ``day``, ``in_month``, the costs: days that may be shown by themselves stay single,
    all others of the month, and all others before it, are one row each without a day."""
    day = pl.col("day")
    cells = view.costs_daily().filter(day.is_between(start, today)).select("scope_id", "day", "currency", *COSTS)
    shown = pl.when(day.is_in(days)).then(day).alias("day")
    found = cells.with_columns(shown, (day >= month).alias("in_month")).group_by(
        "scope_id", "currency", "day", "in_month"
    )
    return found.agg(pl.col(*COSTS).sum()).collect(engine="streaming")


def _settled_days(settled: Mapping[str, date | None]) -> pl.DataFrame:
    schema = {"source": pl.String, "settled": pl.Date}
    return pl.DataFrame(sorted(settled.items()), schema=schema, orient="row")


def _lines(sums: pl.DataFrame, names: pl.DataFrame, columns: Sequence[str]) -> Iterator[CostLine]:
    labels = [LABELS.get(name, name) for name in columns]
    texts = names.select(columns)[sums["line"]].iter_rows()
    amounts = {name: [Decimal(text) for text in sums[name].cast(pl.String).to_list()] for name in _amounts()}
    days, currencies = sums["latest"].to_list(), sums["currency"].to_list()
    for at, values in enumerate(texts):
        own = dict(zip(labels, values, strict=True))
        for column, cost in COSTS.items():
            day = days[at]
            on_day = amounts[f"{column} day"][at] if day is not None else None
            yield CostLine(own, cost, currencies[at], day, on_day, amounts[f"{column} month"][at])


def _amounts() -> list[str]:
    return [f"{column} {part}" for column in COSTS for part in ("month", "day")]
