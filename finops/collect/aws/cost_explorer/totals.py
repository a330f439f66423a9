"""What AWS itself says that a month cost, by day and service."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from finops.collect.aws.cost_explorer.groupings import Grouping
from finops.collect.aws.cost_explorer.pages import Pages, Question
from finops.collect.aws.cost_explorer.rows import Accounts, month_of
from finops.model.period import Period
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals

_SERVICE = Grouping("DIMENSION", "SERVICE")


def totals_of(pages: Pages, period: Period, metric: str, *, end: date) -> Totals:
    """``metric``: the one that is BilledCost. ``end``: days from here on are not asked for."""
    asked = Question(Period(period.start, end), (_SERVICE,), (metric,))
    month = month_of(pages.read(asked), period, (_SERVICE,), (metric, metric), Accounts(None, {}), pages.source)
    lines = month.rows.select(
        day=pl.col("ChargePeriodStart").dt.date(),
        service=pl.col("ServiceName"),
        currency=pl.col("BillingCurrency"),
        amount=pl.col("BilledCost"),
    )
    return Totals(
        lines=lines.filter(pl.col("amount") != Decimal(0)).cast(TOTALS_SCHEMA),
        cost="BilledCost",
        origin=f"Cost Explorer, {metric} by SERVICE",
        provisional=month.estimated_from is not None,
    )
