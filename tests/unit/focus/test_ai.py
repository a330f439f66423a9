"""Models, kinds and numbers of tokens in the same columns, whoever sells."""

from __future__ import annotations

import csv
import os
from dataclasses import asdict, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.focus.ai.columns import tokens_of
from finops.meters import Meter, read_meter
from tests.support.focus_frames import bill, conformed

AI = ("x_AiModel", "x_AiTokenKind", "x_AiTokens")
METERS = Path("tests/golden/focus/ai/meters.csv")


def ai_of(*rows: dict[str, Any], schema: dict[str, pl.DataType] | None = None) -> list[tuple[Any, ...]]:
    found, _ = conformed(bill(*rows, schema=schema))
    return found.select(AI).rows()


def reading(meter: Meter | None) -> dict[str, str]:
    """A meter as texts; what it does not say is blank."""
    found = {} if meter is None else asdict(meter)
    return {field.name: str(found[field.name] or "") if found else "" for field in fields(Meter)}


def test_two_hundred_meters() -> None:
    """``FINOPS_WRITE_GOLDEN=1`` writes the readings anew."""
    with METERS.open(encoding="utf-8", newline="") as file:
        kept = list(csv.DictReader(file))
    made = [
        {
            "seller": row["seller"],
            "meter": row["meter"],
            **reading(read_meter(row["meter"], of_tokens=row["seller"] == "openai")),
        }
        for row in kept
    ]
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        with METERS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(made[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(made)
        return
    assert len(made) >= 200
    assert made == kept


@settings(max_examples=100)
@given(
    model=st.sampled_from(["NovaPro", "Claude4.6Opus", "Llama3-1-70B", "openai.gpt-oss-120b", "Qwen3-VL-235B-A22B"]),
    kind=st.sampled_from(["input", "output", "cache-read", "cache-write", "cache-read-input", "cache-write-1h-input"]),
    counted=st.sampled_from(["tokens", "token-count", "token"]),
    qualifiers=st.permutations(["batch", "cross-region-global", "long-context"]).flatmap(
        lambda some: st.integers(0, 3).map(lambda length: some[:length])
    ),
    endpoint=st.sampled_from(["", "-mantle"]),
)
def test_qualifiers_come_in_any_order(
    model: str, kind: str, counted: str, qualifiers: list[str], endpoint: str
) -> None:
    text = "-".join([f"USE1-{model}{endpoint}-{kind}-{counted}", *qualifiers])
    meter = read_meter(text)
    assert meter is not None
    wanted = "cache_read" if "read" in kind else "cache_write" if "write" in kind else kind
    assert (meter.model, meter.kind, meter.modality) == (model, wanted, "text")
    assert meter.tier == ("batch" if "batch" in qualifiers else None)
    assert meter.scope == ("global" if "cross-region-global" in qualifiers else None)
    assert meter.long_context == ("long-context" in qualifiers)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    read_meter(text)
    read_meter(text, of_tokens=True)


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
        ("1K cached input tokens", 1000),
        ("1M audio tokens", None),
        ("Image Tokens", None),
        ("Tokens per Minute", None),
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
    assert ai_of({**row, "ServiceName": "Amazon Bedrock"}) == [(None, "cache_read", Decimal(250_000))]


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


@pytest.mark.parametrize(
    ("usage_type", "unit", "kind"),
    [
        ("USE1-NovaLite-input-image-token-count", "1K tokens", "image_input"),
        ("USE1-Nova2.0Sonic-output-speech-token-count", "1K tokens", "audio_output"),
        ("USE1-NovaCanvas-Customization-Training", "1K tokens", "training"),
        ("USE1-NovaCanvas-output-image-count", "image", "image_output"),
        ("USE1-Claude4.6Opus-reserved-1-month-input-tokens-per-minute", "1K tokens", "provisioned"),
        ("USE1-NovaPro-ProvisionedThroughput-NoCommit-ModelUnits", "Hours", "provisioned"),
    ],
)
def test_what_is_no_text_is_no_text_token(usage_type: str, unit: str, kind: str) -> None:
    row = {"x_UsageType": usage_type, "ConsumedQuantity": "5", "ConsumedUnit": unit}
    assert ai_of(row) == [(usage_type.split("-")[1], kind, None)]


def test_a_row_of_another_modality_in_its_own_words() -> None:
    row = {"x_AiModel": "quill", "x_AiTokenKind": "audio_input", "ConsumedQuantity": "3", "ConsumedUnit": "Tokens"}
    assert ai_of(row) == [("quill", "audio_input", None)]
    assert ai_of({"SkuMeter": "Image Output Tokens", "ConsumedQuantity": "3", "ConsumedUnit": "Tokens"}) == [
        (None, "image_output", None)
    ]


@pytest.mark.parametrize(
    ("details", "model"),
    [
        (
            '{"ModelDeveloper":"Anthropic","ModelFamily":"Claude","ModelId":"claude-opus-5","ModelVersion":"5"}',
            "claude-opus-5",
        ),
        ('{"ModelFamily":"Claude Opus","ModelVersion":"5"}', "Claude Opus 5"),
        ('{"ModelDeveloper":"Anthropic"}', "Claude4.6Opus"),
        ('{"ModelId":7}', "Claude4.6Opus"),
    ],
)
def test_details_of_the_sku_come_first(details: str, model: str) -> None:
    row = {
        "x_UsageType": "USE1-Claude4.6Opus-output-tokens-batch",
        "ConsumedQuantity": "2",
        "ConsumedUnit": "1K tokens",
        "SkuPriceDetails": details,
    }
    assert ai_of(row) == [(model, "output", Decimal(2000))]


def test_details_of_the_sku_make_a_meter_of_tokens() -> None:
    row = {
        "SkuMeter": "Cached Input",
        "SkuPriceDetails": '{"ModelId":"quill-2"}',
        "ConsumedQuantity": "7",
        "ConsumedUnit": "Requests",
    }
    assert ai_of(row) == [("quill-2", "cache_read", None)]


def test_the_tier_stands_in_its_column() -> None:
    row = {"x_UsageType": "USE1-Nova2.0Lite-input-tokens-flex", "ConsumedQuantity": "1", "ConsumedUnit": "1K tokens"}
    found, _ = conformed(bill(row, {**row, "x_AiTier": "own"}))
    assert found["x_AiTier"].to_list() == ["flex", "own"]


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
    assert {name: found.schema[name] for name in (*AI, "x_AiTier", "x_Principal")} == {
        "x_AiModel": pl.String(),
        "x_AiTier": pl.String(),
        "x_Principal": pl.String(),
        "x_AiTokenKind": pl.String(),
        "x_AiTokens": pl.Decimal(38, 15),
    }


def test_what_the_provider_billed_stays_as_it_is() -> None:
    row = {"x_UsageType": "USE1-Nova-input-tokens", "ConsumedQuantity": "5", "ConsumedUnit": "1K tokens"}
    found, _ = conformed(bill(row))
    assert found.select("ConsumedQuantity", "ConsumedUnit", "x_UsageType").rows() == [
        (Decimal(5), "1K tokens", "USE1-Nova-input-tokens")
    ]
