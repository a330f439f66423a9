"""What an AWS bill holds beside usage: taxes, credits, refunds, and corrections of months that were invoiced."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from finops.demo.organisation import AWS_ACCOUNTS, AWS_PAYER, UNALLOCATED, Account
from finops.demo.rows import AMOUNT, charge_day, same_cost, single_rows
from finops.demo.timeline import Timeline, midnight
from finops.model.period import month_start

REGIONS = (("eu-central-1", "Europe (Frankfurt)"), ("eu-west-1", "Europe (Ireland)"))
_TAX_RATIO = Decimal("0.012")


def _account(name: str) -> Account:
    return next(account for account in AWS_ACCOUNTS if account.name == name)


def holder() -> dict[str, str | None]:
    """The management account buys commitments and receives what belongs to nobody else."""
    return {
        "team": AWS_PAYER.team,
        "SubAccountId": AWS_PAYER.id,
        "SubAccountName": AWS_PAYER.name,
        "ServiceName": "Amazon Elastic Compute Cloud",
        "ServiceCategory": "Compute",
        "SkuId": "COMPUTESP3YNU",
        "SkuPriceId": "COMPUTESP3YNU.1",
        "x_Operation": "SavingsPlan",
        "x_ServiceCode": "ComputeSavingsPlans",
        "x_UsageType": "EUC1-ComputeSP:3yrNoUpfront",
    }


def tax(rows: pl.DataFrame) -> pl.DataFrame:
    """A row for each account and day: taxes come without tags, resources and SKUs."""
    ratio = pl.lit(_TAX_RATIO).cast(AMOUNT)
    by = ["day", "SubAccountId", "SubAccountName", "ChargePeriodStart", "ChargePeriodEnd"]
    periods = ["BillingPeriodStart", "BillingPeriodEnd"]
    teams = {account.id: account.team for account in AWS_ACCOUNTS}
    costs = ["BilledCost", "ListCost", "ContractedCost"]
    return (
        rows.group_by(*by, *periods)
        .agg((pl.col(cost).sum() * ratio).round(4).cast(AMOUNT) for cost in costs)
        .sort("day", "SubAccountId")
        .with_columns(
            pl.col("BilledCost").alias("EffectiveCost"),
            pl.col("SubAccountId").replace_strict(teams, return_dtype=pl.String).fill_null(UNALLOCATED).alias("team"),
            pl.lit("Tax").alias("ChargeCategory"),
            pl.lit("Recurring").alias("ChargeFrequency"),
            pl.lit("Tax of type VAT").alias("ChargeDescription"),
            pl.lit("AWS Tax").alias("ServiceName"),
            pl.lit("Other").alias("ServiceCategory"),
        )
    )


def credits_of(timeline: Timeline) -> pl.DataFrame:
    return single_rows(
        [
            {
                **holder(),
                **charge_day(day),
                **same_cost(Decimal("-7.50")),
                "ChargeCategory": "Credit",
                "ChargeFrequency": "One-Time",
                "ChargeDescription": "Migration programme credit",
                "PricingCategory": None,
                "SkuId": None,
                "SkuPriceId": None,
            }
            for day in timeline.days
        ]
    )


def refund(timeline: Timeline) -> pl.DataFrame:
    """A refund is a negative row in the category of what it gives back."""
    account = _account("fernhollow-search-prod")
    return single_rows(
        [
            {
                **charge_day(timeline.ago(38)),
                **same_cost(Decimal("-86.40")),
                "team": account.team,
                "SubAccountId": account.id,
                "SubAccountName": account.name,
                "ServiceName": "Amazon OpenSearch Service",
                "ServiceCategory": "Analytics",
                "ChargeCategory": "Usage",
                "ChargeFrequency": "One-Time",
                "ChargeDescription": "Refund for an outage of a domain",
                "PricingCategory": "Standard",
                "PricingQuantity": Decimal(-216),
                "PricingUnit": "Hours",
                "ConsumedQuantity": Decimal(-216),
                "ConsumedUnit": "Hours",
                "ListUnitPrice": Decimal("0.4"),
                "ContractedUnitPrice": Decimal("0.4"),
                "SkuId": "OPENSEARCHREFUND",
                "SkuPriceId": "OPENSEARCHREFUND.1",
                "RegionId": REGIONS[0][0],
                "RegionName": REGIONS[0][1],
            }
        ]
    )


def correction(timeline: Timeline) -> pl.DataFrame:
    """A change to an invoiced month: a row of the running bill that names the old charge period."""
    account = _account("fernhollow-checkout-prod")
    running = month_start(timeline.yesterday)
    return single_rows(
        [
            {
                **charge_day(timeline.ago(70)),
                **same_cost(Decimal("-142.37")),
                "BillingPeriodStart": midnight(running),
                "BillingPeriodEnd": midnight(month_start(running, 1)),
                "team": account.team,
                "SubAccountId": account.id,
                "SubAccountName": account.name,
                "ServiceName": "Amazon CloudFront",
                "ServiceCategory": "Networking",
                "ChargeCategory": "Usage",
                "ChargeClass": "Correction",
                "ChargeFrequency": "Usage-Based",
                "ChargeDescription": "Correction of data transfer that was priced in the wrong tier",
                "PricingCategory": "Standard",
                "Tags": '{"environment":"prod","product":"storefront","team":"checkout"}',
            }
        ]
    )
