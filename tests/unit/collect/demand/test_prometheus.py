"""Demand from a real Prometheus, and from servers that misbehave."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import stamina
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from finops.collect.demand import PrometheusDemand, PrometheusDemandOptions
from finops.errors import AccessDenied, FinopsError, RefusedBatch, Throttled, Unreachable
from tests.servers.prometheus import Prometheus, StartWithHistory
from tests.support.bills import StoppedClock

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 6, 0, 5, tzinfo=UTC)
BY_SHOP = "sum by (shop) (increase(orders_total[1d]))"


def history() -> str:
    """Two shops that sell 10 and 2.5 an hour from March 1st; nobody counted on the 3rd, from midnight to midnight."""
    lines = ["# TYPE orders counter"]
    for shop, each in (("east", Decimal(10)), ("west", Decimal("2.5"))):
        for hour in range(5 * 24 + 1):
            at = FIRST + timedelta(hours=hour)
            if date(2026, 3, 3) <= at.date() < date(2026, 3, 4):
                continue
            lines.append(f'orders_total{{shop="{shop}",pod="a"}} {each * hour} {int(at.timestamp())}')
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def server(prometheus_with_history: StartWithHistory) -> Prometheus:
    return prometheus_with_history(history())


def demand(url: str, *, now: datetime = NOW, query: str = "sum(increase(orders_total[1d]))", **options: Any) -> Any:
    made = PrometheusDemandOptions.model_validate({"url": url, "query": query, **options})
    return PrometheusDemand.from_options("orders", made, base=Path(), clock=StoppedClock(now))


@pytest.fixture(autouse=True)
def impatient() -> Any:
    with stamina.set_testing(True, attempts=3):
        yield


def test_a_value_stands_for_the_day_that_it_looks_back_on(server: Prometheus) -> None:
    delivery = demand(server.url, since="2026-03-01").read(None)
    assert delivery.unit == "orders"
    assert delivery.frame.rows() == [
        (date(2026, 3, 1), Decimal(300)),
        (date(2026, 3, 2), Decimal(300)),
        # the 3rd is missing: it is not zero
        (date(2026, 3, 4), Decimal(300)),
        (date(2026, 3, 5), Decimal(300)),
    ]


def test_today_has_not_ended(server: Prometheus) -> None:
    before_midnight = datetime(2026, 3, 5, 23, 59, tzinfo=UTC)
    assert demand(server.url, now=before_midnight, since="2026-03-01").read(None).frame["day"].max() == date(2026, 3, 4)


def test_labels_become_dimensions(server: Prometheus) -> None:
    frame = demand(server.url, query=BY_SHOP, labels=["shop"], days=1).read(None).frame
    assert frame.rows() == [
        (date(2026, 3, 5), Decimal(240), "east"),
        (date(2026, 3, 5), Decimal(60), "west"),
    ]


def test_the_first_day_that_prometheus_still_has_may_be_cut_and_is_left_out(server: Prometheus) -> None:
    delivery = demand(server.url, days=60).read(None)
    assert delivery.frame["day"][0] == date(2026, 3, 2)
    assert delivery.whole_from is None


def test_what_prometheus_forgot_stays_unless_the_query_changed(server: Prometheus) -> None:
    known = demand(server.url, days=3).read(None).digest
    assert demand(server.url, days=60).read(known).whole_from == date(2026, 3, 2)
    assert demand(server.url, days=2).read(known).whole_from == date(2026, 3, 4)
    assert demand(server.url, days=60, query="sum(increase(orders_total[24h]))").read(known).whole_from is None
    assert demand(server.url, days=60, unit="sales").read(known).whole_from is None


def test_the_same_values_are_not_delivered_again(server: Prometheus) -> None:
    known = demand(server.url, days=2).read(None).digest
    assert demand(server.url, days=2).read(known) is None


def test_several_series_without_labels_are_refused(server: Prometheus) -> None:
    series = demand(server.url, query=BY_SHOP)
    with pytest.raises(RefusedBatch) as caught:
        series.read(None)
    assert 'the query gives 2 series instead of one for each day: {shop="east"}; {shop="west"}' in str(caught.value)
    (check,) = series.check()
    assert not check.passed


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sum(nothing_total)", "the query returns no value for any day from 2026-02-04 to 2026-03-05"),
        ("sum(", "HTTP 400 Bad Request: 1:5: parse error: unclosed left parenthesis"),
        ("vector(1) / 0", "day 2026-02-04, column value: '+Inf' is not a valid number"),
    ],
)
def test_a_query_that_gives_no_series_of_days(server: Prometheus, query: str, message: str) -> None:
    with pytest.raises(RefusedBatch) as caught:
        demand(server.url, query=query, days=30).read(None)
    assert message in str(caught.value)


def test_not_a_number_is_a_missing_day(server: Prometheus) -> None:
    odd = "(vector(7) and on() (vector(time()) % 172800 == 0)) or vector(0) / 0"
    frame = demand(server.url, query=odd, days=4).read(None).frame
    assert frame["value"].to_list() == [Decimal(7)] * len(frame)
    assert 0 < len(frame) < 4


def test_checks_tell_the_days(server: Prometheus) -> None:
    (check,) = demand(server.url, since="2026-03-01").check()
    assert (check.passed, check.detail) == (True, "4 days from 2026-03-01 to 2026-03-05")


def test_it_signs_in_by_reference_and_never_tells(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROM_TOKEN", "very-secret")
    httpserver.expect_request("/api/v1/query_range", headers={"Authorization": "Bearer very-secret"}).respond_with_data(
        "no: very-secret", status=422
    )
    series = demand(httpserver.url_for("/").rstrip("/"), bearer_token={"env": "PROM_TOKEN"})
    with pytest.raises(RefusedBatch) as caught:
        series.read(None)
    assert "no: ***" in str(caught.value)
    assert "very-secret" not in f"{caught.value!r}{series.check()}{series._api!r}"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, "key very-secret is unknown", AccessDenied),
        (403, "", AccessDenied),
        (429, "slow down", Throttled),
        (503, "", Unreachable),
        (302, "", RefusedBatch),
        (200, "<html>sign in</html>", RefusedBatch),
        (200, '{"status": "success", "data": {}}', RefusedBatch),
    ],
)
def test_faults_of_the_server(httpserver: HTTPServer, status: int, body: str, error: type[FinopsError]) -> None:
    httpserver.expect_request("/api/v1/query_range").respond_with_data(body, status=status)
    with pytest.raises(error) as caught:
        demand(httpserver.url_for("/").rstrip("/"), username="me", password={"env": "HOME"}).read(None)
    assert caught.value.where.startswith("demand orders")
    assert "very-secret" not in str(caught.value)


def test_a_server_that_recovers_is_asked_again(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/api/v1/query_range").respond_with_data("", status=503)
    httpserver.expect_ordered_request("/api/v1/query_range").respond_with_data("", 429, {"Retry-After": "0"})
    values = [[int(NOW.replace(hour=0, minute=0).timestamp()), "12.5"]]
    httpserver.expect_ordered_request("/api/v1/query_range").respond_with_json(
        {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": values}]}}
    )
    delivery = demand(httpserver.url_for("/").rstrip("/"), days=1).read(None)
    assert delivery.frame.rows() == [(date(2026, 3, 5), Decimal("12.5"))]


def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match="no connection"):
        demand("http://127.0.0.1:9").read(None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "http://me:secret@prometheus"}, "a password must not be written inline"),
        ({"url": "prometheus:9090"}, "this is not the URL of a web server"),
        ({"labels": ["day"]}, "'day' cannot be a dimension"),
        ({"labels": ["shop", "shop"]}, "'shop' cannot be a dimension"),
        ({"username": "me"}, "username and password go together"),
        ({"days": 11_001}, "less than or equal to 11000"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        demand(**{"url": "http://prometheus", **options})
