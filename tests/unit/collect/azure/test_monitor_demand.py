"""A metric of Azure Monitor as demand, asked over HTTP through Azure's own library.

Shape of answers: "Metrics - List", learn.microsoft.com/rest/api/monitor/metrics/list.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from werkzeug import Request, Response

from finops.app.collection.series import collect_demand
from finops.collect.azure.monitor import AzureMonitorDemand, AzureMonitorDemandOptions
from finops.collect.azure.monitor.ask import PERMISSION, spans
from finops.errors import AccessDenied, InvalidValue, NotFound, RefusedBatch, Throttled
from tests.support.bills import lake
from tests.support.verdicts import MovableClock
from tests.unit.collect.azure.arm import SCOPE, Arm, refused
from tests.unit.collect.azure.documented_row import ASSETS, DOCS

RESOURCE = f"{SCOPE}/resourceGroups/shop/providers/Microsoft.Web/sites/shop"
TODAY = date(2026, 4, 10)


@dataclass
class Samples:
    """``values``: (dimension's value, day) -> total. Answers as Azure Monitor does: every day of the span has a point,
    one without samples has no total."""

    values: dict[tuple[str, date], float] = field(default_factory=dict)
    refusals: list[Response] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    shift: timedelta = timedelta()

    def __call__(self, request: Request) -> Response:
        self.asked.append(dict(request.args))
        if self.refusals:
            return self.refusals.pop(0)
        first, end = (date.fromisoformat(text[:10]) for text in request.args["timespan"].split("/"))
        days = [first + timedelta(days=number) for number in range((end - first).days)]
        names = sorted({name for name, _ in self.values})
        series = [{"metadatavalues": _pairs(name), "data": [self._point(name, day) for day in days]} for name in names]
        metric = {"name": {"value": "Requests"}, "unit": "Count", "timeseries": series, "errorCode": "Success"}
        answer = {"timespan": request.args["timespan"], "interval": "P1D", "value": [metric]}
        return Response(json.dumps(answer), content_type="application/json")

    def _point(self, name: str, day: date) -> dict[str, object]:
        moment = datetime.combine(day, datetime.min.time(), UTC) + self.shift
        value = self.values.get((name, day))
        return {"timeStamp": f"{moment:%Y-%m-%dT%H:%M:%SZ}", **({} if value is None else {"total": value})}


def _pairs(name: str) -> list[dict[str, object]]:
    """Azure writes dimensions' names in lower case."""
    return [{"name": {"value": "apiname", "localizedValue": "apiname"}, "value": name}] if name else []


@pytest.fixture
def samples(arm: Arm) -> Samples:
    arm.metrics = made = Samples()
    return made


def demand(arm: Arm, clock: MovableClock | None = None, **options: Any) -> AzureMonitorDemand:
    given = {"resource": RESOURCE, "metric": "Requests", "sign_in": {"method": "managed-identity"}, **options}
    made = AzureMonitorDemandOptions(**{"endpoint": arm.address, **given})
    clock = clock or MovableClock(datetime(2026, 4, 10, 6, tzinfo=UTC))
    return AzureMonitorDemand("requests", made, base=Path(), clock=clock, wait=lambda _seconds: None)


def test_days_are_utc_days_and_a_missing_day_is_missing(arm: Arm, samples: Samples) -> None:
    samples.values = {("", date(2026, 4, 6)): 10.25, ("", date(2026, 4, 8)): 0, ("", date(2026, 4, 9)): 7}
    delivery = demand(arm, unit="calls").read(None)
    assert delivery is not None
    assert delivery.frame.rows() == [
        (date(2026, 4, 6), Decimal("10.25")),
        (date(2026, 4, 8), Decimal(0)),
        (date(2026, 4, 9), Decimal(7)),
    ]
    assert (delivery.unit, delivery.whole_from) == ("calls", None)


def test_all_days_that_azure_keeps_are_asked_for_and_not_today(arm: Arm, samples: Samples) -> None:
    samples.values = {("", date(2026, 4, 9)): 1}
    demand(arm).read(None)
    assert [asked["timespan"] for asked in samples.asked] == [
        "2026-01-08T00:00:00Z/2026-02-07T00:00:00Z",
        "2026-02-07T00:00:00Z/2026-03-09T00:00:00Z",
        "2026-03-09T00:00:00Z/2026-04-08T00:00:00Z",
        "2026-04-08T00:00:00Z/2026-04-10T00:00:00Z",
    ]
    assert {(asked["interval"], asked["aggregation"], asked["metricnames"]) for asked in samples.asked} == {
        ("P1D", "Total", "Requests")
    }


def test_dimensions_split_a_day(arm: Arm, samples: Samples) -> None:
    samples.values = {("GetBlob", date(2026, 4, 9)): 5, ("PutBlob", date(2026, 4, 9)): 2}
    delivery = demand(arm, dimensions=["ApiName"]).read(None)
    assert delivery is not None
    assert delivery.frame.select("value", "ApiName").rows() == [(Decimal(5), "GetBlob"), (Decimal(2), "PutBlob")]
    assert {(asked["$filter"], asked["top"]) for asked in samples.asked} == {("ApiName eq '*'", "1000")}


def test_late_samples_correct_their_day_and_what_azure_forgot_stays(arm: Arm, samples: Samples, tmp_path: Path) -> None:
    own, clock = lake(tmp_path), MovableClock(datetime(2026, 4, 10, 6, tzinfo=UTC))
    samples.values = {("", date(2026, 1, 9)): 3, ("", date(2026, 4, 9)): 5}
    assert collect_demand(demand(arm, clock), own, clock).rows == 2
    assert collect_demand(demand(arm, clock), own, clock).version is None
    clock.advance(timedelta(days=5))
    samples.values = {("", date(2026, 4, 9)): 6, ("", date(2026, 4, 10)): 8}
    assert collect_demand(demand(arm, clock), own, clock).error == ""
    rows = own.at(own.version()).demand().select("day", "value").sort("day").collect().rows()
    assert rows == [(date(2026, 1, 9), Decimal(3)), (date(2026, 4, 9), Decimal(6)), (date(2026, 4, 10), Decimal(8))]


def test_a_metric_without_any_value_is_an_error_and_no_empty_series(arm: Arm, samples: Samples) -> None:
    with pytest.raises(RefusedBatch, match="no value for any day") as caught:
        demand(arm).read(None)
    assert RESOURCE in caught.value.where
    assert samples.asked


def test_days_that_do_not_start_at_midnight_are_refused(arm: Arm, samples: Samples) -> None:
    samples.values, samples.shift = {("", date(2026, 4, 9)): 1}, timedelta(hours=3)
    with pytest.raises(RefusedBatch, match="a day starts at 2026-04-09 03:00 UTC"):
        demand(arm).read(None)


@pytest.mark.parametrize(
    ("status", "error", "remedy"),
    [(403, AccessDenied, PERMISSION), (404, NotFound, "Check the ID"), (429, Throttled, ""), (400, RefusedBatch, "")],
)
def test_refusals_are_errors_of_ours(
    arm: Arm, samples: Samples, status: int, error: type[Exception], remedy: str
) -> None:
    samples.refusals = [refused(status, "Code", "Azure's own words.") for _ in range(5)]
    with pytest.raises(error) as caught:
        demand(arm).read(None)
    assert remedy in caught.value.remedy  # type: ignore[attr-defined]
    assert len(samples.asked) == (5 if status == 429 else 1)


def test_a_check_names_the_days_or_the_permission(arm: Arm, samples: Samples) -> None:
    samples.values = {("", date(2026, 4, 8)): 1, ("", date(2026, 4, 9)): 1}
    (check,) = demand(arm).check()
    assert (check.passed, check.detail) == (True, "2 days from 2026-04-08 to 2026-04-09")
    samples.refusals = [refused(403, "AuthorizationFailed", "No.")]
    (check,) = demand(arm).check()
    assert not check.passed
    assert PERMISSION in check.detail
    assert "Monitoring Reader" in check.detail


def test_spans_are_whole_and_short() -> None:
    found = spans(TODAY - timedelta(days=92), TODAY)
    assert found[0][0] == TODAY - timedelta(days=92)
    assert found[-1][1] == TODAY
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(found))
    assert max((end - start).days for start, end in found) == 30


@pytest.mark.parametrize(
    "options",
    [
        {"resource": "/subscriptions/s"},
        {"metric": "A,B"},
        {"dimensions": ["day"]},
        {"dimensions": ["A", "A"]},
        {"dimensions": ["A' eq 'b"]},
    ],
)
def test_mistyped_options_are_faults(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        AzureMonitorDemandOptions(**{"resource": RESOURCE, "metric": "Requests", **options})
    assert all(isinstance(fault["ctx"]["error"], InvalidValue) for fault in caught.value.errors())


def test_the_role_covers_what_is_asked(arm: Arm, samples: Samples) -> None:
    samples.values = {("", date(2026, 4, 9)): 1}
    demand(arm).read(None)
    demand(arm).check()
    asked = {(request.method, request.path) for request, _ in arm.server.log} - {("GET", "/identity")}
    assert asked == {("GET", f"{RESOURCE}/providers/Microsoft.Insights/metrics")}
    role = json.loads((ASSETS / "azure-roles" / "azure-monitor.json").read_text())
    assert (role["Actions"], role["DataActions"]) == ([PERMISSION], [])
    for file in (ASSETS / "terraform" / "azure-monitor.tf", DOCS / "azure-monitor.md"):
        assert PERMISSION in file.read_text()
