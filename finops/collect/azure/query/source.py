"""Source kind ``azure-cost-query``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import BaseModel

from finops.collect.azure.identity import EntraCredential
from finops.collect.azure.patience import Wait
from finops.collect.azure.query.ask import CostManagement
from finops.collect.azure.query.join import Key, by_key, joined, usage_day
from finops.collect.azure.query.options import AzureCostQueryOptions
from finops.errors import FinopsError
from finops.model.money import quantise
from finops.model.period import Period, month_start
from finops.ports.clock import Clock
from finops.ports.lake import Known
from finops.ports.provider_totals import TOTALS_SCHEMA, Totals
from finops.ports.source import EVERYTHING, Check, Discovery, Offer, Part, Usage, Window

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


_SETTLES = timedelta(days=5)
"""Usage can change until the 5th of the next month."""

Costs = Mapping[Key, Decimal]


class AzureCostQuery:
    """Costs of one scope by day and group. The open and the previous month; older ones where they are asked for."""

    kind: ClassVar[str] = "azure-cost-query"
    Options: ClassVar[type[BaseModel]] = AzureCostQueryOptions

    def __init__(
        self, name: str, options: AzureCostQueryOptions, *, base: Path, clock: Clock, wait: Wait = time.sleep
    ) -> None:
        self.name = name
        self.usage = Usage()
        self.doing: Callable[[str], None] = lambda _doing: None
        self._clock = clock
        self._tag = options.tag
        self._dimensions = [*options.group_by, *ALWAYS]
        credential = EntraCredential(options.sign_in, base=base, source=name)
        self._door = CostManagement(
            options.scope, credential, clock=clock, usage=self.usage, endpoint=options.endpoint, wait=wait
        )

    @classmethod
    def from_options(cls, name: str, options: AzureCostQueryOptions, *, base: Path, clock: Clock) -> AzureCostQuery:
        return cls(name, options, base=base, clock=clock)

    def discover(self, known: Mapping[date, Known], window: Window = EVERYTHING) -> Discovery:
        """One offer a month, oldest first: two questions each. A month that Azure knows nothing of is no offer.

        Raises what asking raises.
        """
        offers = []
        for month in self._months(window):
            self.doing(f"asking for {month:%Y-%m}")
            actual, amortised = self._costs("ActualCost", month), self._costs("AmortizedCost", month)
            if actual or amortised or month in known:
                offers.append(self._offer(month, actual, amortised))
        return Discovery(tuple(offers))

    def check(self) -> Sequence[Check]:
        """One question: this month by day."""
        month = month_start(self._today())
        subject = f"Cost Management query of {self._door.scope}"
        try:
            rows = self._door.rows(daily("ActualCost", month, self._today(), ()))
            costs = by_key(rows, subject)
        except FinopsError as error:
            return [Check(subject, passed=False, detail=str(error))]
        newest = max((usage_day(dict(key)["usagedate"]) for key in costs), default=None)
        detail = f"the latest day is {newest}" if newest else "no cost this month so far"
        return [Check(subject, passed=True, detail=f"{detail}; {self.usage.requests} requests, which cost nothing")]

    def totals(self, period: Period) -> Totals:
        """ActualCost by day and ServiceName: what Azure itself says that the month's bill comes to."""
        month = period.start
        rows = self._door.rows(daily("ActualCost", month, self._today(), ("ServiceName",)))
        costs = by_key(rows, self._place(month))
        lines = [
            (usage_day(key["usagedate"]), key.get("servicename"), key["currency"], quantise(cost))
            for key, cost in ((dict(key), cost) for key, cost in costs.items())
        ]
        return Totals(
            lines=pl.DataFrame(lines, schema=TOTALS_SCHEMA, orient="row").sort("day", "service", "currency"),
            cost="BilledCost",
            origin="Cost Management query, ActualCost by ServiceName",
            provisional=self._today() < period.end + _SETTLES,
        )

    def _months(self, window: Window) -> list[date]:
        """The open month and the one before it, and from ``window.first`` on; never one that has not begun."""
        newest = month_start(self._today())
        first = min(month_start(newest, -1), month_start(window.first) if window.first else newest)
        months = []
        while first <= newest:
            months.append(first)
            first = month_start(first, 1)
        return [month for month in months if month in window]

    def _costs(self, cost: CostType, month: date) -> Costs:
        return by_key(
            self._door.rows(daily(cost, month, self._today(), self._dimensions, self._tag)), self._place(month)
        )

    def _offer(self, month: date, actual: Costs, amortised: Costs) -> Offer:
        frame = joined(actual, amortised, self._door.scope, month)
        parts = (Part(self._place(month), frame.lazy, billing_period=month),) if frame.height else ()
        manifest = {"scope": self._door.scope, "through": self._today().isoformat()}
        return Offer(month, _digest(actual, amortised), parts, manifest)

    def _place(self, month: date) -> str:
        return f"Cost Management query of {self._door.scope}, {month:%Y-%m}"

    def _today(self) -> date:
        return self._clock.now().date()


def _digest(*costs: Costs) -> str:
    """Changes when a cost does; pages and their order do not matter."""
    plain = [sorted([json.dumps(key), str(cost.normalize())] for key, cost in one.items()) for one in costs]
    return f"sha256:{sha256(json.dumps(plain).encode()).hexdigest()}"
