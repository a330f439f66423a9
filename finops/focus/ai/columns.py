"""``x_AiModel``, ``x_AiTier``, ``x_AiTokenKind`` and ``x_AiTokens`` for every vendor: see docs/adr/0009."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import polars as pl

from finops.focus.schema import AI_TYPES, AMOUNT
from finops.meters import TEXT_KINDS, read_meter

_UNIT = re.compile(
    r"(?:per )?(?P<number>\d[\d,]*)?\s*(?P<scale>k|m|thousand|million)?\s*"
    r"(?:(?:text|input|output|cached|reasoning) )*tokens?",
    re.IGNORECASE,
)
_SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}


@lru_cache(maxsize=1024)
def tokens_of(unit: str) -> int | None:
    """None for what is no unit of text tokens.

    >>> [tokens_of(unit) for unit in ("Tokens", "1000 Tokens", "1K tokens", "Hours", "1M audio tokens")]
    [1, 1000, 1000, None, None]
    """
    found = _UNIT.fullmatch(unit.strip())
    if found is None:
        return None
    number = int(found["number"].replace(",", "")) if found["number"] else 1
    return number * _SCALES.get((found["scale"] or "").lower(), 1)


AI_COLUMNS: Mapping[str, pl.DataType] = MappingProxyType(
    {name: AMOUNT if kind == "number" else pl.String() for name, kind in AI_TYPES.items()}
)

_METERS = ("x_UsageType", "SkuMeter", "x_SkuMeterName")
"""Columns with meters: of AWS FOCUS exports, of FOCUS since 1.1, of Azure FOCUS exports."""

_HINTS = (*_METERS, "ConsumedUnit", "PricingUnit")
_SPEAK_OF_AI = (
    *("oken", "OKEN", "tkn", "TPM", "ModelUnits", "Customization-Training", "Trng", "Provisioned Managed"),
    *("put-image", "put-video", "put-audio", "put-speech"),
)
_DETAILS = "SkuPriceDetails"
_MODEL_KEYS = '"Model'
"""FOCUS 1.5 puts ModelDeveloper, ModelFamily, ModelId and ModelVersion into SkuPriceDetails."""

_TEXTS = (*_HINTS, "ServiceName", _DETAILS)
_FACTS = {
    **dict.fromkeys(("_model", "_tier", "_kind"), pl.String()),
    "_metered": pl.Boolean(),
    **dict.fromkeys(("_consumed", "_priced", "_of_one"), pl.Int64()),
}
_READ = {
    **dict.fromkeys(_TEXTS, pl.String()),
    "ChargeCategory": pl.String(),
    "ConsumedQuantity": AMOUNT,
    "PricingQuantity": AMOUNT,
    "x_PricingBlockSize": pl.Int64(),
    **AI_COLUMNS,
}
_EDITION = re.compile(r"\s*\(Amazon Bedrock Edition\)\s*$")


def ai_columns(repaired: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """The columns of ``AI_COLUMNS`` for one batch of conformed columns; empty if no row is about AI.

    A row's own values take precedence, then ``SkuPriceDetails``, then the meter. Only rows whose meter, unit or SKU
    details mention AI are parsed: any other row costs one search per hint.
    """
    speaks = [repaired[name].str.contains_any(list(_SPEAK_OF_AI)) for name in _HINTS if _has_text(repaired, name)]
    if _has_text(repaired, _DETAILS):
        speaks.append(repaired[_DETAILS].str.contains(_MODEL_KEYS, literal=True))
    if not speaks:
        return {}
    height = len(speaks[0])
    hints = pl.DataFrame({str(place): mask for place, mask in enumerate(speaks)})
    chosen = hints.select(pl.any_horizontal(pl.all().fill_null(value=False))).to_series().arg_true()
    if chosen.is_empty():
        return {}
    found = _derived(_gathered(repaired, chosen))
    nothing = {name: pl.Series(name, [None], dtype).new_from_index(0, height) for name, dtype in AI_COLUMNS.items()}
    return {name: repaired.get(name, nothing[name]).scatter(chosen, found[name]) for name in AI_COLUMNS}


def _has_text(repaired: Mapping[str, pl.Series], name: str) -> bool:
    column = repaired.get(name)
    return column is not None and column.dtype == pl.String and column.null_count() < len(column)


def _gathered(repaired: Mapping[str, pl.Series], chosen: pl.Series) -> pl.DataFrame:
    """The chosen rows, every column of ``_READ``; one that the bill lacks is null."""
    nothing = {name: pl.Series(name, [None], dtype).new_from_index(0, len(chosen)) for name, dtype in _READ.items()}
    rows = pl.DataFrame(
        [
            repaired[name].gather(chosen).cast(dtype, strict=False).alias(name) if name in repaired else nothing[name]
            for name, dtype in _READ.items()
        ]
    )
    # details without a model are as numerous as SKUs and irrelevant here
    return rows.with_columns(pl.when(pl.col(_DETAILS).str.contains(_MODEL_KEYS, literal=True)).then(_DETAILS))


def _derived(rows: pl.DataFrame) -> pl.DataFrame:
    told = rows.select(_TEXTS).unique()
    facts = pl.concat([told, _facts(told)], how="horizontal")
    tokens = pl.coalesce(
        # only Microsoft has blocks: PricingQuantity = used units / x_PricingBlockSize, and a token meter's units are
        # tokens
        pl.when("_metered").then(pl.col("PricingQuantity") * pl.col("x_PricingBlockSize")),
        pl.col("ConsumedQuantity") * pl.col("_consumed"),
        pl.col("PricingQuantity") * pl.col("_priced"),
        pl.col("ConsumedQuantity") * pl.col("_of_one"),
    )
    kind = pl.coalesce("x_AiTokenKind", "_kind")
    # credits and taxes do not count their tokens again; audio and images are not text
    counts = (pl.col("ChargeCategory") == "Usage") & (kind.is_null() | kind.is_in(TEXT_KINDS))
    return rows.join(facts, on=_TEXTS, how="left", nulls_equal=True, maintain_order="left").select(
        pl.coalesce("x_AiModel", "_model"),
        pl.coalesce("x_AiTier", "_tier"),
        kind,
        pl.coalesce("x_AiTokens", pl.when(counts).then(tokens)),
    )


def _facts(told: pl.DataFrame) -> pl.DataFrame:
    """The interpretation of ``_TEXTS``, row by row."""
    facts = [_fact(*texts) for texts in told.iter_rows()]
    return pl.DataFrame(facts, schema=_FACTS, orient="row")


def _fact(
    usage_type: str | None,
    sku_meter: str | None,
    meter_name: str | None,
    consumed: str | None,
    priced: str | None,
    service: str | None,
    details: str | None,
) -> tuple[str | None, str | None, str | None, bool, int | None, int | None, int | None]:
    consumed_tokens = tokens_of(consumed) if consumed else None
    priced_tokens = tokens_of(priced) if priced else None
    stated = _stated_model(details) if details else None
    of_tokens = stated is not None or consumed_tokens is not None or priced_tokens is not None
    texts = (text for text in (usage_type, sku_meter, meter_name) if text)
    meter = next(filter(None, (read_meter(text, of_tokens=of_tokens) for text in texts)), None)
    if meter is None:
        return stated, None, None, False, consumed_tokens, priced_tokens, None
    model = stated or meter.model or _model_of_service(service)
    return model, meter.tier, meter.kind, True, consumed_tokens, priced_tokens, meter.tokens_of_one


def _stated_model(details: str) -> str | None:
    """ModelId, else ModelFamily with ModelVersion; None if the JSON names no model."""
    try:
        said = json.loads(details)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    parts = [said["ModelId"]] if said.get("ModelId") else [said.get("ModelFamily"), said.get("ModelVersion")]
    return " ".join(part for part in parts if isinstance(part, str) and part.strip()) or None


def _model_of_service(name: str | None) -> str | None:
    """The model in the name of a Marketplace service, ``Claude Sonnet 4.5 (Amazon Bedrock Edition)``."""
    return _EDITION.sub("", name) if name and _EDITION.search(name) else None
