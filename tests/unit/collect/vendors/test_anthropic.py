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
from finops.errors import AccessDenied, RefusedBatch
from finops.focus import deliver
from finops.model.period import Period
from finops.ports.source import Discovery
from tests.unit.collect.vendors.anthropic_api import KEY, MODEL, AnthropicApi, cost, usage
from tests.unit.lake.bills import StoppedClock

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
FIRST, LAST, TODAY = date(2026, 4, 1), date(2026, 4, 30), date(2026, 5, 2)


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
    assert discovery.notes == ("2 lines of tokens say no quantity, and no usage report counts them alone",)
    kinds = ["input", "output", "cache_read", "cache_write", "input", "input", "output", "output", "output"]
    assert found["x_AiTokenKind"].to_list() == kinds


def test_names_are_left_out_where_the_key_may_not_read_them(api: AnthropicApi, tmp_path: Path) -> None:
    api.may_read_names = False
    api.costs[FIRST] = [cost("1", None)]
    discovery = source(api, tmp_path).discover({})
    assert discovery.notes == (
        "workspaces stay without names: the key may not read workspaces",
        "the billing account is called anthropic: the key may not read the organisation",
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
