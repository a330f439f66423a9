"""A real cluster, one master and two workers: what it finds is what this process finds, to the last byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from finops.app.clock import FixedClock
from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.cli.render.verdicts import as_json
from finops.evaluate.aggregation.frames import frames_of
from finops.model.finding import State
from tests.integration.lake.test_scale_page import program
from tests.servers.spark import SparkCluster

pytestmark = pytest.mark.timeout(1200)  # six processes start; half a minute alone, minutes beside other work
NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
CONFIG = """\
apiVersion: finops/v1
policies: ./policies.yaml
lake: ./lake
state: sqlite:///state.db
currency: EUR
timezone: Europe/Berlin
sources: {bills: {kind: focus-files, path: ./bills}}
dimensions:
  team: [{tags: [team]}, {when: "SubAccountId = '7'", value: platform}, {else: unallocated}]
"""
POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: by-team, owner: o}
spec:
  group_by: [team]
  period: month
  amount: 10 EUR
  alerts: [{when: spent > 100%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: one-resource, owner: o}
spec:
  scope: ResourceId LIKE 'vm-1%' AND tags['stage'] = 'prod'
  group_by: [SkuId]
  period: month
  amount: 1000 EUR
  alerts: [{when: spent > 100%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: large-rows, owner: o}
spec:
  scope: EffectiveCost > 1.5
  period: month
  amount: 1 EUR
  alerts: [{when: spent > 100%, severity: warning}]
---
apiVersion: finops/v1
kind: Anomaly
metadata: {name: odd, owner: o}
spec:
  group_by: [ServiceName]
  alerts: [{when: score > 3, severity: info}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: nobody, owner: o}
spec:
  scope: ResourceId = 'there is none'
  period: month
  amount: 1 EUR
  alerts: [{when: spent > 100%, severity: warning}]
"""


def bills() -> pl.DataFrame:
    """Eleven weeks in two months, with sums that no double holds, odd tags, and a fee for a whole month."""
    lines = []
    for day in range(77):
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
        lines += [
            line(start, start + timedelta(days=1), f"{number}.000000000000{day:03}", number) for number in range(6)
        ]
    march = datetime(2026, 3, 1, tzinfo=UTC)
    lines.append(line(march, datetime(2026, 4, 1, tzinfo=UTC), "100.000000000000001", 9))
    return pl.DataFrame(lines)


def line(start: datetime, end: datetime, cost: str, number: int) -> dict[str, str | None]:
    month = date(start.year, start.month, 1)
    after = (month + timedelta(days=32)).replace(day=1)
    tags = {"stage": "prod" if number % 2 else "test"} | (
        {"team": 'Zoë "Z"' if number == 1 else "data"} if number < 4 else {}
    )
    return {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "BillingCurrency": "USD" if number == 0 else "EUR",
        "BillingPeriodStart": f"{month}T00:00:00Z",
        "BillingPeriodEnd": f"{after}T00:00:00Z",
        "ChargePeriodStart": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "ChargePeriodEnd": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "ChargeCategory": "Usage",
        "ServiceName": f"service {number % 3}",
        "SubAccountId": str(number),
        "ResourceId": None if number == 5 else f"vm-{number}",
        "SkuId": f"sku {number % 2}",
        "Tags": json.dumps(tags),
    }


@pytest.fixture(scope="module")
def projects(
    tmp_path_factory: pytest.TempPathFactory, spark_cluster: SparkCluster
) -> Iterator[tuple[Container, Container]]:
    """The same bills collected by this process, and on the cluster."""
    here, there = (project(tmp_path_factory.mktemp(name)) for name in ("here", "there"))
    engine = {"kind": "spark", "master": spark_cluster.master, "options": spark_cluster.options}
    with (there / "finops.yaml").open("a", encoding="utf-8") as file:
        file.write(f"engine: {json.dumps(engine)}\n")
    opened = [open_container(folder / "finops.yaml", FixedClock(NOW)) for folder in (here, there)]
    try:
        for container in opened:
            assert collect_all(container.collectors).exit_status == 0
        yield opened[0], opened[1]
    finally:
        for container in opened:
            container.close()


def project(folder: Path) -> Path:
    (folder / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    (folder / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    (folder / "bills").mkdir()
    rows = bills()
    rows[:200].write_csv(folder / "bills" / "a.csv")
    rows[200:].write_parquet(folder / "bills" / "b.parquet")
    return folder


def test_findings_are_equal_byte_for_byte(projects: tuple[Container, Container]) -> None:
    here, there = (container.evaluator.evaluate(NOW).evaluation for container in projects)
    assert there == here
    assert as_json(there.findings) == as_json(here.findings)
    assert {"by-team", "large-rows"} <= {one.policy for one in here.findings if one.state is State.FIRING}
    assert {finding.policy for finding in here.findings if finding.drivers}, "drivers are compared too"


def test_the_large_tables_are_read_by_the_cluster_alone(projects: tuple[Container, Container]) -> None:
    there = projects[1]
    frames = frames_of(there.lake.at(there.lake.version()))
    daily = frames.costs_daily()
    assert not daily.implementation.is_polars()
    assert frames.fetch(daily)["rows"].sum() == bills().height


def test_each_file_was_read_by_a_task_of_its_own(projects: tuple[Container, Container]) -> None:
    here, there = (
        {path.stem.rpartition("-")[0] for path in (container.config.base / "lake" / "costs").rglob("*.parquet")}
        for container in projects
    )
    assert (len(here), len(there)) == (1, 2)


def test_a_rollup_of_other_dimensions_and_days_is_made_by_the_cluster(projects: tuple[Container, Container]) -> None:
    lakes = [
        container.lake_with(container.config.dimensions[:0], ZoneInfo("America/New_York")) for container in projects
    ]
    said = [lake.heal() for lake in lakes]
    assert said[0] == said[1]
    assert "as dimensions have changed" in said[0][0]
    here, there = (lake.at(lake.version()) for lake in lakes)
    for table in ("costs", "scopes", "costs_daily"):
        mine, yours = (getattr(view, table)().collect() for view in (here, there))
        assert yours.select(mine.columns).sort(pl.all()).equals(mine.sort(pl.all())), table
    assert [lake.reconcile() for lake in lakes] == [[], []]


def test_plain_spark_reads_the_lake_as_the_page_says(projects: tuple[Container, Container]) -> None:
    there = projects[1]
    frames = frames_of(there.lake.at(there.lake.version()))
    frames.fetch(frames.costs_daily())  # the session of the engine is the one that the program gets
    found = program("Spark", there.config.base / "lake")["by_service"]
    assert sum(row[2] for row in found) == there.lake.at(there.lake.version()).costs().collect()["EffectiveCost"].sum()
