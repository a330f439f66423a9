"""What the invented shop emits: grams for the money that ran machines, said two weeks after each month."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from finops.demo.organisation import SourceName
from finops.demo.timeline import Timeline
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
