"""The question: what Cost Management is asked for one month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

from finops.model.period import month_start

CostType = Literal["ActualCost", "AmortizedCost"]

ALWAYS = ("ChargeType", "PricingModel")
"""What a FOCUS row needs besides what the user groups by."""

COST = "Cost"


def daily(
    cost: CostType, month: date, today: date, dimensions: Sequence[str], tag: str | None = None
) -> Mapping[str, Any]:
    """One month by day, up to ``today``: a period that lies in the future is silently moved by Azure.

    Shape: "Query - Usage", learn.microsoft.com/rest/api/cost-management/query/usage. It speaks of two group by clauses;
    Microsoft's own examples use eight ("Get Azure consumption and reservation usage data using API").
    """
    last = min(month_start(month, 1) - timedelta(days=1), max(today, month))
    grouping = [{"type": "Dimension", "name": name} for name in dimensions]
    if tag is not None:
        grouping.append({"type": "TagKey", "name": tag})
    return {
        "type": cost,
        "timeframe": "Custom",
        "timePeriod": {"from": f"{month}T00:00:00+00:00", "to": f"{last}T23:59:59+00:00"},
        "dataset": {
            "granularity": "Daily",
            "aggregation": {"totalCost": {"name": COST, "function": "Sum"}},
            "grouping": grouping,
        },
    }
