"""The bill of an invented AI vendor: FOCUS 1.4 as CSV.gz, a row for each project, model, kind of token and day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import polars as pl

from finops.demo.incidents import ML_LARGE_MODEL, ML_SMALL_MODEL
from finops.demo.line import Line, Sku, scaled
from finops.demo.organisation import AI_PROJECTS, MONTHLY_EUR, ORGANISATION, PRODUCTS, Account
from finops.demo.rates import USD_PER_EUR
from finops.demo.rows import Facts, usage
from finops.demo.timeline import Timeline

CURRENCY = "USD"
SERVICE = "Quillwort Model API"

_PROVIDER: Mapping[str, str] = {
    "ServiceProviderName": "Quillwort AI",
    "HostProviderName": "Quillwort AI",
    "InvoiceIssuerName": "Quillwort AI",
    "BillingAccountId": "org-7Lm2xQ",
    "BillingAccountName": ORGANISATION,
    "BillingAccountType": "Organisation",
    "SubAccountType": "Project",
    "PricingCurrency": CURRENCY,
}
_LARGE, _SMALL, _EMBED = "quill-large-4", "quill-small-4", "quill-embed-2"

PRICES_PER_MILLION: Mapping[tuple[str, str], Decimal] = MappingProxyType(
    {
        (_LARGE, "input"): Decimal(5),
        (_LARGE, "output"): Decimal(25),
        (_LARGE, "cache read"): Decimal("0.5"),
        (_LARGE, "cache write"): Decimal("6.25"),
        (_SMALL, "input"): Decimal("0.8"),
        (_SMALL, "output"): Decimal(4),
        (_SMALL, "cache read"): Decimal("0.08"),
        (_SMALL, "cache write"): Decimal(1),
        (_EMBED, "input"): Decimal("0.1"),
    }
)
"""USD for a million tokens."""

_TOKEN_SHARES: Mapping[str, float] = {"input": 0.52, "output": 0.11, "cache read": 0.33, "cache write": 0.04}
"""Of all tokens of a chat model. A line's part of the money follows from share × price."""

_USES: Mapping[str, Sequence[tuple[str, float, str]]] = {
    "assistant-prod": ((_LARGE, 8600, ML_LARGE_MODEL), (_SMALL, 1250, ML_SMALL_MODEL), (_EMBED, 90, "")),
    "assistant-dev": ((_LARGE, 360, ML_LARGE_MODEL), (_SMALL, 190, ""), (_EMBED, 10, "")),
    "search-ranking": ((_SMALL, 260, ""), (_EMBED, 140, "")),
    "checkout-support": ((_SMALL, 300, ""),),
    "insights-summaries": ((_SMALL, 150, ""),),
    "default": ((_LARGE, 280, ""), (_SMALL, 170, "")),
}
"""By project: model, rough part of the team's monthly amount, incident."""


def build(timeline: Timeline, seed: int) -> pl.DataFrame:
    """Every row of the bill, in the form that ``rows.py`` describes, sorted by charge day."""
    return (
        usage(_lines(), timeline, seed, _facts, currency=CURRENCY)
        .with_columns(
            pl.col("ListUnitPrice").alias("PricingCurrencyListUnitPrice"),
            pl.col("ContractedUnitPrice").alias("PricingCurrencyContractedUnitPrice"),
            pl.col("EffectiveCost").alias("PricingCurrencyEffectiveCost"),
            pl.col("BillingPeriodStart").dt.strftime("QW-%Y%m").alias("InvoiceId"),
            *[pl.lit(value).alias(column) for column, value in _PROVIDER.items()],
        )
        .sort("ChargePeriodStart", maintain_order=True)
    )


def _lines() -> list[Line]:
    lines = []
    for team, monthly_eur in MONTHLY_EUR["ai"].items():
        used = [
            line
            for project in AI_PROJECTS
            if (project.team or "unallocated") == team
            for model, weight, incident in _USES[project.name]
            for line in _token_kinds(team, project, model, weight, incident)
        ]
        lines.extend(scaled(used, monthly_eur * USD_PER_EUR))
    return lines


def _token_kinds(team: str, project: Account, model: str, weight: float, incident: str) -> list[Line]:
    kinds = [kind for name, kind in PRICES_PER_MILLION if name == model]
    money = {kind: float(PRICES_PER_MILLION[model, kind]) * _TOKEN_SHARES[kind] for kind in kinds}
    return [
        Line(
            key=f"ai/{project.id}/{model}/{kind}",
            sku=_sku(model, kind),
            account=project,
            team=team,
            region=("global", "Global"),
            resource=model,
            monthly_amount=weight * part / sum(money.values()),
            tags=_tags(team, project),
            growth_per_month=0.03,
            incident=incident,
            shape="office" if project.environment == "dev" else None,
        )
        for kind, part in money.items()
    ]


def _sku(model: str, kind: str) -> Sku:
    return Sku(
        service=SERVICE,
        category="AI and Machine Learning",
        subcategory="Generative AI",
        meter=f"{model} {kind} tokens",
        unit="1000 Tokens",
        price=PRICES_PER_MILLION[model, kind] / 1000,
        consumed_unit="Tokens",
        consumed_per_unit=1000,
    )


def _tags(team: str, project: Account) -> dict[str, str]:
    if project.team is None:
        return {}
    return {"environment": project.environment, "product": PRODUCTS[team], "team": team}


def _facts(line: Line) -> Facts:
    model, kind = line.resource, line.sku.meter.removeprefix(f"{line.resource} ").removesuffix(" tokens")
    sku = f"{model}-{kind}".replace(" ", "-")
    return {
        "SkuId": sku,
        "SkuPriceId": f"{sku}-2026",
        "ResourceId": None,
        "x_AiModel": model,
        "x_AiTokenKind": kind.replace(" ", "_"),
    }
