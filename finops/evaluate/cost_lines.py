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
    start = min([month, *(day for day in settled.values() if day is not None)])
    scopes = view.scopes().select("scope_id", "source", *(pl.col(name).fill_null("") for name in columns))
    rows = (
        view.costs_daily()
        .filter(pl.col("day").is_between(start, moment.today))
        .select("scope_id", "day", "currency", *COSTS)
        .join(scopes, on="scope_id")
        .join(_settled_days(settled).lazy(), on="source", how="left")
    )
    of_line = [*columns, "currency"]
    latest = rows.group_by(of_line).agg(
        pl.when(pl.col("settled").is_null().any()).then(None).otherwise(pl.col("settled").min()).alias("latest")
    )
    in_month, on_latest = pl.col("day") >= month, pl.col("day") == pl.col("latest")
    sums = (
        rows.join(latest, on=of_line)
        .group_by(*of_line, "latest")
        .agg(
            pl.len().alias("rows"),
            (in_month | on_latest).any().alias("current"),
            *(pl.col(cost).filter(in_month).sum().alias(f"{cost} month") for cost in COSTS),
            *(pl.col(cost).filter(on_latest).sum().alias(f"{cost} day") for cost in COSTS),
        )
        .filter("current")
        .sort(of_line)
        .collect()
    )
    return tuple(line for row in sums.iter_rows(named=True) for line in _lines(row, columns))


def _settled_days(settled: Mapping[str, date | None]) -> pl.DataFrame:
    schema = {"source": pl.String, "settled": pl.Date}
    return pl.DataFrame(sorted(settled.items()), schema=schema, orient="row")


def _lines(row: Mapping[str, object], columns: Sequence[str]) -> Iterator[CostLine]:
    labels = {LABELS.get(name, name): str(row[name]) for name in columns}
    day = row["latest"]
    for column, cost in COSTS.items():
        in_month, on_day = row[f"{column} month"], row[f"{column} day"]
        assert isinstance(in_month, Decimal)  # noqa: S101 - a sum of Decimals; tells the type checker
        assert isinstance(on_day, Decimal)  # noqa: S101 - as above
        yield CostLine(
            labels=labels,
            cost=cost,
            currency=str(row["currency"]),
            day=day if isinstance(day, date) else None,
            day_amount=on_day if isinstance(day, date) else None,
            month_to_date_amount=in_month,
        )
