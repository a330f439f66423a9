"""The datacentre's own bill, as finance would write it: FOCUS 1.3 as CSV, contracts by the month, meters by the day.

A contract of a closed month is one Recurring row over the whole month. In the running month it is billed to date: the
row's charge period ends at yesterday's end, and its quantity is the part of the month that is over.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from finops.demo.catalogue import contracts
from finops.demo.line import Contract, Line, Sku
from finops.demo.organisation import ORGANISATION, PRODUCTS, UNALLOCATED, Account
from finops.demo.rows import Facts, charge_days, single_rows, tags_text, usage
from finops.demo.timeline import Timeline
from finops.model.period import month_start

CURRENCY = "EUR"

_ROOM = Account("dc1-room2", "Hall 2", None, "prod")
_PROVIDER = {
    "ProviderName": f"{ORGANISATION} IT",
    "PublisherName": f"{ORGANISATION} IT",
    "ServiceProviderName": f"{ORGANISATION} IT",
    "HostProviderName": f"{ORGANISATION} IT",
    "InvoiceIssuerName": f"{ORGANISATION} IT",
    "BillingAccountId": "0047",
    "BillingAccountName": "Cost centre 0047, infrastructure",
    "BillingAccountType": "Cost centre",
    "SubAccountType": "Room",
    "PricingCurrency": CURRENCY,
}
_REGION = ("dc1", "Own datacentre 1")
_NEW_SERVERS_AGO_DAYS = 150
"""Capacity comes in steps: this long ago a rack of servers was bought."""

_POWER = Sku(
    "Power", "Other", "Other (Other)", "Rack power", "kWh", Decimal("0.2480"), shape="steady", noise_ratio=0.02
)
_UPLINK = Sku(
    "Internet uplink", "Networking", "Network Connectivity", "Traffic above flat rate", "GB", Decimal("0.0090")
)
_TAPE = Sku(
    "Backup", "Storage", "Backup Storage", "Stored backup", "GB-Months", Decimal("0.0125"), "steady", noise_ratio=0.01
)


def build(timeline: Timeline, seed: int) -> pl.DataFrame:
    """Every row of the bill, in the form that ``rows.py`` describes, sorted by charge day."""
    metered = usage(_meters(), timeline, seed, _facts, currency=CURRENCY)
    monthly = single_rows([row for month in timeline.months for row in _contracts(timeline, month)])
    return (
        pl.concat([monthly, metered], how="diagonal")
        .with_columns(
            pl.lit(CURRENCY).alias("BillingCurrency"),
            pl.col("ListUnitPrice").alias("PricingCurrencyListUnitPrice"),
            pl.col("ContractedUnitPrice").alias("PricingCurrencyContractedUnitPrice"),
            pl.col("EffectiveCost").alias("PricingCurrencyEffectiveCost"),
            pl.col("BillingPeriodStart").dt.strftime("DC1-%Y-%m").alias("InvoiceId"),
            *[pl.lit(value).alias(column) for column, value in _PROVIDER.items()],
        )
        .sort("ChargePeriodStart", maintain_order=True)
    )


def _contracts(timeline: Timeline, month: date) -> list[dict[str, object]]:
    start, end = max(month, timeline.start), min(month_start(month, 1), timeline.until)
    whole = (month_start(month, 1) - month).days
    share = (Decimal((end - start).days) / whole).quantize(Decimal("0.0001"))
    bought = timeline.until - timedelta(days=_NEW_SERVERS_AGO_DAYS)
    return [
        {
            **charge_days(start, end),
            **_columns(contract),
            **_amounts(contract, contract.quantity * share),
        }
        for contract in contracts()
        if not contract.new or month >= bought
    ]


def _amounts(contract: Contract, quantity: Decimal) -> dict[str, Decimal]:
    cost = contract.unit_price * quantity
    return {
        "PricingQuantity": quantity,
        "ListUnitPrice": contract.unit_price,
        "ContractedUnitPrice": contract.unit_price,
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
    }


def _columns(contract: Contract) -> dict[str, str | None]:
    place = f"{contract.service}/{contract.team or 'shared'}".lower().replace(" ", "-")
    return {
        "team": contract.team or UNALLOCATED,
        "ChargeCategory": "Purchase",
        "ChargeFrequency": "Recurring",
        "ChargeDescription": f"{contract.item}, {contract.unit_price.normalize():f} per {contract.unit}",
        "PricingCategory": "Standard",
        "PricingUnit": contract.unit,
        "ServiceName": contract.service,
        "ServiceCategory": contract.category,
        "ServiceSubcategory": contract.subcategory,
        "SkuMeter": contract.item,
        "SkuId": f"DC-{contract.service}".upper().replace(" ", "-"),
        "SkuPriceId": f"DC-{contract.service}-{contract.unit_price}".upper().replace(" ", "-"),
        "RegionId": _REGION[0],
        "RegionName": _REGION[1],
        "SubAccountId": _ROOM.id,
        "SubAccountName": _ROOM.name,
        "ResourceId": f"dc1/hall2/{place}",
        "ResourceName": place,
        "ResourceType": contract.service,
        "Tags": tags_text(_tags(contract.team)),
    }


def _meters() -> list[Line]:
    amounts = (
        (_POWER, "platform", 1250.0),
        (_POWER, "search", 175.0),
        (_POWER, "data", 210.0),
        (_POWER, "checkout", 140.0),
        (_POWER, None, 60.0),
        (_UPLINK, "platform", 190.0),
        (_TAPE, "platform", 260.0),
        (_TAPE, "data", 240.0),
    )
    return [
        Line(
            key=f"datacentre/{sku.service}/{team}",
            sku=sku,
            account=_ROOM,
            team=team or UNALLOCATED,
            region=_REGION,
            resource=f"dc1/hall2/{sku.service}/{team or 'shared'}".lower().replace(" ", "-"),
            monthly_amount=amount,
            tags=_tags(team),
            growth_per_month=0.012,
        )
        for sku, team, amount in amounts
    ]


def _facts(line: Line) -> Facts:
    sku = f"DC-{line.sku.service}".upper().replace(" ", "-")
    return {
        "SkuId": sku,
        "SkuPriceId": f"{sku}-1",
        "ResourceId": line.resource,
        "ResourceName": line.resource.removeprefix("dc1/hall2/"),
        "ResourceType": line.sku.service,
    }


def _tags(team: str | None) -> dict[str, str]:
    return {"environment": "prod", "product": PRODUCTS[team], "team": team} if team else {}
