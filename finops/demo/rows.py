"""Lines × days -> priced FOCUS rows. Amounts are exact: 4 digits of quantity × 8 digits of price = 12 digits of cost.

Every frame of this package that holds rows has FOCUS columns (amounts ``Decimal(38, 12)``, moments
``Datetime(ms, UTC)``, the rest String, ``Tags`` as JSON text) and, beside them, columns that no file gets: ``team``
(what the dimensions make of the row), ``day`` (Date of ChargePeriodStart) and ``commitment``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import get_args

import polars as pl

from finops.demo.columns import AMOUNTS, MOMENTS
from finops.demo.incidents import factors
from finops.demo.line import Line
from finops.demo.timeline import DAYS_IN_A_MONTH, Shape, Timeline, midnight
from finops.model.period import month_start

AMOUNT = pl.Decimal(38, 12)
MOMENT = pl.Datetime("ms", "UTC")
_QUANTUM = Decimal("0.0001")

Facts = Mapping[str, str | None]


def usage(
    lines: Sequence[Line], timeline: Timeline, seed: int, facts: Callable[[Line], Facts], *, currency: str
) -> pl.DataFrame:
    """One Usage row for each line and day, at contracted prices. ``facts`` gives a line's provider columns."""
    keys = range(len(lines))
    constants = pl.DataFrame(
        {
            "line": keys,
            "team": [line.team for line in lines],
            "commitment": [line.commitment or None for line in lines],
            "ListUnitPrice": pl.Series([line.sku.price for line in lines], dtype=AMOUNT),
            "ContractedUnitPrice": pl.Series([line.contracted_unit_price for line in lines], dtype=AMOUNT),
            "consumed_per_unit": pl.Series([Decimal(line.sku.consumed_per_unit) for line in lines], dtype=AMOUNT),
        }
    )
    texts = pl.DataFrame([{**_catalogue(line), **facts(line)} for line in lines], infer_schema_length=None)
    quantities = pl.DataFrame(
        {
            "line": keys,
            "day": [timeline.days] * len(lines),
            "PricingQuantity": _quantities(lines, timeline, seed),
        }
    ).explode("day", "PricingQuantity")
    return (
        quantities.join(constants.hstack(texts.with_columns(pl.all().cast(pl.String))), on="line", how="left")
        .with_columns(pl.col("PricingQuantity").cast(pl.Decimal(38, 0)).cast(AMOUNT) * pl.lit(_QUANTUM).cast(AMOUNT))
        .with_columns(
            ConsumedQuantity=pl.col("PricingQuantity") * pl.col("consumed_per_unit"),
            ListCost=pl.col("ListUnitPrice") * pl.col("PricingQuantity"),
            ContractedCost=pl.col("ContractedUnitPrice") * pl.col("PricingQuantity"),
            BillingCurrency=pl.lit(currency),
        )
        .with_columns(BilledCost=pl.col("ContractedCost"), EffectiveCost=pl.col("ContractedCost"))
        .with_columns(moments())
        .drop("line", "consumed_per_unit")
    )


def moments() -> Sequence[pl.Expr]:
    """Charge and billing periods of rows that are charged for one whole ``day``."""
    day = pl.col("day")
    return [
        day.cast(MOMENT).alias("ChargePeriodStart"),
        day.dt.offset_by("1d").cast(MOMENT).alias("ChargePeriodEnd"),
        day.dt.truncate("1mo").cast(MOMENT).alias("BillingPeriodStart"),
        day.dt.truncate("1mo").dt.offset_by("1mo").cast(MOMENT).alias("BillingPeriodEnd"),
    ]


def charge_days(start: date, end: date) -> Mapping[str, object]:
    """Charge period and billing period (the month that holds ``start``) of a single row; ``end`` is exclusive."""
    return {
        "day": start,
        "ChargePeriodStart": midnight(start),
        "ChargePeriodEnd": midnight(end),
        "BillingPeriodStart": midnight(month_start(start)),
        "BillingPeriodEnd": midnight(month_start(start, 1)),
    }


def charge_day(day: date) -> Mapping[str, object]:
    return charge_days(day, day + timedelta(days=1))


def single_rows(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows written one by one (credits, refunds, purchases), typed like those of ``usage``."""
    columns = sorted({column for row in rows for column in row})
    return pl.DataFrame(
        {column: pl.Series([row.get(column) for row in rows], dtype=dtype_of(column)) for column in columns}
    )


def dtype_of(column: str) -> pl.DataType:
    """The type of a column in this package's frames."""
    if column in AMOUNTS:
        return AMOUNT
    if column in MOMENTS:
        return MOMENT
    return pl.Date() if column == "day" else pl.String()


def same_cost(amount: Decimal) -> Mapping[str, Decimal]:
    """All four costs are ``amount``."""
    return dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), amount)


def tags_text(tags: Mapping[str, str]) -> str | None:
    """JSON as providers send it; none at all when nothing is tagged."""
    return json.dumps(dict(tags), separators=(",", ":"), ensure_ascii=False) if tags else None


def _catalogue(line: Line) -> Facts:
    sku = line.sku
    return {
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "PricingCategory": "Standard",
        "ChargeDescription": f"{sku.meter}, {sku.price.normalize():f} per {sku.unit}",
        "ServiceName": sku.service,
        "ServiceCategory": sku.category,
        "ServiceSubcategory": sku.subcategory,
        "SkuMeter": sku.meter,
        "PricingUnit": sku.unit,
        "ConsumedUnit": sku.consumed_unit or sku.unit,
        "RegionId": line.region[0],
        "RegionName": line.region[1],
        "SubAccountId": line.account.id,
        "SubAccountName": line.account.name,
        "Tags": tags_text(line.tags),
    }


def _quantities(lines: Sequence[Line], timeline: Timeline, seed: int) -> list[list[int]]:
    """By line: quantities in ten-thousandths of a pricing unit, one a day."""
    shapes: dict[Shape, list[float]] = {shape: timeline.shape(shape) for shape in get_args(Shape)}
    growths = {rate: timeline.growth(rate) for rate in {line.growth_per_month for line in lines}}
    by_incident = factors(timeline)
    calm = [1.0] * timeline.length_days
    quantities = []
    for line in lines:
        noise = Random(f"{seed}/{line.key}")  # noqa: S311 - invented numbers that must repeat, no secret
        base = line.monthly_amount / DAYS_IN_A_MONTH / float(line.contracted_unit_price) / float(_QUANTUM)
        levels = [
            growth * weekday * incident
            for growth, weekday, incident in zip(
                growths[line.growth_per_month],
                shapes[line.shape or line.sku.shape],
                by_incident[line.incident] if line.incident else calm,
                strict=True,
            )
        ]
        sigma = line.sku.noise_ratio
        quantities.append([max(1, round(base * level * (1 + noise.gauss(0, sigma)))) for level in levels])
    return quantities
