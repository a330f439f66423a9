"""Small bills with the columns of FOCUS, for tests of what reads them."""

from __future__ import annotations

from typing import Any

import polars as pl

from finops.focus.conform import Conformed, conform
from finops.ports.source import Part

ROW: dict[str, Any] = {
    "BilledCost": "1.5",
    "BillingAccountId": "000123456789",
    "BillingCurrency": "EUR",
    "BillingPeriodStart": "2026-03-01T00:00:00Z",
    "BillingPeriodEnd": "2026-04-01T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargePeriodStart": "2026-03-01T00:00:00Z",
    "ChargePeriodEnd": "2026-03-02T00:00:00Z",
    "ContractedCost": "1.5",
    "EffectiveCost": "1.5",
    "ListCost": "2",
    "ProviderName": "Acme",
    "PublisherName": "Acme Publishing",
    "Tags": None,
}


def bill(*rows: dict[str, Any], schema: dict[str, pl.DataType] | None = None) -> pl.DataFrame:
    """One row for each of ``rows``: ``ROW`` with these values instead."""
    full = [{**ROW, **row} for row in rows]
    names = {name: None for row in full for name in row}
    columns = {name: [row.get(name) for row in full] for name in names}
    return pl.DataFrame(
        {name: pl.Series(name, values, dtype=(schema or {}).get(name)) for name, values in columns.items()}
    )


def part(frame: pl.DataFrame, name: str = "bill.csv") -> Part:
    return Part(name, frame.lazy)


def conformed(frame: pl.DataFrame) -> tuple[pl.DataFrame, Conformed]:
    found = conform(part(frame))
    return found.rows.collect(engine="streaming"), found


def notable(repaired: dict[str, int]) -> dict[str, int]:
    """Repairs without those of the form of times, which many tests do not look at."""
    return {kind: count for kind, count in repaired.items() if "zone" not in kind}
