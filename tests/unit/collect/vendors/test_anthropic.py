"""Costs of Anthropic, against an interface whose shapes are those of its reference."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import stamina
from pytest_httpserver import HTTPServer

from finops.collect.vendors import AnthropicCosts, AnthropicCostsOptions
from finops.errors import AccessDenied, RefusedBatch, Unreachable
from finops.focus.delivery import deliver
from finops.model.period import Period
from finops.ports.source import Discovery, Window
from tests.support.bills import StoppedClock
from tests.unit.collect.vendors.anthropic_api import (
    KEY,
    MODEL,
    AnthropicApi,
    analytics,
    analytics_usage,
    cost,
    usage,
    user,
)

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
FIRST, LAST, TODAY = date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 2)


LEGACY = (
    "costs come from the legacy cost report, without x_Principal: "
    "the analytics API is not available (HTTP 404 Not Found: unexpected value in anthropic-beta)"
)


@pytest.fixture
def api(httpserver: HTTPServer, tmp_path: Path) -> AnthropicApi:
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")
    return AnthropicApi(httpserver)


@pytest.fixture(autouse=True)
def impatient() -> Any:
    with stamina.set_testing(True, attempts=2):
        yield


def source(api: AnthropicApi, base: Path, **options: Any) -> AnthropicCosts:
    made = AnthropicCostsOptions.model_validate({"api_key": {"file": "key"}, "endpoint": api.endpoint, **options})
    return AnthropicCosts.from_options("anthropic", made, base=base, clock=StoppedClock(NOW))


def rows(discovery: Discovery) -> pl.DataFrame:
    delivery = deliver("anthropic", discovery.offers)
    found = delivery.rows.collect(engine="streaming")
    delivery.verify()
    return found


def test_a_cost_becomes_a_focus_row(api: AnthropicApi, tmp_path: Path) -> None:
    api.costs[LAST] = [cost("123.78912", "cache_creation.ephemeral_1h_input_tokens", inference_geo="not_available")]
    api.usage[LAST] = [
        usage(cache_creation={"ephemeral_1h_input_tokens": 1000}, inference_geo="not_available"),
    ]
    (row,) = rows(source(api, tmp_path).discover({})).iter_rows(named=True)
    expected = {
        "BilledCost": Decimal("1.2378912"),  # cents
        "BillingCurrency": "USD",
        "BillingAccountId": "0b1c-org",
        "BillingAccountName": "Shop",
        "SubAccountId": "wrkspc_search",
        "SubAccountName": "Search",
        "SubAccountType": "Workspace",
        "ServiceProviderName": "Anthropic",
        "ServiceName": "Claude API",
        "ServiceCategory": "AI and Machine Learning",
        "SkuId": f"{MODEL}, cache_creation.ephemeral_1h_input_tokens",
        "SkuPriceId": f"{MODEL}, cache_creation.ephemeral_1h_input_tokens, standard, 0-200k",
        "SkuPriceDetails": '{"x_ContextWindow":"0-200k","x_ServiceTier":"standard"}',
        "SkuMeter": "Cache Write Tokens",
        "ConsumedQuantity": Decimal(1000),
        "ConsumedUnit": "Tokens",
        "ChargePeriodStart": datetime(2026, 4, 30, tzinfo=UTC),
        "x_AiModel": MODEL,
        "x_AiTokenKind": "cache_write",
        "x_AiTokens": Decimal(1000),
    }
    assert {name: row[name] for name in expected} == expected


def test_today_and_both_ends_of_a_month_are_there(api: AnthropicApi, tmp_path: Path) -> None:
    for day in (FIRST, LAST, TODAY):
        api.costs[day] = [cost("100", None, workspace_id=None)]
    discovery = source(api, tmp_path).discover({})
    assert [offer.billing_period for offer in discovery.offers] == [FIRST, date(2026, 5, 1)]
    found = rows(discovery)
    assert found["BilledCost"].to_list() == [Decimal(1)] * 3
    assert found["SubAccountName"].unique().to_list() == ["Default Workspace"]
    assert found["SkuId"].unique().to_list() == ["Web Search Usage"]
    assert found["x_AiModel"].null_count() == 3


def test_tokens_of_every_kind_tier_and_place(api: AnthropicApi, tmp_path: Path) -> None:
    api.costs[FIRST] = [
        cost("1", "uncached_input_tokens"),
        cost("2", "output_tokens"),
        cost("3", "cache_read_input_tokens"),
        cost("4", "cache_creation.ephemeral_5m_input_tokens"),
        cost("5", "uncached_input_tokens", service_tier="batch"),
        cost("6", "uncached_input_tokens", inference_geo="us"),
        cost("7", "output_tokens", workspace_id=None, inference_geo=None),
        cost("8", "output_tokens", context_window="200k-1M"),
        cost("9", "output_tokens", context_window="200k-1M"),  # a second line that is counted with the one before
    ]
    api.usage[FIRST] = [
        usage(uncached_input_tokens=10, output_tokens=20, cache_read_input_tokens=30)
        | {"cache_creation": {"ephemeral_5m_input_tokens": 40, "ephemeral_1h_input_tokens": 0}},
        usage(uncached_input_tokens=50, service_tier="batch"),
        usage(uncached_input_tokens=60, inference_geo="us"),
        usage(output_tokens=30, workspace_id=None, inference_geo="us"),
        usage(output_tokens=40, workspace_id=None),
        usage(output_tokens=80, context_window="200k-1M"),
    ]
    discovery = source(api, tmp_path).discover({})
    found = rows(discovery).sort("BilledCost")
    assert found["x_AiTokens"].to_list() == [10, 20, 30, 40, 50, 60, 70, None, None]
    assert discovery.notes == (LEGACY, "2 token lines have no quantity, and no usage report counts them separately")
    assert found["x_AiTier"].to_list() == ["standard"] * 4 + ["batch"] + ["standard"] * 4
    assert found["x_Principal"].null_count() == found.height
    kinds = ["input", "output", "cache_read", "cache_write", "input", "input", "output", "output", "output"]
    assert found["x_AiTokenKind"].to_list() == kinds


def test_names_are_left_out_where_the_key_may_not_read_them(api: AnthropicApi, tmp_path: Path) -> None:
    api.may_read_names = False
    api.costs[FIRST] = [cost("1", None)]
    discovery = source(api, tmp_path).discover({})
    assert discovery.notes == (
        "workspaces are shown without names: the key has no access to workspaces",
        "the billing account is named anthropic: the key has no access to the organisation",
        LEGACY,
    )
    assert rows(discovery)["SubAccountName"].to_list() == [None]


def test_cents_are_known_of_dollars_only(api: AnthropicApi, tmp_path: Path) -> None:
    api.costs[FIRST] = [cost("1", currency="JPY")]
    with pytest.raises(RefusedBatch, match="an amount in the lowest unit of JPY"):
        source(api, tmp_path).discover({})


def test_totals_are_in_dollars(api: AnthropicApi, tmp_path: Path) -> None:
    api.costs[FIRST] = [cost("150"), cost("50.5")]
    totals = source(api, tmp_path).totals(Period(FIRST, date(2026, 5, 1)))
    assert totals.lines["amount"].sum() == Decimal("2.005")


def test_a_wrong_key_is_named_by_its_place_only(api: AnthropicApi, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("another-very-secret", encoding="utf-8")
    one = source(api, tmp_path)
    with pytest.raises(AccessDenied) as caught:
        one.discover({})
    (check,) = one.check()
    assert "{file: key}" in caught.value.remedy
    assert "very-secret" not in f"{caught.value}{check}"


def test_checks_tell_the_newest_costs(api: AnthropicApi, tmp_path: Path) -> None:
    assert [check.detail for check in source(api, tmp_path).check()] == ["no costs since 2026-04-01"]
    api.costs[TODAY] = [cost("1")]
    assert [check.detail for check in source(api, tmp_path).check()] == ["costs until 2026-05-02"]


@pytest.mark.parametrize(
    ("line", "category"),
    [
        (cost("-5000", None, description="Promotional credit", cost_type="promotional_credit"), "Credit"),
        (cost("-5000", None, description="Claude API usage", cost_type="promotional_credit"), "Credit"),
        (cost("0", None, description="Free credits"), "Credit"),
        (cost("5000", None, description="Credit card verification"), "Usage"),
        (cost("5000", None), "Usage"),
        (cost("-50", "output_tokens"), "Usage"),
    ],
)
def test_promotions_are_credits(api: AnthropicApi, tmp_path: Path, line: dict[str, Any], category: str) -> None:
    api.costs[FIRST] = [line, cost("12", None, description="Session")]
    found = rows(source(api, tmp_path).discover({})).filter(pl.col("ChargeDescription") != "Session")
    (row,) = found.iter_rows(named=True)
    assert row["ChargeCategory"] == category
    assert row["BilledCost"] == row["ContractedCost"] == Decimal(line["amount"]) / 100
    assert (row["ChargeFrequency"] == "One-Time") == (row["PricingCategory"] is None) == (category == "Credit")


ACTORS = {
    "ada@example.com": user("ada"),
    "user_gone": {**user("gone"), "email_address": None, "deleted": True},
    "svac_1": {"type": "service_account_actor", "service_account_id": "svac_1"},
    "apikey_1": {"type": "api_actor", "api_key_id": "apikey_1"},
    "arn:aws:iam::1:role/r": {
        "type": "federated_actor",
        "provider": {"type": "aws"},
        "subject": "arn:aws:iam::1:role/r",
    },
    None: None,
}


def test_analytics_name_who_is_spending(api: AnthropicApi, tmp_path: Path) -> None:
    api.analytics_status = 200
    api.analytics_costs[FIRST] = [
        analytics(str(100 * place), actor=actor) for place, actor in enumerate(ACTORS.values(), 1)
    ]
    api.analytics_usage[FIRST] = [
        analytics_usage(row["group"], output_tokens=place) for place, row in enumerate(api.analytics_costs[FIRST], 1)
    ]
    api.costs[FIRST] = [cost("2100", "output_tokens"), cost("-900", None, description="Promotional credit")]
    one = source(api, tmp_path)
    discovery = one.discover({})
    found = rows(discovery).sort("BilledCost")
    assert found["x_Principal"].to_list() == [None, *ACTORS]
    assert found["x_AiTokens"].to_list() == [None, 1, 2, 3, 4, 5, 6]
    assert found["ChargeCategory"].to_list() == ["Credit", *["Usage"] * 6]
    assert discovery.notes == ()
    totals = one.totals(Period(FIRST, date(2026, 5, 1)))
    assert totals.lines["amount"].sum() == found["BilledCost"].sum() == Decimal(12)


def test_a_row_of_analytics(api: AnthropicApi, tmp_path: Path) -> None:
    api.analytics_status = 200
    token_type = "cache_creation.ephemeral_1h_input_tokens"
    told = analytics("123.78912", token_type, service_tier="priority_on_demand")
    told["cost"]["list_amount"] = "150"
    api.analytics_costs[LAST] = [told, analytics("7", None)]
    created = {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 0}
    api.analytics_usage[LAST] = [analytics_usage(told["group"], cache_creation=created)]
    tokens, session = rows(source(api, tmp_path).discover({})).sort("BilledCost", descending=True).iter_rows(named=True)
    expected = {
        "BilledCost": Decimal("1.2378912"),
        "EffectiveCost": Decimal("1.2378912"),
        "ContractedCost": Decimal("1.2378912"),
        "ListCost": Decimal("1.5"),
        "SubAccountId": "wrkspc_search",
        "SubAccountName": "Search",
        "SkuId": f"{MODEL}, {token_type}",
        "SkuPriceId": f"{MODEL}, {token_type}, priority_on_demand, 0-200k",
        "SkuMeter": "Cache Write Tokens",
        "ConsumedQuantity": Decimal(1000),
        "x_AiModel": MODEL,
        "x_AiTier": "priority",
        "x_AiTokenKind": "cache_write",
        "x_AiTokens": Decimal(1000),
        "x_Principal": "ada@example.com",
    }
    assert {name: tokens[name] for name in expected} == expected
    assert (session["SkuId"], session["x_AiTokenKind"], session["x_AiTokens"]) == ("Managed agent sessions", None, None)


def test_a_check_asks_for_more_than_a_month(api: AnthropicApi, tmp_path: Path) -> None:
    api.analytics_status = 200
    api.analytics_costs = {FIRST: [analytics("100")], TODAY: [analytics("100")]}
    assert [check.detail for check in source(api, tmp_path).check()] == ["costs until 2026-05-02"]


def test_actors_that_are_not_shown_are_one_row(api: AnthropicApi, tmp_path: Path) -> None:
    api.analytics_status = 200
    hidden = analytics("100", actor=None)
    api.analytics_costs[FIRST] = [hidden, analytics("50", actor=None)]
    api.analytics_usage[FIRST] = [
        analytics_usage(hidden["group"], output_tokens=10),
        analytics_usage(hidden["group"], output_tokens=5),
    ]
    (row,) = rows(source(api, tmp_path).discover({})).select("BilledCost", "ListCost", "x_AiTokens").rows()
    assert row == (Decimal("1.5"), Decimal("1.5"), Decimal(15))


@pytest.mark.parametrize("status", [400, 403, 404, 200])
def test_without_analytics_the_legacy_report_counts(api: AnthropicApi, tmp_path: Path, status: int) -> None:
    api.analytics_status = status  # 200: it answers, and has nothing
    api.costs[FIRST] = [cost("100")]
    one = source(api, tmp_path)
    discovery = one.discover({})
    assert rows(discovery)["BilledCost"].to_list() == [Decimal(1)]
    assert any("the analytics API is not available" in note for note in discovery.notes) == (status != 200)
    assert one.totals(Period(FIRST, date(2026, 5, 1))).lines["amount"].sum() == 1


def test_a_failing_analytics_api_fails_the_collection(api: AnthropicApi, tmp_path: Path) -> None:
    api.analytics_status = 500
    api.costs[FIRST] = [cost("100")]
    with pytest.raises(Unreachable):
        source(api, tmp_path).discover({})


def test_a_key_for_analytics_alone(api: AnthropicApi, tmp_path: Path) -> None:
    api.analytics_status, api.has_legacy = 200, False
    api.analytics_costs[FIRST] = [analytics("100")]
    discovery = source(api, tmp_path).discover({}, Window(FIRST, date(2026, 5, 1)))
    assert rows(discovery)["BilledCost"].to_list() == [Decimal(1)]
    assert [note.partition(":")[0] for note in discovery.notes] == [
        "credits are missing because the legacy cost report is not available",
        "1 token lines have no quantity, and no usage report counts them separately",
    ]


def test_months_that_analytics_do_not_keep_come_from_the_legacy_report(api: AnthropicApi, tmp_path: Path) -> None:
    api.analytics_status = 200
    december = date(2025, 12, 1)
    api.costs[december] = [cost("100")]
    api.analytics_costs[FIRST] = [analytics("200")]
    found = rows(source(api, tmp_path, since="2025-12-01").discover({})).sort("ChargePeriodStart")
    assert found["BilledCost"].to_list() == [Decimal(1), Decimal(2)]
