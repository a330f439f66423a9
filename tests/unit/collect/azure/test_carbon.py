"""Azure's carbon reports, asked over HTTP through Azure's own library.

The fake's shapes: "Carbon Service - Query Carbon Emission Reports" and "Carbon Service - Query Carbon Emission Data
Available Date Range" of learn.microsoft.com/rest/api/carbon.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from werkzeug import Request, Response

from finops.collect.azure.carbon import AzureCarbon, AzureCarbonOptions
from finops.collect.azure.carbon.ask import PERMISSION
from finops.errors import AccessDenied, RefusedBatch, Throttled, Unreachable
from tests.support.verdicts import MovableClock
from tests.unit.collect.azure.arm import SUBSCRIPTION, Arm, refused
from tests.unit.collect.azure.documented_row import ASSETS

OTHER = "00000000-0000-0000-0000-00000000b002"
SEPTEMBER, OCTOBER = "2026-09-01", "2026-10-01"


def resource(name: str, kilograms: str, **other: Any) -> dict[str, Any]:
    return {
        "dataType": "ResourceItemDetailsData",
        "categoryType": "Resource",
        "itemName": name,
        "subscriptionId": SUBSCRIPTION,
        "resourceGroup": "shop",
        "resourceId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop/providers/x/{name}",
        "resourceType": "microsoft.compute/virtualmachines",
        "location": "west europe",
        "latestMonthEmissions": f"#{kilograms}",
        "previousMonthEmissions": 0.5,
        **other,
    }


@dataclass
class Reports:
    """``items`` by month; ``denied`` subscriptions; ``page``: items of an answer; ``refusals``: sent first."""

    items: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    denied: list[str] = field(default_factory=list)
    page: int = 100
    refusals: list[Response] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)

    def range(self, _request: Request) -> Response:
        months = sorted(self.items)
        return Response(
            json.dumps({"startDate": months[0], "endDate": months[-1]} if months else {}),
            content_type="application/json",
        )

    def report(self, request: Request) -> Response:
        question = json.loads(request.data)
        self.questions.append(question)
        if self.refusals:
            return self.refusals.pop(0)
        assert question["dateRange"]["start"] == question["dateRange"]["end"], "a report of items is of one month"
        items = self.items[question["dateRange"]["start"]]
        start = int(question.get("skipToken", 0))
        following = start + self.page
        decisions = [
            {"subscriptionId": one, "decision": "Denied" if one in self.denied else "Allowed", "denialReason": None}
            for one in question["subscriptionList"]
        ]
        answer = {
            "value": items[start:following],
            "skipToken": str(following) if following < len(items) else "",
            "subscriptionAccessDecisionList": decisions,
        }
        # numbers with every digit that they were given
        return Response(re.sub(r'"#([^"]+)"', r"\1", json.dumps(answer)), content_type="application/json")


@pytest.fixture
def reports(arm: Arm) -> Reports:
    found = Reports()
    door = "/providers/Microsoft.Carbon/"
    arm.server.expect_request(f"{door}carbonEmissionReports", method="POST").respond_with_handler(found.report)
    arm.server.expect_request(f"{door}queryCarbonEmissionDataAvailableDateRange", method="POST").respond_with_handler(
        found.range
    )
    return found


@pytest.fixture
def waits() -> list[float]:
    return []


def source(arm: Arm, waits: list[float], **options: Any) -> AzureCarbon:
    clock = MovableClock(datetime(2026, 11, 24, tzinfo=UTC))

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(timedelta(seconds=seconds))

    given = {
        "subscriptions": [SUBSCRIPTION],
        "endpoint": arm.address,
        "sign_in": {"method": "managed-identity"},
        **options,
    }
    return AzureCarbon("azure", AzureCarbonOptions.model_validate(given), base=Path(), clock=clock, wait=wait)


def rows(found: AzureCarbon) -> list[dict[str, Any]]:
    delivery = found.read(None)
    assert delivery is not None
    return delivery.frame.rows(named=True)


def test_resources_are_added_up_by_subscription_type_and_place(arm: Arm, reports: Reports, waits: list[float]) -> None:
    reports.items = {
        SEPTEMBER: [
            resource("a", "1.123456789012345678"),
            resource("b", "2"),
            resource("c", "4", location="north europe"),
        ],
        OCTOBER: [resource("a", "8", resourceType=None)],
    }
    found = sorted(rows(source(arm, waits)), key=lambda row: (row["start"], row["RegionId"]))
    assert [(row["start"], row["end"], row["ServiceName"], row["RegionId"], row["grams"]) for row in found] == [
        (date(2026, 9, 1), date(2026, 10, 1), "microsoft.compute/virtualmachines", "northeurope", Decimal(4000)),
        (
            date(2026, 9, 1),
            date(2026, 10, 1),
            "microsoft.compute/virtualmachines",
            "westeurope",
            Decimal("3123.456789012345678"),
        ),
        (date(2026, 10, 1), date(2026, 11, 1), None, "westeurope", Decimal(8000)),
    ]
    assert {row["SubAccountId"] for row in found} == {f"/subscriptions/{SUBSCRIPTION}"}
    assert {row["ServiceProviderName"] for row in found} == {"Microsoft"}


def test_every_page_is_read(arm: Arm, reports: Reports, waits: list[float]) -> None:
    reports.page = 2
    reports.items = {OCTOBER: [resource(str(number), "1") for number in range(5)]}
    assert [row["grams"] for row in rows(source(arm, waits))] == [Decimal(5000)]
    assert len(reports.questions) == 3


def test_the_same_answers_are_not_delivered_again(arm: Arm, reports: Reports, waits: list[float]) -> None:
    reports.items = {OCTOBER: [resource("a", "1"), resource("b", "2")]}
    first = source(arm, waits).read(None)
    assert first is not None
    reports.items[OCTOBER].reverse()
    assert source(arm, waits).read(first.digest) is None
    reports.items[OCTOBER].append(resource("c", "1"))
    assert source(arm, waits).read(first.digest) is not None


def test_a_subscription_that_azure_leaves_out_is_no_zero(arm: Arm, reports: Reports, waits: list[float]) -> None:
    reports.items, reports.denied = {OCTOBER: [resource("a", "1")]}, [OTHER]
    both = source(arm, waits, subscriptions=[SUBSCRIPTION, OTHER.upper()])
    with pytest.raises(AccessDenied) as caught:
        both.read(None)
    assert OTHER in caught.value.what
    assert PERMISSION in caught.value.remedy
    (check,) = both.check()
    assert not check.passed


def test_throttling_is_waited_for_as_azure_wishes(arm: Arm, reports: Reports, waits: list[float]) -> None:
    reports.items = {OCTOBER: [resource("a", "1")]}
    reports.refusals = [refused(429, "TooManyRequests", "wait", {"Retry-After": "7"})]
    assert len(rows(source(arm, waits))) == 1
    assert waits == [7.0]


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, AccessDenied), (401, AccessDenied), (429, Throttled), (503, Unreachable), (400, RefusedBatch)],
)
def test_refusals_are_errors_of_ours(
    arm: Arm, reports: Reports, waits: list[float], status: int, error: type[Exception]
) -> None:
    reports.items = {OCTOBER: []}
    reports.refusals = [refused(status, "Code", "said") for _ in range(5)]
    with pytest.raises(error) as caught:
        source(arm, waits).read(None)
    if status == 403:
        assert "Carbon Optimization Reader" in str(caught.value)


def test_an_answer_without_a_number_is_refused_with_its_place(arm: Arm, reports: Reports, waits: list[float]) -> None:
    reports.items = {OCTOBER: [resource("a", "1", latestMonthEmissions="many")]}
    with pytest.raises(RefusedBatch, match="'many' is not a valid number") as caught:
        source(arm, waits).read(None)
    assert "2026-10" in caught.value.where


def test_checks_tell_the_newest_month(arm: Arm, reports: Reports, waits: list[float]) -> None:
    reports.items = {SEPTEMBER: [], OCTOBER: [resource("a", "1")]}
    (check,) = source(arm, waits).check()
    assert check.passed
    assert check.detail.startswith("the latest month is 2026-10, 1 resource")


def test_a_subscription_is_an_id() -> None:
    with pytest.raises(ValidationError, match="'production' is not a subscription ID"):
        AzureCarbonOptions.model_validate({"subscriptions": ["production"]})


def test_the_role_covers_what_is_asked() -> None:
    role: Mapping[str, Any] = json.loads((ASSETS / "azure-roles" / "azure-carbon.json").read_text())
    assert PERMISSION in role["Actions"]
