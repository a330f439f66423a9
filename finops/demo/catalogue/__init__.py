"""What the demo's teams use, as CSV files. An empty cell is the field's default.

Prices are list prices, near the real ones: of Frankfurt and Ireland in USD (AWS), of West Europe in EUR (Azure).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TypeVar

from pydantic import TypeAdapter

from finops.demo.line import Contract, Sku, Use

T = TypeVar("T", Contract, Sku, Use)

SAVINGS_PLAN = "arn:aws:savingsplans::910273645518:savingsplan/3d0f71a6-82c4-4be9-a5d3-6017fc2e94b8"
RESERVATION = (
    "/providers/Microsoft.Capacity/reservationOrders/5d1c7a42-90e3-4f6b-8b27-1ae06d94c3f5"
    "/reservations/c8f20b6d-47a1-4e95-b3d8-62f7e01a95cb"
)


@cache
def skus(cloud: str) -> Mapping[str, Sku]:
    """What ``cloud`` sells, by a short name."""
    return dict(_read(f"{cloud}-skus", "key", Sku))


@cache
def uses(cloud: str) -> Mapping[str, Sequence[Use]]:
    """What each team uses of it."""
    by_team: dict[str, list[Use]] = {}
    for team, use in _read(f"{cloud}-uses", "team", Use):
        by_team.setdefault(team, []).append(use)
    return by_team


def contracts() -> Sequence[Contract]:
    return [contract for _, contract in _read("datacentre-contracts", "", Contract)]


def _read(name: str, key: str, kind: type[T]) -> Iterator[tuple[str, T]]:
    adapter = TypeAdapter(kind)
    with (files(__name__) / f"{name}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield row.pop(key, ""), adapter.validate_python({field: cell for field, cell in row.items() if cell})
