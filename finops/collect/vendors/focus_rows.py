"""Lines of a vendor's cost report -> rows of FOCUS 1.4."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import polars as pl

from finops.collect.vendors.line import Line
from finops.model.money import SCALE, quantise
from finops.model.period import month_start

_TEXT, _AMOUNT, _MOMENT = pl.String(), pl.Decimal(38, SCALE), pl.Datetime("us", "UTC")
_METERS = {"input": "Input", "output": "Output", "cache_read": "Cached Input", "cache_write": "Cache Write"}
_COSTS = ("BilledCost", "EffectiveCost", "ContractedCost", "ListCost")

SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("BillingAccountId", "BillingAccountName", "BillingAccountType"), _TEXT),
        **dict.fromkeys(("SubAccountId", "SubAccountName", "SubAccountType"), _TEXT),
        **dict.fromkeys(("ServiceProviderName", "HostProviderName", "InvoiceIssuerName"), _TEXT),
        **dict.fromkeys(("ServiceCategory", "ServiceSubcategory", "ServiceName"), _TEXT),
        **dict.fromkeys(
            ("ChargeCategory", "ChargeClass", "ChargeFrequency", "ChargeDescription", "PricingCategory"), _TEXT
        ),
        **dict.fromkeys(("SkuId", "SkuPriceId", "SkuMeter", "SkuPriceDetails"), _TEXT),
        **dict.fromkeys(("ConsumedUnit", "PricingUnit", "BillingCurrency"), _TEXT),
        **dict.fromkeys(("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"), _MOMENT),
        **dict.fromkeys((*_COSTS, "ConsumedQuantity", "PricingQuantity"), _AMOUNT),
        **dict.fromkeys(("x_AiModel", "x_AiTier", "x_AiTokenKind", "x_Principal"), _TEXT),
    }
)


@dataclass(frozen=True, slots=True)
class Seller:
    """What all rows of a vendor share. ``names``: sub-account -> what people call it."""

    vendor: str
    service: str
    account: str
    account_name: str | None = None
    sub_account_type: str = "Project"
    names: Mapping[str, str] = field(default_factory=dict)


def focus_rows(month: date, lines: Sequence[Line], seller: Seller) -> pl.DataFrame:
    """One row a line, columns of ``SCHEMA``, sorted, so that the same lines give the same frame.

    There is nothing to amortise, so all four costs are the billed amount; ListCost is the list amount if the vendor
    states one.
    """
    rows = [_row(month, line, seller) for line in lines]
    keys = ["ChargePeriodStart", "SubAccountId", "SkuPriceId", "ChargeDescription", "x_Principal", "BillingCurrency"]
    return pl.DataFrame(rows, schema=SCHEMA).sort([*keys, "BilledCost"], maintain_order=True)


def _row(month: date, line: Line, seller: Seller) -> dict[str, object]:
    quantity = None if line.quantity is None else quantise(line.quantity)
    unit = line.unit if quantity is not None else None
    return {
        "BillingAccountId": seller.account,
        "BillingAccountName": seller.account_name,
        "BillingAccountType": "Organization",
        "SubAccountId": line.sub_account,
        "SubAccountName": seller.names.get(line.sub_account or ""),
        "SubAccountType": seller.sub_account_type if line.sub_account else None,
        "ServiceProviderName": seller.vendor,
        "HostProviderName": seller.vendor,
        "InvoiceIssuerName": seller.vendor,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "ServiceName": seller.service,
        "ChargeCategory": line.category,
        "ChargeClass": None,
        "ChargeFrequency": "Usage-Based" if line.category == "Usage" else "One-Time",
        "ChargeDescription": line.description,
        "PricingCategory": "Standard" if line.category == "Usage" else None,
        "SkuId": line.sku,
        "SkuPriceId": line.price,
        "SkuMeter": _meter(line),
        "SkuPriceDetails": json.dumps(dict(sorted(line.details.items()))) if line.details else None,
        "ConsumedQuantity": quantity,
        "ConsumedUnit": unit,
        "PricingQuantity": quantity,
        "PricingUnit": unit,
        "BillingCurrency": line.currency,
        "BillingPeriodStart": _midnight(month),
        "BillingPeriodEnd": _midnight(month_start(month, 1)),
        "ChargePeriodStart": _midnight(line.day),
        "ChargePeriodEnd": _midnight(line.day + timedelta(days=1)),
        **dict.fromkeys(_COSTS, quantise(line.amount)),
        **({} if line.list_amount is None else {"ListCost": quantise(line.list_amount)}),
        "x_AiModel": line.model,
        "x_AiTier": line.tier,
        "x_AiTokenKind": line.token_kind,
        "x_Principal": line.principal,
    }


def _meter(line: Line) -> str:
    """``Cached Input Tokens``, ``Audio Output Tokens``; what is no kind of token has its SKU as meter."""
    kind = line.token_kind or ""
    modality, _, rest = kind.partition("_")
    if kind in _METERS:
        return f"{_METERS[kind]} Tokens"
    return f"{modality.capitalize()} {_METERS[rest]} Tokens" if rest in _METERS else line.sku


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
