"""Google Cloud's bills, against a server that speaks BigQuery's REST API."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from finops.collect.gcp import GcpBilling, GcpBillingOptions
from finops.errors import AccessDenied, FinopsError, NotFound, RefusedBatch, Throttled, Unreachable
from finops.focus.delivery import deliver
from finops.model.period import Period
from finops.ports.source import Discovery, Window
from tests.support.bills import StoppedClock
from tests.unit.collect.gcp.bigquery_api import TABLE, BigQueryApi, charge

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def api(httpserver: HTTPServer) -> BigQueryApi:
    return BigQueryApi(httpserver)


def source(api: BigQueryApi, **options: Any) -> GcpBilling:
    made = GcpBillingOptions.model_validate({"table": TABLE, "endpoint": api.endpoint, "timeout_seconds": 1, **options})
    return GcpBilling.from_options("gcp", made, clock=StoppedClock(NOW))


def rows(discovery: Discovery) -> pl.DataFrame:
    delivery = deliver("gcp", discovery.offers)
    found = delivery.rows.collect(engine="streaming")
    delivery.verify()
    return found


def test_a_row_of_bigquery_becomes_a_focus_row(api: BigQueryApi) -> None:
    tag = {"key": "team", "value": "search", "x_type": "label", "x_inherited": False, "x_namespace": ""}
    api.rows = [charge(date(2026, 4, 9), "1.234567891", Tags=[tag], ResourceId="//compute/vm-1")]
    discovery = source(api).discover({})
    assert [(offer.billing_period, offer.manifest) for offer in discovery.offers] == [(APRIL, {"rows": 1})]
    (row,) = rows(discovery).iter_rows(named=True)
    expected = {
        "BilledCost": Decimal("1.234567891"),
        "BillingAccountId": "0A1B2C-3D4E5F-678901",
        "BillingPeriodStart": datetime(2026, 4, 1, 8, tzinfo=UTC),
        "ChargePeriodStart": datetime(2026, 4, 9, 8, tzinfo=UTC),
        "ServiceProviderName": "Google Cloud",
        "ServiceName": "Compute Engine",
        "SubAccountId": "shop-prod",
        "ResourceId": "//compute/vm-1",
        "Tags": '{"team":"search"}',
        "x_ExportTime": datetime(2026, 5, 2, 3, tzinfo=UTC),
        "billing_period": APRIL,
    }
    assert {name: row[name] for name in expected} == expected


def test_every_page_of_a_month(api: BigQueryApi) -> None:
    api.rows = [charge(date(2026, 4, 1 + number), "1") for number in range(20)]
    one = source(api)
    assert rows(one.discover({}))["BilledCost"].sum() == 20
    assert one.usage.requests == 2
    assert one.usage.request_cost_usd == pytest.approx(2 * 6.25 / 1024)


def test_only_months_that_changed_are_offered_anew(api: BigQueryApi) -> None:
    api.rows = [charge(date(2026, 3, 5), "1"), charge(date(2026, 4, 5), "2")]
    first = {offer.billing_period: offer.digest for offer in source(api).discover({}).offers}
    assert {offer.billing_period: offer.digest for offer in source(api).discover({}).offers} == first
    api.rows.append(charge(date(2026, 4, 6), "0", x_ExportTime=datetime(2026, 5, 2, 5, tzinfo=UTC)))
    second = {offer.billing_period: offer.digest for offer in source(api).discover({}).offers}
    assert second[MARCH] == first[MARCH]
    assert second[APRIL] != first[APRIL]


@pytest.mark.parametrize(
    ("options", "window", "months"),
    [
        ({}, Window(), [3, 4]),
        ({"months": 1}, Window(), []),
        ({"months": 2}, Window(), [4]),
        ({}, Window(date(2026, 1, 1)), [1, 3, 4]),
    ],
)
def test_which_months_are_asked_for(
    api: BigQueryApi, options: dict[str, Any], window: Window, months: list[int]
) -> None:
    api.rows = [charge(date(2026, month, 5), "1") for month in (1, 3, 4)]
    offers = source(api, **options).discover({}, window).offers
    assert [offer.billing_period.month for offer in offers] == months


def test_a_month_without_rows_is_emptied(api: BigQueryApi) -> None:
    known: Any = {APRIL: None, date(2025, 1, 1): None}
    (offer,) = source(api).discover(known).offers
    assert (offer.billing_period, offer.parts) == (APRIL, ())


def test_rows_that_change_meanwhile_are_not_mixed(api: BigQueryApi) -> None:
    api.rows = [charge(date(2026, 4, 5), "1")]
    discovery = source(api).discover({})
    api.rows.append(charge(date(2026, 4, 6), "1"))
    (again,) = source(api).discover({}).offers
    with pytest.raises(Unreachable, match="2 rows came where 1 were announced"):
        rows(discovery)
    api.rows.clear()
    with pytest.raises(Unreachable, match="were deleted"):
        again.parts[0].open()


def test_totals_are_summed_by_bigquery(api: BigQueryApi) -> None:
    api.rows = [charge(date(2026, 4, 5), "1.5"), charge(date(2026, 4, 5), "2"), charge(date(2026, 3, 5), "9")]
    totals = source(api).totals(Period(APRIL, MAY))
    assert totals.lines.rows() == [(date(2026, 4, 5), "Compute Engine", "USD", Decimal("3.5"))]
    assert totals.provisional  # April may change through May


def test_a_check_tells_the_newest_usage_and_the_price_of_asking(api: BigQueryApi) -> None:
    api.rows = [charge(date(2026, 4, 5), "1")]
    (check,) = source(api).check()
    assert (check.passed, check.detail) == (
        True,
        "usage until 2026-04-05 08:00 UTC; this query cost about 0.0061 USD",
    )
    (check,) = source(api, table="billing-host.other.table").check()
    assert not check.passed
    assert "Check table, project and location" in check.detail


@pytest.mark.parametrize(
    ("status", "reason", "raised"),
    [
        (400, "invalidQuery", RefusedBatch),
        (401, "authError", AccessDenied),
        (403, "accessDenied", AccessDenied),
        (403, "rateLimitExceeded", Throttled),
        (404, "notFound", NotFound),
        (429, "rateLimitExceeded", Throttled),
        (503, "backendError", Unreachable),
    ],
)
def test_errors_of_bigquery(httpserver: HTTPServer, status: int, reason: str, raised: type[FinopsError]) -> None:
    body = {"error": {"code": status, "message": "no", "errors": [{"reason": reason, "message": "no"}]}}
    httpserver.expect_request("/bigquery/v2/projects/billing-host/jobs").respond_with_json(body, status)
    options = GcpBillingOptions(table=TABLE, endpoint=httpserver.url_for("").rstrip("/"), timeout_seconds=0.1)
    one = GcpBilling.from_options("gcp", options, clock=StoppedClock(NOW))
    with pytest.raises(raised) as caught:
        one.discover({})
    assert caught.value.where == f"source gcp ({TABLE})"
    assert one.usage.throttled == (raised is Throttled)


def test_nobody_answers() -> None:
    options = GcpBillingOptions(table=TABLE, endpoint="http://127.0.0.1:9", timeout_seconds=0.1)
    with pytest.raises(Unreachable):
        GcpBilling.from_options("gcp", options, clock=StoppedClock(NOW)).discover({})


def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/key.json")
    with pytest.raises(AccessDenied, match="no valid credentials for Google Cloud"):
        GcpBilling.from_options("gcp", GcpBillingOptions(table=TABLE), clock=StoppedClock(NOW)).discover({})


@pytest.mark.parametrize("table", ["dataset.table", "project.dataset.table`; DROP", "a.b.c.d", ""])
def test_what_is_not_a_table(table: str) -> None:
    with pytest.raises(ValidationError, match="is not a table of BigQuery"):
        GcpBillingOptions(table=table)
