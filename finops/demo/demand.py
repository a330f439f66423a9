"""What the invented shop sells and serves: daily series that grow in a straight line, as cost should."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import polars as pl

from finops.demo.organisation import SourceName
from finops.demo.timeline import DAYS_IN_A_MONTH, Timeline
from finops.model.period import month_start

SAID_AFTER = timedelta(days=14)

_GRAMS_FOR_ONE: Mapping[SourceName, Decimal] = {"aws": Decimal(62), "azure": Decimal(58), "datacentre": Decimal(140)}
"""For one unit of the bill's currency. The AI vendor says nothing of its emissions, as most do not."""
_LABELS = ("SubAccountId", "SubAccountName", "ServiceName", "RegionId")


def write_emissions(folder: Path, timeline: Timeline, bills: Mapping[SourceName, pl.DataFrame]) -> None:
    """``<source>.csv`` for each source that says what it emits: whole months, in kg. A column ``team`` in the data
    centre's own file, which has no accounts."""
    folder.mkdir()
    for source, factor in _GRAMS_FOR_ONE.items():
        labels = ["team"] if source == "datacentre" else list(_LABELS)
        rows = _months(bills[source], labels, factor, timeline)
        with (folder / f"{source}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["month", "emissions", *labels])
            writer.writerows(rows.iter_rows())


def _months(bill: pl.DataFrame, labels: list[str], factor: Decimal, timeline: Timeline) -> pl.DataFrame:
    first = month_start(timeline.start, 0 if timeline.start.day == 1 else 1)
    end = month_start(timeline.until - SAID_AFTER)
    kilograms = (pl.col("EffectiveCost").cast(pl.Float64) * float(factor) / 1000).round(3)
    return (
        bill.filter(pl.col("ChargeCategory") == "Usage", pl.col("day") >= first, pl.col("day") < end)
        .group_by(pl.col("day").dt.strftime("%Y-%m").alias("month"), *labels)
        .agg(pl.col("EffectiveCost").sum())
        .select("month", kilograms.alias("emissions"), *labels)
        .filter(pl.col("emissions") > 0)
        .sort("month", *labels)
    )


MISSING_AGO_DAYS = 17
"""The web counter was down for a day: that day is missing from visitors.csv, it is not zero."""

_GROWTH_PER_MONTH = 0.024
"""Of today's level, added each month."""
_NOISE_RATIO = 0.025
_BASKET_EUR = 18.40
"""What an order brings in on average."""
_BASKET_NOISE_RATIO = 0.02
_WEEKDAYS = (0.96, 0.94, 0.95, 1.00, 1.09, 1.08, 0.98)


@dataclass(frozen=True, slots=True)
class Series:
    """``values`` by day and, where ``dimension`` is named, by one value of it."""

    name: str
    unit: str
    dimension: str | None
    values: Mapping[tuple[date, str], int | Decimal]


def demand(timeline: Timeline, seed: int, ai_rows: pl.DataFrame) -> tuple[Series, ...]:
    """Every series. ``tokens`` is counted by the shop's own gateway, and agrees with the AI bill."""
    visitors = _series(timeline, f"{seed}/visitors", 312_000)
    visitors.pop(timeline.ago(MISSING_AGO_DAYS))
    by_product = {"storefront": 41_800_000, "insights": 3_900_000, "assistant": 640_000}
    requests = {
        (day, product): value
        for product, level in by_product.items()
        for day, value in _series(timeline, f"{seed}/requests/{product}", level).items()
    }
    orders = _series(timeline, f"{seed}/orders", 10_400)
    tokens = ai_rows.group_by("day").agg(pl.col("ConsumedQuantity").sum()).sort("day")
    return (
        Series("orders", "orders", None, _plain(orders)),
        Series("visitors", "visitors", None, _plain(visitors)),
        Series("requests", "requests", "product", dict(sorted(requests.items()))),
        Series("tokens", "tokens", None, {(day, ""): int(value) for day, value in tokens.iter_rows()}),
    )


def revenue(orders: Series, seed: int) -> Series:
    """In EUR: what the orders brought in, each day with a basket of its own."""
    noise = Random(f"{seed}/revenue")  # noqa: S311 - as for demand
    return Series(
        "revenue",
        "EUR",
        None,
        {
            place: Decimal(f"{float(sold) * _BASKET_EUR * (1 + noise.gauss(0, _BASKET_NOISE_RATIO)):.2f}")
            for place, sold in orders.values.items()
        },
    )


def write_series(folder: Path, series: Series) -> Path:
    path = folder / f"{series.name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["day", "value", *([series.dimension] if series.dimension else [])])
        for (day, group), value in series.values.items():
            writer.writerow([day.isoformat(), value, *([group] if series.dimension else [])])
    return path


def _series(timeline: Timeline, seed: str, level: int) -> dict[date, int]:
    noise = Random(seed)  # noqa: S311 - invented numbers that must repeat, no secret
    return {
        day: round(level * _growth(timeline, day) * _WEEKDAYS[day.weekday()] * (1 + noise.gauss(0, _NOISE_RATIO)))
        for day in timeline.days
    }


def _growth(timeline: Timeline, day: date) -> float:
    """A straight line that reaches 1 on ``until``; never below a tenth, however long the demo is."""
    return max(0.1, 1 - _GROWTH_PER_MONTH * (timeline.until - day).days / DAYS_IN_A_MONTH)


def _plain(values: Mapping[date, int]) -> Mapping[tuple[date, str], int | Decimal]:
    return {(day, ""): value for day, value in values.items()}
