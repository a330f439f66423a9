"""The AWS bill: FOCUS 1.0 as AWS Data Exports writes it (Parquet, doubles, zoneless times, tags as maps)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from finops.demo.aws_extras import REGIONS, correction, credits_of, holder, refund, tax
from finops.demo.catalogue import SAVINGS_PLAN, skus, uses
from finops.demo.commitments import Commitment, covered
from finops.demo.line import Line, Use, scaled
from finops.demo.organisation import AWS_ACCOUNTS, AWS_PAYER, MONTHLY_EUR, ORGANISATION, PRODUCTS, Account
from finops.demo.rates import USD_PER_EUR
from finops.demo.rows import Facts, usage
from finops.demo.timeline import Timeline

CURRENCY = "USD"
X_COLUMNS = ("x_CostCategories", "x_Discounts", "x_Operation", "x_ServiceCode", "x_UsageType")

_PROVIDER: Mapping[str, str] = {
    "ProviderName": "AWS",
    "PublisherName": "Amazon Web Services, Inc.",
    "InvoiceIssuerName": "Amazon Web Services, Inc.",
    "BillingAccountId": AWS_PAYER.id,
    "BillingAccountName": ORGANISATION,
}
_DISCOUNT = Decimal("0.06")
_ENVIRONMENT_WEIGHTS = {"prod": 1.0, "staging": 0.10, "dev": 0.07}
_TEAM_KEYS = {"checkout": "team", "search": "owner", "platform": "team", "data": "Team", "ml": "team"}
"""Each team spells its tag its own way: that is what dimensions are for."""


def build(timeline: Timeline, seed: int) -> pl.DataFrame:
    """Every row of the bill, in the form that ``rows.py`` describes, sorted by charge day."""
    rows = usage(_lines(), timeline, seed, _facts, currency=CURRENCY)
    rows = covered(rows, savings_plan(timeline), holder())
    extra = [tax(rows), credits_of(timeline), refund(timeline), correction(timeline)]
    return (
        pl.concat([rows, *extra], how="diagonal")
        .with_columns(pl.lit(CURRENCY).alias("BillingCurrency"), *[pl.lit(v).alias(k) for k, v in _PROVIDER.items()])
        .sort("ChargePeriodStart", maintain_order=True)
    )


def _lines() -> list[Line]:
    lines = []
    for team, monthly_eur in MONTHLY_EUR["aws"].items():
        accounts = [account for account in AWS_ACCOUNTS if account.team == (team if team in _TEAM_KEYS else None)]
        used = [
            line
            for account in accounts
            if account != AWS_PAYER
            for position, use in enumerate(uses("aws")[team])
            if account.environment == "prod" or account.team is None or use.outside_production
            for line in _resources(team, account, position, use)
        ]
        lines.extend(scaled(used, monthly_eur * USD_PER_EUR))
    return lines


def _resources(team: str, account: Account, position: int, use: Use) -> list[Line]:
    """One line for each resource; the first resource is the largest."""
    main = account.environment == "prod" or account.team is None
    count = use.resources if main else 1
    parts = [1 / (number + 1) for number in range(count)]
    weight = use.weight * (1 if account.team is None else _ENVIRONMENT_WEIGHTS[account.environment])
    sku = skus("aws")[use.sku]
    return [
        Line(
            key=f"aws/{account.id}/{position}/{number}",
            sku=sku,
            account=account,
            team=team,
            region=REGIONS[1] if number == 2 else REGIONS[0],
            resource=f"{use.sku}-{team}-{account.environment}-{position}{number}",
            monthly_amount=weight * part / sum(parts),
            tags=_tags(team, account, position, number),
            growth_per_month=0.0 if sku.noise_ratio < 0.01 else 0.025,
            discount_ratio=_DISCOUNT,
            incident=use.incident if main else "",
            commitment=use.commitment if main else "",
            shape=None if main or sku.shape == "steady" else "office",
        )
        for number, part in enumerate(parts)
    ]


def _tags(team: str, account: Account, position: int, number: int) -> Mapping[str, str]:
    if account.team is None:
        return {"Name": f"experiment-{position}{number}"} if number % 2 else {}
    if (position + number) % 6 == 5:
        return {}  # forgotten: the account still says whose it is
    tags = {_TEAM_KEYS[team]: team, "environment": account.environment, "product": PRODUCTS[team]}
    if number:
        tags["aws:autoscaling:groupName"] = f"{team}-{account.environment}-asg-{number}"
    return dict(sorted(tags.items()))


def _facts(line: Line) -> Facts:
    code = "".join(line.sku.service.removeprefix("Amazon").removeprefix("AWS").split())
    sku = hashlib.sha256(line.sku.meter.encode()).hexdigest()[:16].upper()
    resource = hashlib.sha256(line.resource.encode()).hexdigest()[:17]
    kind = line.sku.resource_type or code.lower()
    return {
        "AvailabilityZone": f"{line.region[0]}a" if line.sku.category in {"Compute", "Databases"} else None,
        "SkuId": sku,
        "SkuPriceId": f"{sku}.JRTCKXETXF.6YS6EN2CT7",
        "ResourceId": f"arn:aws:{code.lower()}:{line.region[0]}:{line.account.id}:{kind}/{resource}",
        "ResourceName": line.resource if line.tags else None,
        "ResourceType": kind,
        "x_Operation": "RunInstances" if line.sku.resource_type == "instance" else "Usage",
        "x_ServiceCode": f"Amazon{code}",
        "x_UsageType": line.sku.meter,
    }


def savings_plan(timeline: Timeline) -> Commitment:
    return Commitment(
        id=SAVINGS_PLAN,
        name="Compute Savings Plan, 3 years, no upfront",
        category="Spend",
        type="Savings Plan",
        currency=CURRENCY,
        start=timeline.start,
        rate_ratio=Decimal("0.62"),
    )
