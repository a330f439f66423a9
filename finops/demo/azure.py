"""The Azure bill: FOCUS 1.2 as Azure's cost exports write it (CSV.gz, EUR, subscriptions, reservations, x_ columns)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

import polars as pl

from finops.demo.catalogue import RESERVATION, skus, uses
from finops.demo.commitments import Commitment, covered
from finops.demo.line import Line, Use, scaled
from finops.demo.organisation import AZURE_ACCOUNTS, MONTHLY_EUR, ORGANISATION, PRODUCTS, Account
from finops.demo.rows import AMOUNT, Facts, charge_day, same_cost, single_rows, usage
from finops.demo.timeline import Timeline
from finops.model.period import month_start

CURRENCY = "EUR"
X_COLUMNS = ("x_ResourceGroupName", "x_SkuMeterId", "x_SkuMeterName", "x_SkuMeterSubcategory", "x_PricingBlockSize")

METER_FAULT_SERVICE = "SQL Database"
METER_FAULT_RATIO = Decimal("1.25")
METER_FAULT_FROM_DAY_OF_MONTH = 9

_PROVIDER: Mapping[str, str] = {
    "ProviderName": "Microsoft",
    "PublisherName": "Microsoft",
    "InvoiceIssuerName": "Microsoft",
    "BillingAccountId": "/providers/Microsoft.Billing/billingAccounts/86034127",
    "BillingAccountName": ORGANISATION,
    "BillingAccountType": "Billing Profile",
    "SubAccountType": "Subscription",
    "PricingCurrency": CURRENCY,
}
_DISCOUNT = Decimal("0.08")
_DEV_WEIGHT = 0.12
_RESERVATION_AGO_DAYS = 250
_REGION = ("westeurope", "West Europe")


def build(timeline: Timeline, seed: int) -> pl.DataFrame:
    """Every row of the bill as it is right, in the form that ``rows.py`` describes, sorted by charge day."""
    rows = usage(_lines(), timeline, seed, _facts, currency=CURRENCY)
    rows = covered(rows, reservation(timeline), _holder())
    return (
        pl.concat([rows, _rounding(timeline)], how="diagonal")
        .with_columns(
            pl.lit(CURRENCY).alias("BillingCurrency"),
            pl.col("ListUnitPrice").alias("PricingCurrencyListUnitPrice"),
            pl.col("ContractedUnitPrice").alias("PricingCurrencyContractedUnitPrice"),
            pl.col("EffectiveCost").alias("PricingCurrencyEffectiveCost"),
            _invoice(timeline),
            *[pl.lit(value).alias(column) for column, value in _PROVIDER.items()],
        )
        .sort("ChargePeriodStart", maintain_order=True)
    )


def with_meter_fault(rows: pl.DataFrame) -> pl.DataFrame:
    """One month's rows as the provider first published them: a database meter counted a quarter too much.

    Every amount of the rows concerned is exactly ``METER_FAULT_RATIO`` times the right one.
    """
    concerned = (pl.col("ServiceName") == METER_FAULT_SERVICE) & (
        pl.col("day").dt.day() >= METER_FAULT_FROM_DAY_OF_MONTH
    )
    ratio = pl.lit(METER_FAULT_RATIO).cast(AMOUNT)
    amounts = ("PricingQuantity", "ConsumedQuantity", "BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
    return rows.with_columns(
        pl.when(concerned).then(pl.col(column) * ratio).otherwise(pl.col(column)).alias(column)
        for column in (*amounts, "PricingCurrencyEffectiveCost")
    )


def _lines() -> list[Line]:
    lines = []
    for team, monthly_eur in MONTHLY_EUR["azure"].items():
        used = [
            line
            for account in AZURE_ACCOUNTS
            if (account.team or "unallocated") == team
            for position, use in enumerate(uses("azure")[team])
            for line in _resources(team, account, position, use)
        ]
        lines.extend(scaled(used, monthly_eur))
    return lines


def _resources(team: str, account: Account, position: int, use: Use) -> list[Line]:
    main = account.environment == "prod" or account.team is None
    count = use.resources if main else 1
    parts = [1 / (number + 1) for number in range(count)]
    sku = skus("azure")[use.sku]
    return [
        Line(
            key=f"azure/{account.id}/{position}/{number}",
            sku=sku,
            account=account,
            team=team,
            region=_REGION,
            resource=f"{use.sku}-{account.environment}-{position}{number}",
            monthly_amount=use.weight * (1 if main else _DEV_WEIGHT) * part / sum(parts),
            tags=_tags(team, account, position, number),
            growth_per_month=0.0 if sku.noise_ratio < 0.01 else 0.022,
            discount_ratio=_DISCOUNT,
            incident=use.incident,
            commitment=use.commitment if main else "",
            shape=None if main or sku.shape == "steady" else "office",
        )
        for number, part in enumerate(parts)
    ]


def _tags(team: str, account: Account, position: int, number: int) -> Mapping[str, str]:
    if account.team is None:
        return {"created-by": "portal"} if number % 2 else {}
    if (position + number) % 5 == 4:
        return {}
    spelling = "Team" if team == "platform" else "owner" if team == "data" else "team"
    tags = {spelling: team, "env": account.environment, "product": PRODUCTS[team]}
    if number:
        tags[" cost-centre"] = f"4{len(team)}00"  # the leading blank is what somebody typed
    return dict(sorted(tags.items()))


def _facts(line: Line) -> Facts:
    meter = str(uuid5(NAMESPACE_URL, line.sku.meter))
    group = f"rg-{line.account.name.removeprefix('sub-')}"
    kind = "microsoft." + line.sku.resource_type.lower().replace(" ", "")
    return {
        "SkuId": meter[:18].upper(),
        "SkuPriceId": f"{meter[:18].upper()}_{meter[24:]}",
        "SkuPriceDetails": None,
        "ResourceId": f"/subscriptions/{line.account.id}/resourcegroups/{group}/providers/{kind}/{line.resource}",
        "ResourceName": line.resource,
        "ResourceType": line.sku.resource_type,
        "x_ResourceGroupName": group,
        "x_SkuMeterId": meter,
        "x_SkuMeterName": line.sku.meter,
        "x_SkuMeterSubcategory": line.sku.service,
        "x_PricingBlockSize": str(line.sku.consumed_per_unit),
    }


def reservation(timeline: Timeline) -> Commitment:
    return Commitment(
        id=RESERVATION,
        name="E8ds v5, West Europe, 1 year",
        category="Usage",
        type="Reservation",
        currency=CURRENCY,
        start=timeline.until - timedelta(days=_RESERVATION_AGO_DAYS),
        rate_ratio=Decimal("0.63"),
        headroom_ratio=Decimal("1.01"),
        upfront_days=365,
    )


def _holder() -> dict[str, str | None]:
    account = next(account for account in AZURE_ACCOUNTS if account.name == "sub-platform-prod")
    sku = skus("azure")["reserved"]
    return {
        "team": account.team,
        "SubAccountId": account.id,
        "SubAccountName": account.name,
        "ServiceName": sku.service,
        "ServiceCategory": sku.category,
        "ServiceSubcategory": sku.subcategory,
        "SkuMeter": sku.meter,
        "SkuId": "DZH318Z08NRB",
        "SkuPriceId": "DZH318Z08NRB_P1Y",
        "RegionId": _REGION[0],
        "RegionName": _REGION[1],
    }


def _rounding(timeline: Timeline) -> pl.DataFrame:
    """Azure evens out each invoice with an adjustment of a few cents at the month's end."""
    ends = [month_start(month, 1) - timedelta(days=1) for month in timeline.months]
    account = next(account for account in AZURE_ACCOUNTS if account.name == "sub-platform-prod")
    return single_rows(
        [
            {
                **charge_day(day),
                **same_cost(Decimal(day.month - 6) / 1000),
                "team": account.team,
                "SubAccountId": account.id,
                "SubAccountName": account.name,
                "ServiceName": "Rounding Adjustment",
                "ServiceCategory": "Other",
                "ServiceSubcategory": "Other (Other)",
                "ChargeCategory": "Adjustment",
                "ChargeFrequency": "One-Time",
                "ChargeDescription": "RoundingAdjustment",
            }
            for day in ends
            if timeline.start <= day < timeline.until
        ]
    )


def _invoice(timeline: Timeline) -> pl.Expr:
    """Closed months have an invoice, the running one has none yet."""
    closed = pl.col("BillingPeriodStart").dt.date() < month_start(timeline.until)
    number = pl.col("BillingPeriodStart").dt.strftime("G0%y%m1187")
    return pl.when(closed).then(number).otherwise(None).alias("InvoiceId")
