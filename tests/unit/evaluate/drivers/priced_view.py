"""A lake in memory whose rows have quantities, SKUs, regions and names, and which counts how often it is scanned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from tests.support.lake_view import AMOUNT, FakeView

TEXTS = (
    "RegionId",
    "RegionName",
    "SubAccountName",
    "ResourceName",
    "SkuId",
    "SkuPriceId",
    "SkuMeter",
    "PricingUnit",
    "ConsumedUnit",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
)
QUANTITIES = ("PricingQuantity", "ConsumedQuantity")


class PricedView:
    """See ``finops.ports.lake.LakeView``."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._rows = [{"ChargeCategory": "Usage", **row} for row in rows]
        self._plain = FakeView(self._rows)
        self.scans = 0
        self.version = self._plain.version

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def costs_by_day(self) -> pl.LazyFrame:
        self.scans += 1
        frame = self._plain.costs_by_day().collect()
        texts = [pl.Series(name, [row.get(name) for row in self._rows], pl.String) for name in TEXTS]
        numbers = [
            pl.Series(name, [None if row.get(name) is None else Decimal(str(row[name])) for row in self._rows], AMOUNT)
            for name in QUANTITIES
        ]
        return frame.with_columns(*texts, *numbers).lazy()


def use(sku: str, first: date, days: int, price: object, quantity: object, **more: Any) -> list[dict[str, Any]]:
    """A row a day of ``quantity`` at ``price``."""
    cost = Decimal(str(price)) * Decimal(str(quantity))
    columns = {
        "SkuPriceId": sku,
        "SkuId": sku,
        "PricingUnit": "Hours",
        "PricingQuantity": quantity,
        "ServiceName": "vm",
    }
    return [{"day": first + timedelta(days=n), "cost": cost, **columns, **more} for n in range(days)]
