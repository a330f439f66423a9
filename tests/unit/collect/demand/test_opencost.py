"""What namespaces cost a day, from OpenCost's allocation API: https://opencost.io/docs/integrations/api#allocation-api"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from finops.collect.demand import OpenCostDemand, OpenCostOptions
from finops.errors import RefusedBatch
from tests.support.bills import StoppedClock

NOW = datetime(2026, 3, 3, 0, 5, tzinfo=UTC)


def allocation(name: str, day: int, cost: object, **window: str) -> dict[str, Any]:
    own = {"start": f"2026-03-{day:02}T00:00:00Z", "end": f"2026-03-{day + 1:02}T00:00:00Z", **window}
    return {"name": name, "window": own, "start": own["start"], "end": own["end"], "totalCost": cost}


def answer(*days: dict[str, Any]) -> str:
    return json.dumps({"code": 200, "data": [*days]})


def demand(server: HTTPServer, text: str) -> OpenCostDemand:
    asked = {
        "window": "2026-03-01T00:00:00Z,2026-03-03T00:00:00Z",
        "step": "1d",
        "accumulate": "false",
        "aggregate": "namespace",
    }
    server.expect_request("/allocation", query_string=asked).respond_with_data(text)
    options = OpenCostOptions.model_validate({"url": server.url_for(""), "days": 2})
    return OpenCostDemand.from_options("cluster", options, base=Path(), clock=StoppedClock(NOW))


def test_each_namespace_has_its_cost_of_each_day(httpserver: HTTPServer) -> None:
    text = answer(
        {
            "payments": allocation("payments", 1, 1.25),
            "__idle__": allocation("__idle__", 1, 40),
            "__unmounted__": allocation("__unmounted__", 1, 3),
            "__unallocated__": allocation("__unallocated__", 1, 0.5),
        },
        {"payments": allocation("payments", 2, 2), "search": allocation("search", 2, 3)},
    )
    source = demand(httpserver, text)
    delivery = source.read(None)
    assert delivery is not None
    assert delivery.frame.rows() == [
        (date(2026, 3, 1), Decimal("0.5"), ""),
        (date(2026, 3, 1), Decimal("1.25"), "payments"),
        (date(2026, 3, 2), Decimal(2), "payments"),
        (date(2026, 3, 2), Decimal(3), "search"),
    ]
    assert delivery.whole_from is None
    assert source.read(delivery.digest) is None
    (check,) = source.check()
    assert (check.passed, check.detail) == (True, "3 namespaces, 2 days through 2026-03-02")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (answer(), "OpenCost has no cost for any day from 2026-03-01 to 2026-03-02"),
        ('{"code": 200}', "the response contains no list of allocations"),
        (answer({"a": {"totalCost": 1}}), "an allocation has no window"),
        (answer({"a": allocation("a", 1, 1, end="2026-03-03T00:00:00Z")}), "is not of one UTC day"),
        (answer({"a": allocation("a", 9, 1)}), "the response contains 2026-03-09, which was not asked for"),
        (answer({"a": allocation("a", 1, "much")}), "much"),
    ],
)
def test_another_answer_is_refused(httpserver: HTTPServer, text: str, what: str) -> None:
    source = demand(httpserver, text)
    with pytest.raises(RefusedBatch, match=what):
        source.read(None)
    assert not source.check()[0].passed
