"""Days that a series' origin has forgotten, as the lake has them."""

from __future__ import annotations

import json

import polars as pl

from finops.ports.lake import Lake
from finops.ports.source import DemandDelivery


def with_older_days(delivery: DemandDelivery, name: str, lake: Lake) -> pl.DataFrame:
    """The delivered frame, and before its ``whole_from`` the days that the lake has of the series ``name``."""
    if delivery.whole_from is None:
        return delivery.frame
    known = lake.at(lake.version()).demand().filter(pl.col("name") == name, pl.col("day") < delivery.whole_from)
    rows = [
        {"day": day, "value": value, **json.loads(dimensions or "{}")}
        for day, value, dimensions in known.select("day", "value", "dimensions").collect().iter_rows()
    ]
    columns = [name for name in delivery.frame.columns if name not in {"day", "value"}]
    columns += sorted({key for row in rows for key in row} - {"day", "value", *columns})
    schema = {"day": pl.Date(), "value": delivery.frame.schema["value"], **dict.fromkeys(columns, pl.String())}
    older = pl.DataFrame([[row.get(column) for column in schema] for row in rows], schema=schema, orient="row")
    newer = delivery.frame.with_columns(
        pl.lit(None, pl.String).alias(column) for column in columns if column not in delivery.frame.columns
    )
    return pl.concat([older, newer.select(list(schema))]).sort(list(schema))
