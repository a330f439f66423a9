"""``x_AiModel``, ``x_AiTokenKind`` and ``x_AiTokens``, whoever sells: see docs/adr/0009."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from finops.focus.ai.azure_openai import read_meter
from finops.focus.ai.bedrock import model_of_service, read_usage_type
from finops.focus.ai.units import tokens_of
from finops.focus.schema import AI_TYPES, AMOUNT

AI_COLUMNS: Mapping[str, pl.DataType] = MappingProxyType(
    {name: AMOUNT if kind == "number" else pl.String() for name, kind in AI_TYPES.items()}
)

_METERS = ("x_UsageType", "SkuMeter", "x_SkuMeterName")
"""Where providers write their meters: AWS in its FOCUS exports, FOCUS since 1.1, Azure in its FOCUS exports."""

_HINTS = (*_METERS, "ConsumedUnit", "PricingUnit")
_TEXTS = (*_HINTS, "ServiceName")
_FACTS = {
    "_model": pl.String(),
    "_kind": pl.String(),
    "_azure": pl.Boolean(),
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


def ai_columns(mended: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """The columns of ``AI_COLUMNS`` for one batch of conformed columns; none where no row speaks of tokens.

    What a row says itself in these columns stays. Looks closely only at rows in which a meter or a unit speaks of
    tokens: any other row costs one search a hint.
    """
    speaks = [mended[name].str.contains("oken", literal=True) for name in _HINTS if _has_text(mended, name)]
    if not speaks:
        return {}
    height = len(speaks[0])
    hints = pl.DataFrame({str(place): mask for place, mask in enumerate(speaks)})
    chosen = hints.select(pl.any_horizontal(pl.all().fill_null(value=False))).to_series().arg_true()
    if chosen.is_empty():
        return {}
    found = _derived(_gathered(mended, chosen))
    nothing = {name: pl.Series(name, [None], dtype).new_from_index(0, height) for name, dtype in AI_COLUMNS.items()}
    return {name: mended.get(name, nothing[name]).scatter(chosen, found[name]) for name in AI_COLUMNS}


def _has_text(mended: Mapping[str, pl.Series], name: str) -> bool:
    column = mended.get(name)
    return column is not None and column.dtype == pl.String and column.null_count() < len(column)


def _gathered(mended: Mapping[str, pl.Series], chosen: pl.Series) -> pl.DataFrame:
    """The chosen rows, every column of ``_READ``; one that the bill lacks is null."""
    nothing = {name: pl.Series(name, [None], dtype).new_from_index(0, len(chosen)) for name, dtype in _READ.items()}
    return pl.DataFrame(
        [
            mended[name].gather(chosen).cast(dtype, strict=False).alias(name) if name in mended else nothing[name]
            for name, dtype in _READ.items()
        ]
    )


def _derived(rows: pl.DataFrame) -> pl.DataFrame:
    told = rows.select(_TEXTS).unique()
    facts = pl.concat([told, _facts(told)], how="horizontal")
    tokens = pl.coalesce(
        # Microsoft: PricingQuantity = used units / x_PricingBlockSize; what a meter of tokens uses is tokens
        pl.when("_azure").then(pl.col("PricingQuantity") * pl.col("x_PricingBlockSize")),
        pl.col("ConsumedQuantity") * pl.col("_consumed"),
        pl.col("PricingQuantity") * pl.col("_priced"),
        pl.col("ConsumedQuantity") * pl.col("_of_one"),
    )
    return rows.join(facts, on=_TEXTS, how="left", nulls_equal=True, maintain_order="left").select(
        pl.coalesce("x_AiModel", "_model"),
        pl.coalesce("x_AiTokenKind", "_kind"),
        # a credit or a tax on tokens is not tokens once more
        pl.coalesce("x_AiTokens", pl.when(pl.col("ChargeCategory") == "Usage").then(tokens)),
    )


def _facts(told: pl.DataFrame) -> pl.DataFrame:
    """What the texts of ``_TEXTS`` mean, a row for each row."""
    facts = [_fact(*texts) for texts in told.iter_rows()]
    return pl.DataFrame(facts, schema=_FACTS, orient="row")


def _fact(
    usage_type: str | None,
    sku_meter: str | None,
    meter_name: str | None,
    consumed: str | None,
    priced: str | None,
    service: str | None,
) -> tuple[str | None, str | None, bool, int | None, int | None, int | None]:
    bedrock = (usage_type and read_usage_type(usage_type)) or (sku_meter and read_usage_type(sku_meter)) or None
    azure = read_meter(meter_name) if meter_name else None
    meter = bedrock or azure
    model = meter.model or (model_of_service(service) if service else None) if meter else None
    return (
        model,
        meter.kind if meter else None,
        azure is not None,
        tokens_of(consumed) if consumed else None,
        tokens_of(priced) if priced else None,
        meter.tokens_of_one if meter else None,
    )
