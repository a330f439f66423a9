"""The view in memory that tests of verdicts use, held to what the real lake says of the same rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.model.finding import Finding
from finops.ports.lake import COSTS, LakeView, NewSeries
from tests.support import bills, lake_view

LINES: Sequence[dict[str, Any]] = [
    {"day": date(2026, 3, 1), "cost": "100.10", "team": "checkout", "ServiceName": "db", "ResourceId": "r-1"},
    {"day": date(2026, 3, 1), "cost": "0.000000000000001", "team": "checkout", "ServiceName": "db"},
    {"day": date(2026, 3, 2), "cost": "-3", "team": "checkout", "ServiceName": "db", "currency": "USD"},
    {"day": date(2026, 3, 17), "cost": "41.5", "team": "search", "ServiceName": "compute", "ResourceId": "r-2"},
    {"day": date(2026, 3, 17), "cost": "8", "team": None, "ServiceName": "compute"},
    {"day": date(2026, 3, 18), "cost": "7", "team": "search", "ServiceName": None},
    {"day": date(2026, 3, 18), "cost": "9", "team": "search", "ServiceName": "compute", "source": "azure"},
    {"day": date(2026, 3, 18), "cost": "6", "team": None, "ServiceName": "db", "source": "azure", "ListCost": None},
    {"day": date(2026, 3, 18), "cost": "0", "team": "search", "ServiceName": "db", "source": "azure", "ListCost": None},
]
DEMAND = [("orders", date(2026, 3, day), Decimal(day), {"region": "eu"}) for day in (1, 2, 17)]


def fake(_folder: Path) -> LakeView:
    rows = [{**line, "tags": {"team": line["team"]} if line["team"] else {"other": "x"}} for line in LINES]
    return lake_view.FakeView(rows, DEMAND)


def real(folder: Path) -> LakeView:
    lake = bills.lake(folder, dimensions=bills.FromTag(("team", "environment", "product")))
    for source in ("aws", "azure"):
        own = [line for line in LINES if line.get("source", "aws") == source]
        lake.replace(bills.delivery(bills.rows(*(billed(line) for line in own)), source=source), bills.run())
    demand = pl.DataFrame(
        {
            "day": [day for _, day, _, _ in DEMAND],
            "value": pl.Series([value for _, _, value, _ in DEMAND], dtype=bills.MONEY),
            "region": [dimensions["region"] for *_, dimensions in DEMAND],
        }
    )
    lake.replace_demand([NewSeries("orders", demand, "digest", "units")], bills.run())
    return lake.at(lake.version())


def billed(line: dict[str, Any]) -> dict[str, object]:
    """The row as a bill has it: the team is a tag there."""
    cost = Decimal(line["cost"])
    tags = {"team": line["team"]} if line["team"] else {"other": "x"}
    return bills.line(
        "1",
        day=line["day"].day,
        currency=line.get("currency", "EUR"),
        **{**dict.fromkeys(COSTS, cost), **{name: line[name] for name in COSTS if name in line}},
        Tags=json.dumps(tags),
        ServiceName=line["ServiceName"],
        ResourceId=line.get("ResourceId"),
        ServiceProviderName="AWS",
        ChargeCategory=None,
    )


@pytest.fixture(params=[fake, real], ids=["in memory", "lake"])
def view(request: pytest.FixtureRequest, tmp_path: Path) -> LakeView:
    made: LakeView = request.param(tmp_path)
    return made


def test_the_star_adds_up_by_scope_and_day(view: LakeView) -> None:
    star = view.costs_daily().join(view.scopes(), on="scope_id", suffix="_scope")
    cells = star.group_by("source", "team", "ServiceName", "day", "currency").agg(
        pl.col(COSTS).sum(), pl.col("rows").sum()
    )
    found = cells.sort("source", "team", "ServiceName", "day", "currency", nulls_last=True).collect()
    assert found.select("source", "team", "ServiceName", "day", "currency", "rows").rows() == [
        ("aws", "checkout", "db", date(2026, 3, 1), "EUR", 2),
        ("aws", "checkout", "db", date(2026, 3, 2), "USD", 1),
        ("aws", "search", "compute", date(2026, 3, 17), "EUR", 1),
        ("aws", "search", None, date(2026, 3, 18), "EUR", 1),
        ("aws", None, "compute", date(2026, 3, 17), "EUR", 1),
        ("azure", "search", "compute", date(2026, 3, 18), "EUR", 1),
        ("azure", "search", "db", date(2026, 3, 18), "EUR", 1),
        ("azure", None, "db", date(2026, 3, 18), "EUR", 1),
    ]
    assert found["EffectiveCost"].to_list()[0] == Decimal("100.100000000000001")


def test_rows_that_cost_something_and_lack_a_cost_are_counted(view: LakeView) -> None:
    assert view.unknown_costs() == {("azure", date(2026, 3, 1)): {"ListCost": 1}}


def test_single_rows_have_their_day_and_dimensions(view: LakeView) -> None:
    rows = view.costs_by_day().select("source", "day", "team", "ResourceId", "BillingCurrency", "BilledCost").collect()
    assert rows.height == len(LINES)
    assert rows.filter(pl.col("ResourceId") == "r-2").rows() == [
        ("aws", date(2026, 3, 17), "search", "r-2", "EUR", Decimal("41.5"))
    ]


def test_demand_has_its_days_and_dimensions(view: LakeView) -> None:
    rows = view.demand().sort("day").select("name", "day", "value", "unit", "dimensions").collect().rows()
    read = [(name, day, value, unit, json.loads(dimensions)) for name, day, value, unit, dimensions in rows]
    assert read == [(name, day, value, "units", dimensions) for name, day, value, dimensions in DEMAND]


POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: by-team, owner: o}
spec:
  group_by: [team]
  period: month
  amount: 100 EUR
  alerts: [{when: spent > 90%, severity: warning}, {when: pace > 110%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: by-resource, owner: o}
spec:
  scope: ResourceId = 'r-1' OR tags['other'] = 'x'
  period: month
  amount: 100 EUR
  alerts: [{when: spent > 90%, severity: warning}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: list-prices, owner: o}
spec:
  cost: ListCost
  group_by: [source, team]
  period: month
  amount: 100 EUR
  alerts: [{when: spent > 90%, severity: warning}]
---
apiVersion: finops/v1
kind: Freshness
metadata: {name: fresh, owner: o}
spec:
  alerts: [{when: age > 30h, severity: warning}]
"""


def verdicts(view: LakeView) -> list[dict[str, Any]]:
    as_of = datetime(2026, 3, 20, 6, tzinfo=UTC)
    through = datetime(2026, 3, 20, tzinfo=UTC)
    freshness = [lake_view.standing(name, through=through, delivered=as_of) for name in ("aws", "azure")]
    found = lake_view.run(lake_view.policies(POLICIES), view, as_of=as_of, freshness=freshness).findings
    return [said(finding) for finding in found]


def said(finding: Finding) -> dict[str, Any]:
    return {key: value for key, value in finding.to_json().items() if key not in {"id", "data_version"}}


def test_both_lead_to_the_same_verdicts(tmp_path: Path) -> None:
    ours = verdicts(fake(tmp_path))
    assert verdicts(real(tmp_path)) == ours
    assert {finding["state"] for finding in ours} == {"ok", "firing", "unknown"}
