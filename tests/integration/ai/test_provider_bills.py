"""Rows of tokens through the providers' own formats, as far as their columns of AI."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from finops.collect.aws.cur import CurConversion
from finops.focus.conform import conform
from finops.ports.source import Part
from tests.unit.collect.aws.cur_rows import as_csv, as_parquet, row

BEDROCK = {
    "line_item_product_code": "AmazonBedrock",
    "line_item_usage_type": "USE1-Claude4.6Sonnet-cache-read-input-token-count-cross-region-global",
    "line_item_usage_amount": 12.345,
    "pricing_unit": "1K tokens",
    "product": {"product_name": "Amazon Bedrock"},
}
MARKETPLACE = {
    "line_item_usage_type": "USE1-MP:USE1_OutputTokenCount_Global-Units",
    "line_item_usage_amount": 0.5,
    "pricing_unit": "Units",
    "product": {"product_name": "Claude Sonnet 4.5 (Amazon Bedrock Edition)"},
}


@pytest.mark.parametrize("form", [as_parquet, as_csv], ids=["parquet", "csv"])
def test_a_cost_and_usage_report(form: Callable[[list[dict[str, Any]]], pl.DataFrame]) -> None:
    frame = form([row(**BEDROCK), row(**MARKETPLACE), row()])
    conversion = CurConversion("report", frame.schema)
    conformed = conform(Part("report", lambda: conversion.rows(frame.lazy())))
    found = conformed.rows.collect(engine="streaming")
    conformed.verify()
    assert found.select("x_AiModel", "x_AiTokenKind", "x_AiTokens").rows() == [
        ("Claude4.6Sonnet", "cache_read", Decimal(12345)),
        ("Claude Sonnet 4.5", "output", Decimal(500_000)),
        (None, None, None),
    ]
