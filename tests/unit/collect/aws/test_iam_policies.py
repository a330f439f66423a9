"""The IAM policies that are shipped allow what the code calls: no call more, no call less."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import botocore.client
import pytest

from finops.collect.aws import CloudWatchDemand, CloudWatchDemandOptions, CostExplorer, CostExplorerOptions
from finops.errors import RefusedBatch
from finops.model.period import Period
from tests.contract.sources.aws_cost_explorer import Booked
from tests.servers.cost_explorer import Charge, FakeCostExplorer
from tests.servers.moto import S3Server

IAM = Path(__file__).parents[4] / "finops" / "assets" / "iam"


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The actions that IAM would be asked for: an operation's name, behind its service's prefix."""
    seen: set[str] = set()
    real: Callable[..., Any] = vars(botocore.client.BaseClient)["_make_api_call"]

    def watched(self: Any, operation: str, request: Any) -> Any:
        prefix = {"monitoring": "cloudwatch"}.get(self.meta.service_model.signing_name)
        seen.add(f"{prefix or self.meta.service_model.signing_name}:{operation}")
        return real(self, operation, request)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", watched)
    return seen


def allowed(name: str) -> set[str]:
    actions: list[str] = []
    for statement in json.loads((IAM / name).read_text())["Statement"]:
        assert statement["Effect"] == "Allow"
        actions += [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
    return set(actions)


def test_cloudwatch(called: set[str], moto_server: S3Server, s3_bucket: str) -> None:
    options = CloudWatchDemandOptions(namespace=s3_bucket, metric="Requests", endpoint=moto_server.endpoint)
    demand = CloudWatchDemand("requests", options, clock=Clock())
    with pytest.raises(RefusedBatch):
        demand.read(None)
    demand.check()
    assert called - {"s3:CreateBucket"} == allowed("cloudwatch.json")


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 4, 28, 6, tzinfo=UTC)


def test_cost_explorer(called: set[str], cost_explorer: FakeCostExplorer) -> None:
    cost_explorer.charges = [Charge(date(2026, 4, 1), "1", values={"SERVICE": "EC2"})]
    cost_explorer.accounts = {"000123456789": "prod"}
    options = CostExplorerOptions(months=1, endpoint=cost_explorer.endpoint)
    source = CostExplorer("aws", options, clock=Clock(), request_costs=Booked())
    source.discover({})
    source.check()
    source.totals(Period(date(2026, 3, 1), date(2026, 4, 1)))
    assert called == allowed("aws-cost-explorer.json")
