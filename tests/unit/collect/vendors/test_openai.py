"""Costs of OpenAI, against an interface whose shapes are those of its OpenAPI document."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import stamina
from pytest_httpserver import HTTPServer

from finops.collect.vendors import OpenAiCosts, OpenAiCostsOptions
from finops.errors import AccessDenied, FinopsError, RefusedBatch, Throttled, Unreachable
from finops.focus.delivery import deliver
from finops.model.period import Period
from finops.ports.source import Discovery, Window
from tests.support.bills import StoppedClock
from tests.unit.collect.vendors.openai_api import KEY, OpenAiApi, cost

NOW = datetime(2026, 5, 2, 6, tzinfo=UTC)
FIRST, LAST = date(2026, 4, 1), date(2026, 4, 30)
MINI = "gpt-4o-mini-2024-07-18"


@pytest.fixture
def api(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> OpenAiApi:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    return OpenAiApi(httpserver)


@pytest.fixture(autouse=True)
def impatient() -> Any:
    with stamina.set_testing(True, attempts=2):
        yield


def source(api: OpenAiApi, **options: Any) -> OpenAiCosts:
    made = OpenAiCostsOptions.model_validate(
        {"api_key": {"env": "OPENAI_ADMIN_KEY"}, "endpoint": api.endpoint, **options}
    )
    return OpenAiCosts.from_options("openai", made, base=Path(), clock=StoppedClock(NOW))


def rows(discovery: Discovery) -> pl.DataFrame:
    delivery = deliver("openai", discovery.offers)
    found = delivery.rows.collect(engine="streaming")
    delivery.verify()
    return found


def test_a_cost_becomes_a_focus_row(api: OpenAiApi) -> None:
    api.costs[LAST] = [cost("0.1234567890123456", f"{MINI}, cached input", quantity=3_000_000, quantity_unit="tokens")]
    (row,) = rows(source(api).discover({})).iter_rows(named=True)
    assert {name: value for name, value in row.items() if value is not None} == {
        "BilledCost": Decimal("0.123456789012346"),  # half-even at 15 digits
        "EffectiveCost": Decimal("0.123456789012346"),
        "ContractedCost": Decimal("0.123456789012346"),
        "ListCost": Decimal("0.123456789012346"),
        "BillingCurrency": "USD",
        "BillingAccountId": "openai",
        "BillingAccountType": "Organization",
        "SubAccountId": "proj_search",
        "SubAccountName": "Search",
        "SubAccountType": "Project",
        "BillingPeriodStart": datetime(2026, 4, 1, tzinfo=UTC),
        "BillingPeriodEnd": datetime(2026, 5, 1, tzinfo=UTC),
        "ChargePeriodStart": datetime(2026, 4, 30, tzinfo=UTC),
        "ChargePeriodEnd": datetime(2026, 5, 1, tzinfo=UTC),
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargeDescription": f"{MINI}, cached input",
        "PricingCategory": "Standard",
        "ServiceProviderName": "OpenAI",
        "HostProviderName": "OpenAI",
        "InvoiceIssuerName": "OpenAI",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "ServiceName": "OpenAI API",
        "SkuId": f"{MINI}, cached input",
        "SkuPriceId": f"{MINI}, cached input",
        "SkuMeter": "Cached Input Tokens",
        "ConsumedQuantity": Decimal(3_000_000),
        "ConsumedUnit": "Tokens",
        "PricingQuantity": Decimal(3_000_000),
        "PricingUnit": "Tokens",
        "x_AiModel": MINI,
        "x_AiTokenKind": "cache_read",
        "x_AiTokens": Decimal(3_000_000),
        "billing_period": date(2026, 4, 1),
    }


def test_every_page_and_both_ends_of_a_month(api: OpenAiApi) -> None:
    for day in (FIRST, date(2026, 4, 15), LAST):
        api.costs[day] = [cost("1", "web search tool calls"), cost("0.5", "web search tool calls", "proj_chat")]
    discovery = source(api).discover({})
    found = rows(discovery)
    assert [offer.billing_period for offer in discovery.offers] == [FIRST]
    assert found["BilledCost"].sum() == Decimal("4.5")
    assert found["SubAccountName"].unique().sort().to_list() == ["Chat", "Search"]
    assert found["x_AiTokens"].null_count() == found.height
    assert source(api).usage.requests == 0


def test_requests_are_counted(api: OpenAiApi) -> None:
    one = source(api)
    one.discover({})
    assert one.usage.requests == len(api.asked) == 2 + 5 + 1  # projects in two pages, April in five, May in one


def test_quantities_in_other_units(api: OpenAiApi) -> None:
    api.costs[FIRST] = [
        cost("1", f"{MINI}, input", quantity=2.5, quantity_unit="1000_tokens"),
        cost("2", "gpt-image-2 image, output", quantity=7, quantity_unit="images"),
        cost("3", "code interpreter sessions", quantity=7, quantity_unit="sessions"),
    ]
    found = rows(source(api).discover({})).sort("BilledCost")
    assert found["ConsumedQuantity"].to_list() == [Decimal(2500), Decimal(7), Decimal(7)]
    assert found["ConsumedUnit"].to_list() == ["Tokens", "Images", "sessions"]
    assert found["x_AiTokens"].to_list() == [Decimal(2500), None, None]


def counted(model: str = MINI, **more: Any) -> dict[str, Any]:
    """A result of the usage report of completions, split by batch and tier unless ``more`` says otherwise."""
    return {
        "object": "organization.usage.completions.result",
        "model": model,
        "project_id": "proj_search",
        "api_key_id": None,
        "batch": False,
        "service_tier": "default",
        "num_model_requests": 5,
        "input_tokens": 0,
        "output_tokens": 0,
        **more,
    }


def test_tokens_come_from_the_usage_report_where_costs_do_not_state_them(api: OpenAiApi) -> None:
    api.costs[FIRST] = [
        cost("1", f"{MINI}, input"),
        cost("2", f"{MINI}, cached input"),
        cost("3", f"{MINI}, output"),
        cost("4", f"{MINI}, output", "proj_chat"),
        cost("5", "text-embedding-3-small, input"),
        cost("6", f"priority | {MINI}, input"),
        cost("7", f"{MINI}, batch input"),
        cost("8", f"batch | {MINI}, output"),
        cost("9", f"flex | {MINI}, output"),
    ]
    api.usage["completions"] = {
        FIRST: [
            counted(input_tokens=5000, input_cached_tokens=4000, output_tokens=10),
            counted(project_id="proj_chat", input_tokens=1, input_cached_tokens=0, output_tokens=20),
            counted(service_tier="priority", input_tokens=60),
            counted(service_tier=None, batch=True, input_tokens=70, output_tokens=80),
            counted(service_tier="flex", output_tokens=90),
        ]
    }
    embedded = {"model": "text-embedding-3-small", "project_id": "proj_search", "input_tokens": 77}
    api.usage["embeddings"] = {FIRST: [{"object": "organization.usage.embeddings.result", **embedded}]}
    discovery = source(api).discover({})
    found = rows(discovery).sort("BilledCost")
    assert found["x_AiTokens"].to_list() == [1000, 4000, 10, 20, 77, 60, 70, 80, 90]
    assert found["x_AiTier"].to_list() == [None] * 5 + ["priority", "batch", "batch", "flex"]
    assert discovery.notes == ()


@pytest.mark.parametrize(
    "lines",
    [
        (f"{MINI}, input", f"batch | {MINI}, input"),
        (f"priority | {MINI}, input", f"flex | {MINI}, input"),
        (f"{MINI}, input", f"{MINI}, input, long context"),
    ],
)
def test_tokens_that_are_not_split_as_the_lines_are_belong_to_none(api: OpenAiApi, lines: tuple[str, str]) -> None:
    api.costs[FIRST] = [cost("1", line) for line in lines]
    api.usage["completions"] = {FIRST: [counted(batch=None, service_tier=None, input_tokens=4000)]}
    discovery = source(api).discover({})
    assert rows(discovery)["x_AiTokens"].to_list() == [None, None]
    assert discovery.notes == ("2 token lines have no quantity, and no usage report counts them separately",)


def test_tokens_that_are_not_split_by_tier_belong_to_the_only_line(api: OpenAiApi) -> None:
    api.costs[FIRST] = [cost("1", f"batch | {MINI}, input")]
    api.usage["completions"] = {FIRST: [counted(batch=None, service_tier=None, input_tokens=4000)]}
    assert rows(source(api).discover({}))["x_AiTokens"].to_list() == [4000]


def test_sound_and_pictures_are_counted_apart_and_are_no_text_tokens(api: OpenAiApi) -> None:
    kinds = [", input", ", cached input", ", output"]
    kinds += [" audio, input", " audio, cached input", " audio, output", " image, output"]
    api.costs[FIRST] = [cost("1", f"gpt-5-omni{kind}") for kind in kinds]
    api.usage["completions"] = {
        FIRST: [
            counted(
                "gpt-5-omni",
                input_tokens=1000,
                input_cached_tokens=300,
                input_cached_audio_tokens=100,
                input_audio_tokens=200,
                output_tokens=90,
                output_audio_tokens=30,
                output_image_tokens=20,
            )
        ]
    }
    found = rows(source(api).discover({}))
    told = {row["ChargeDescription"]: row for row in found.iter_rows(named=True)}
    assert {name: (row["x_AiTokenKind"], row["ConsumedQuantity"], row["x_AiTokens"]) for name, row in told.items()} == {
        "gpt-5-omni, input": ("input", 500, 500),
        "gpt-5-omni, cached input": ("cache_read", 200, 200),
        "gpt-5-omni, output": ("output", 40, 40),
        "gpt-5-omni audio, input": ("audio_input", 200, None),
        "gpt-5-omni audio, cached input": ("audio_cache_read", 100, None),
        "gpt-5-omni audio, output": ("audio_output", 30, None),
        "gpt-5-omni image, output": ("image_output", 20, None),
    }
    assert told["gpt-5-omni audio, cached input"]["SkuMeter"] == "Audio Cached Input Tokens"


@pytest.mark.parametrize(
    ("option", "principals", "tokens"),
    [
        ("api_key", ["key_a", "key_b"], [10, 20]),
        ("user", ["ada@example.com", "user-gone"], [10, 20]),
        ("none", [None, None], [None, None]),
    ],
)
def test_who_is_spending(api: OpenAiApi, option: str, principals: list[str | None], tokens: list[int | None]) -> None:
    who = ({"api_key_id": "key_a", "user_id": "user-ada"}, {"api_key_id": "key_b", "user_id": "user-gone"})
    api.costs[FIRST] = [cost(str(place), f"{MINI}, input", **one) for place, one in enumerate(who, 1)]
    api.usage["completions"] = {FIRST: [counted(input_tokens=10 * place, **one) for place, one in enumerate(who, 1)]}
    found = rows(source(api, principal=option).discover({})).sort("BilledCost")
    assert found["x_Principal"].to_list() == principals
    assert found["x_AiTokens"].to_list() == tokens


def test_names_are_left_out_where_the_key_may_not_read_them(api: OpenAiApi) -> None:
    api.may_read_projects = False
    api.costs[FIRST] = [cost("1", None), cost("1", "x", None)]
    discovery = source(api, account="org-shop").discover({})
    assert discovery.notes == ("projects are shown without names: the key has no access to projects",)
    found = rows(discovery)
    assert found["SubAccountName"].null_count() == 2
    assert found["BillingAccountId"].unique().to_list() == ["org-shop"]
    assert found["ChargeDescription"].sort().to_list() == ["unnamed", "x"]
    checks = source(api).check()
    assert [(check.passed, check.detail) for check in checks] == [
        (True, "costs until 2026-04-01"),
        (True, "projects are shown without names: the key has no access to projects"),
    ]


@pytest.mark.parametrize(
    ("options", "known", "window", "months"),
    [
        ({}, [], Window(), [4, 5]),
        ({"months": 3}, [4], Window(), [3, 4, 5]),
        ({"since": "2026-01-15"}, [2], Window(), [1, 3, 4, 5]),
        ({}, [1, 2, 3], Window(date(2026, 2, 1), date(2026, 4, 1)), [2, 3]),
        ({}, [], Window(None, date(2026, 5, 1)), [4]),
    ],
)
def test_which_months_are_read(
    api: OpenAiApi, options: dict[str, Any], known: list[int], window: Window, months: list[int]
) -> None:
    source(api, **options).discover({date(2026, month, 1): None for month in known}, window)  # type: ignore[misc]
    starts = {request.args.get("start_time") for request in api.asked if request.path.endswith("/costs")}
    assert sorted(datetime.fromtimestamp(int(start or 0), UTC).month for start in starts) == months


def test_totals_are_asked_apart_from_the_rows(api: OpenAiApi) -> None:
    api.costs[FIRST] = [cost("1", "a"), cost("2", "b")]
    totals = source(api).totals(Period(FIRST, date(2026, 5, 1)))
    assert totals.lines["amount"].sum() == Decimal(3)
    assert totals.lines.select("day", "service", "currency").unique().rows() == [(FIRST, None, "USD")]
    assert (totals.cost, totals.provisional) == ("BilledCost", True)


@pytest.mark.parametrize(
    ("said", "sku", "model", "kind", "details"),
    [
        (f"{MINI}, input", f"{MINI}, input", MINI, "input", None),
        ("ft:gpt-4o:shop, output", "ft:gpt-4o:shop, output", "ft:gpt-4o:shop", "output", None),
        (
            "priority | gpt-5.6-sol, cached input, long context",
            "gpt-5.6-sol, cached input",
            "gpt-5.6-sol",
            "cache_read",
            '{"x_ContextWindow":"long context","x_ServiceTier":"priority"}',
        ),
        ("gpt-5.6-sol, cache writes", "gpt-5.6-sol, cache writes", "gpt-5.6-sol", "cache_write", None),
        (
            "gpt-audio-mini audio, input",
            "gpt-audio-mini, input",
            "gpt-audio-mini",
            "audio_input",
            '{"x_Modality":"audio"}',
        ),
        (f"{MINI}, training", f"{MINI}, training", MINI, "training", None),
        ("web search tool calls", "web search tool calls", None, None, None),
        ("whisper-1, audio", "whisper-1, audio", None, None, None),
    ],
)
def test_line_items(
    api: OpenAiApi, said: str, sku: str, model: str | None, kind: str | None, details: str | None
) -> None:
    api.costs[FIRST] = [cost("1", said)]
    found = rows(source(api).discover({}))
    (row,) = found.select("SkuId", "x_AiModel", "x_AiTokenKind", "SkuPriceDetails", "SkuPriceId").rows()
    assert row == (sku, model, kind, details, said)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"data": [], "has_more": true, "next_page": null}', "'next_page' is missing from the response"),
        ('{"data": {}, "has_more": false}', "'data' is not a valid list"),
        ("[]", "'data' is missing from the response"),
        ('{"data": [{"results": []}], "has_more": false}', "'starting_at' is missing from the response"),
        (
            '{"data": [{"start_time": 0, "results": []}], "has_more": false}',
            "the response contains 1970-01-01, outside",
        ),
        (
            (
                '{"data": [{"start_time": 1775001600, "results": [{"amount": {"value": "x", "currency": "usd"}}]}],'
                ' "has_more": false}'
            ),
            "'value' is 'x', which is not a valid number",
        ),
    ],
)
def test_an_answer_of_another_form_is_refused(
    httpserver: HTTPServer, monkeypatch: Any, body: str, message: str
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    httpserver.expect_request("/v1/organization/projects").respond_with_json({"data": [], "has_more": False})
    httpserver.expect_request("/v1/organization/costs").respond_with_data(body)
    made = OpenAiCostsOptions.model_validate(
        {"api_key": {"env": "OPENAI_ADMIN_KEY"}, "endpoint": httpserver.url_for("/v1")}
    )
    one = OpenAiCosts.from_options("openai", made, base=Path(), clock=StoppedClock(NOW))
    with pytest.raises(RefusedBatch) as caught:
        one.discover({})
    assert message in str(caught.value)
    assert caught.value.where == "source openai (/organization/costs)"


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, AccessDenied), (403, AccessDenied), (429, Throttled), (500, Unreachable), (400, RefusedBatch)],
)
def test_no_fault_shows_the_key(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, error: type[FinopsError]
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    body = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    httpserver.expect_request("/v1/organization/costs").respond_with_json(body, status)
    httpserver.expect_request("/v1/organization/projects").respond_with_json(body, status)
    made = OpenAiCostsOptions.model_validate(
        {"api_key": {"env": "OPENAI_ADMIN_KEY"}, "endpoint": httpserver.url_for("/v1")}
    )
    one = OpenAiCosts.from_options("openai", made, base=Path(), clock=StoppedClock(NOW))
    with pytest.raises(error) as caught:
        one.discover({})
    (check,) = one.check()
    assert not check.passed
    assert "very-secret" not in f"{caught.value}{check}{one._api!r}{made!r}"
    assert one.usage.throttled == (4 if status == 429 else 0)
    if error is AccessDenied:
        assert "admin key" in caught.value.remedy


def test_a_key_that_is_not_set(api: OpenAiApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_ADMIN_KEY")
    with pytest.raises(AccessDenied, match="OPENAI_ADMIN_KEY"):
        source(api).discover({})
    assert api.asked == []
