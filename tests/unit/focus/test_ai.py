"""Models, kinds and numbers of tokens in the same columns, whoever sells."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from finops.focus.ai.azure_openai import read_meter
from finops.focus.ai.bedrock import model_of_service, read_usage_type
from finops.focus.ai.units import tokens_of
from tests.unit.focus.frames import bill, conformed

AI = ("x_AiModel", "x_AiTokenKind", "x_AiTokens")


def ai_of(*rows: dict[str, Any], schema: dict[str, pl.DataType] | None = None) -> list[tuple[Any, ...]]:
    found, _ = conformed(bill(*rows, schema=schema))
    return found.select(AI).rows()


@pytest.mark.parametrize(
    ("usage_type", "model", "kind"),
    [
        ("USE1-Claude4.6Sonnet-input-tokens", "Claude4.6Sonnet", "input"),
        ("USE1-Claude4.6Sonnet-output-tokens-batch", "Claude4.6Sonnet", "output"),
        ("EUC1-Claude4.6Sonnet-cache-read-input-token-count", "Claude4.6Sonnet", "cache_read"),
        ("USE1-Claude4Sonnet-cache-write-input-token-count-cross-region-global", "Claude4Sonnet", "cache_write"),
        ("USE1-Nova2.0Lite-input-tokens-flex", "Nova2.0Lite", "input"),
        ("USE1-openai.gpt-oss-120b-mantle-input-tokens-standard", "openai.gpt-oss-120b", "input"),
        ("APS3-Llama3-1-70B-output-tokens", "Llama3-1-70B", "output"),
        ("USE1-MP:USE1_InputTokenCount-Units", None, "input"),
        ("USE1-MP:USE1_OutputTokenCount_Global-Units", None, "output"),
        ("USW2-MP:USW2_CacheReadInputTokenCount-Units", None, "cache_read"),
        ("USW2-MP:USW2_cache_write_input_tokens_global_standard-Units", None, "cache_write"),
        ("USW2-MP:USW2_input_tokens_standard-Units", None, "input"),
    ],
)
def test_usage_types_of_bedrock(usage_type: str, model: str | None, kind: str) -> None:
    meter = read_usage_type(usage_type)
    assert meter is not None
    assert (meter.model, meter.kind) == (model, kind)


@pytest.mark.parametrize(
    "usage_type", ["EUC1-BoxUsage:t3.micro", "TokenValidation-Requests", "Tokens", "-input-tokens"]
)
def test_usage_types_of_something_else(usage_type: str) -> None:
    assert read_usage_type(usage_type) is None


@pytest.mark.parametrize(
    ("meter_name", "model", "kind"),
    [
        ("gpt-4o-mini-0718-Inp-glbl Tokens", "gpt-4o-mini-0718", "input"),
        ("gpt-4o-mini-0718-Outp-glbl Tokens", "gpt-4o-mini-0718", "output"),
        ("gpt 4o 0513 Input global Tokens", "gpt-4o-0513", "input"),
        ("gpt 4o 1120 cached Inp glbl Tokens", "gpt-4o-1120", "cache_read"),
        ("gpt 4.5 0227 cached Inp DZone Tokens", "gpt-4.5-0227", "cache_read"),
        ("gpt-4-8K-Batch-Inp-glbl Tokens", "gpt-4-8k", "input"),
        ("R1 Outp glbl Tokens", "r1", "output"),
        ("gpt-35-turbo-4k-Output-regional Tokens", "gpt-35-turbo-4k", "output"),
        ("text-embedding-3-large-glbl Tokens", "text-embedding-3-large", "input"),
        ("gpt 5 cchd Inp glbl 1M Tokens", "gpt-5", "cache_read"),
    ],
)
def test_meters_of_azure_openai(meter_name: str, model: str, kind: str) -> None:
    meter = read_meter(meter_name)
    assert meter is not None
    assert (meter.model, meter.kind) == (model, kind)


@pytest.mark.parametrize("meter_name", ["S1 Speech To Text", "D2s v3", "Input Tokens", "Provisioned Managed Unit", ""])
def test_meters_of_something_else(meter_name: str) -> None:
    assert read_meter(meter_name) is None


@pytest.mark.parametrize(
    ("unit", "tokens"),
    [
        ("Tokens", 1),
        ("token", 1),
        ("1000 Tokens", 1000),
        ("1K tokens", 1000),
        ("1M Tokens", 10**6),
        ("Million Input Tokens", 10**6),
        ("1,000 tokens", 1000),
        ("Units", None),
        ("1K", None),
        ("Token Requests", None),
    ],
)
def test_units(unit: str, tokens: int | None) -> None:
    assert tokens_of(unit) == tokens


def test_a_row_of_bedrock_counts_its_unit() -> None:
    row = {"x_UsageType": "USE1-Nova2.0Lite-input-tokens", "ConsumedQuantity": "12.345", "ConsumedUnit": "1K tokens"}
    assert ai_of(row, {}) == [("Nova2.0Lite", "input", Decimal(12345)), (None, None, None)]


def test_a_row_of_bedrock_through_the_marketplace_is_counted_in_millions() -> None:
    row = {
        "x_UsageType": "USE1-MP:USE1_CacheReadInputTokenCount-Units",
        "ServiceName": "Claude Sonnet 4.5 (Amazon Bedrock Edition)",
        "ConsumedQuantity": "0.25",
        "ConsumedUnit": "Units",
    }
    assert ai_of(row) == [("Claude Sonnet 4.5", "cache_read", Decimal(250_000))]
    assert ai_of({**row, "ConsumedUnit": "1K tokens"}) == [("Claude Sonnet 4.5", "cache_read", Decimal(250))]
    assert model_of_service("Amazon Bedrock") is None


def test_a_row_of_azure_counts_its_block_size() -> None:
    row = {
        "x_SkuMeterName": "gpt-4o-mini-0718-Outp-glbl Tokens",
        "PricingQuantity": "1.5",
        "ConsumedQuantity": "1500",
        "ConsumedUnit": "Units",
        "x_PricingBlockSize": "1000",
    }
    assert ai_of(row) == [("gpt-4o-mini-0718", "output", Decimal(1500))]
    assert ai_of({**row, "x_PricingBlockSize": 1000.0}, schema={"x_PricingBlockSize": pl.Float64()}) == [
        ("gpt-4o-mini-0718", "output", Decimal(1500))
    ]
    assert ai_of({**row, "x_PricingBlockSize": None}) == [("gpt-4o-mini-0718", "output", None)]
    assert ai_of({**row, "x_SkuMeterName": "S1 Token Unit"}) == [(None, None, None)]


def test_a_row_that_says_it_itself_keeps_its_words() -> None:
    row = {"x_AiModel": "quill-large", "x_AiTokenKind": "input", "ConsumedQuantity": "3", "ConsumedUnit": "1000 Tokens"}
    assert ai_of(row, {}) == [("quill-large", "input", Decimal(3000)), (None, None, None)]
    assert ai_of({**row, "x_AiTokens": "7"}) == [("quill-large", "input", Decimal(7))]
    assert ai_of({"x_AiModel": "a", "x_AiTokens": "8"}) == [("a", None, Decimal(8))]


@pytest.mark.parametrize("category", ["Credit", "Tax", "Adjustment"])
def test_a_credit_on_tokens_belongs_to_the_model_and_is_no_token(category: str) -> None:
    row = {"x_UsageType": "USE1-Nova-input-tokens", "ConsumedQuantity": "5", "ConsumedUnit": "1K tokens"}
    assert ai_of({**row, "ChargeCategory": category}) == [("Nova", "input", None)]


def test_every_bill_has_the_columns() -> None:
    found, _ = conformed(bill({}))
    assert {name: found.schema[name] for name in AI} == {
        "x_AiModel": pl.String(),
        "x_AiTokenKind": pl.String(),
        "x_AiTokens": pl.Decimal(38, 15),
    }


def test_what_the_provider_billed_stays_as_it_is() -> None:
    row = {"x_UsageType": "USE1-Nova-input-tokens", "ConsumedQuantity": "5", "ConsumedUnit": "1K tokens"}
    found, _ = conformed(bill(row))
    assert found.select("ConsumedQuantity", "ConsumedUnit", "x_UsageType").rows() == [
        (Decimal(5), "1K tokens", "USE1-Nova-input-tokens")
    ]
