"""Of what a scope cost after a day and before it: price, mix and charges, from single rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from finops.app.costs import CostReader
from finops.conditions import Condition, parse
from finops.evaluate.drivers.rows import matched_rows
from finops.evaluate.drivers.split import PARTS, split
from finops.model.cost_question import DEFAULT_COST
from finops.model.data_version import DataVersion
from finops.model.period import Period


@dataclass(frozen=True, slots=True)
class _Compared:
    """``finops.evaluate.drivers.rows.Compared`` of a scope."""

    condition: Condition
    currency: str
    before: tuple[date, ...]
    after: tuple[date, ...]
    place: int = 0
    cost: str = DEFAULT_COST

    @property
    def columns(self) -> frozenset[str]:
        return self.condition.required_columns

    def holds(self) -> pl.Expr:
        return self.condition.expression().fill_null(value=False)


def parts_of(
    costs: CostReader, version: DataVersion, scope: str, before: Period, after: Period
) -> Mapping[str, Decimal] | str:
    """``volume``, ``price``, ``mix`` and ``other`` of the change from ``before``, scaled to as many days as ``after``;
    or why they are unknown. Scans the rows of both."""
    config = costs.settings.config
    view = costs.lake.at(version)
    asked = _Compared(parse(scope, costs.columns), config.currency, tuple(before), tuple(after))
    rows = matched_rows(view, [asked], costs.settings.read().rates)
    missing = rows["missing"].drop_nulls()
    if len(missing):
        return f"price and mix are unknown: no exchange rate from {missing[0]}"
    totals = split(rows, ["place"])
    return {part: totals[part][0] if len(totals) else Decimal(0) for part in PARTS}
