"""What the shop agreed with AWS and Microsoft: FOCUS Contract Commitment as CSV, beside the bills that it explains.

Amounts are those of the bills, so a demo of any length agrees with itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

import polars as pl

from finops.demo import aws, azure
from finops.demo.catalogue import RESERVATION, SAVINGS_PLAN
from finops.demo.organisation import CURRENCIES, SourceName
from finops.demo.timeline import Timeline, midnight

FILE = "contract-commitments.csv"

AGREED_SPEND = "fernhollow-private-pricing"
AGREED_SPEND_AGO_DAYS = 320
"""When the yearly agreement began: it ends within 45 days, which is planted for ``commitments-are-renewed-in-time``."""

_YEAR_DAYS = 365
_REACHED_RATIO = Decimal("0.9")
"""Of what a year at the present level costs: the agreed spend is reached with room to spare."""
_LEVEL_DAYS = 30
_ROUND = Decimal(1000)

_COMMITMENT = {"ContractCommitmentBenefitCategory": "Discount", "ContractCommitmentLifecycleStatus": "Active"}


def write_agreements(folder: Path, timeline: Timeline, bills: Mapping[SourceName, pl.DataFrame]) -> None:
    """``contract-commitments.csv`` in the folders of AWS (a savings plan, a yearly spend) and Azure (a reservation)."""
    _write(folder / "aws" / FILE, [_plan(timeline, bills["aws"]), _spend(timeline, bills["aws"])])
    _write(folder / "azure" / FILE, [_reservation(timeline, bills["azure"])])


def _plan(timeline: Timeline, bill: pl.DataFrame) -> dict[str, object]:
    term = aws.savings_plan(timeline)
    return {
        **_term(SAVINGS_PLAN, term.start, term.start + timedelta(days=3 * _YEAR_DAYS)),
        "ContractCommitmentCategory": "Spend",
        "ContractCommitmentType": "Savings Plan",
        "ContractCommitmentDescription": term.name,
        "ContractCommitmentFulfillmentInterval": "Hourly",
        "ContractCommitmentCost": _a_day(bill, SAVINGS_PLAN) * 3 * _YEAR_DAYS,
        **_of("AWS", CURRENCIES["aws"]),
    }


def _spend(timeline: Timeline, bill: pl.DataFrame) -> dict[str, object]:
    start = timeline.ago(AGREED_SPEND_AGO_DAYS)
    counted = bill.filter(pl.col("ChargeCategory") != "Tax")
    level = timeline.until - timedelta(days=_LEVEL_DAYS)
    left = _YEAR_DAYS - (timeline.until - start).days
    year = _billed(counted, since=start) + _billed(counted, since=level) / _LEVEL_DAYS * left
    return {
        **_term(AGREED_SPEND, start, start + timedelta(days=_YEAR_DAYS)),
        "ContractCommitmentCategory": "Spend",
        "ContractCommitmentType": "Private pricing",
        "ContractCommitmentDescription": "yearly agreement",
        "ContractCommitmentFulfillmentInterval": "Full Period",
        "ContractCommitmentCost": (year * _REACHED_RATIO / _ROUND).to_integral_value(ROUND_FLOOR) * _ROUND,
        **_of("AWS", CURRENCIES["aws"]),
    }


def _reservation(timeline: Timeline, bill: pl.DataFrame) -> dict[str, object]:
    term = azure.reservation(timeline)
    return {
        **_term(RESERVATION, term.start, term.start + timedelta(days=term.upfront_days)),
        "ContractCommitmentCategory": "Usage",
        "ContractCommitmentType": "Reservation",
        "ContractCommitmentDescription": term.name,
        "ContractCommitmentFulfillmentInterval": "Hourly",
        "ContractCommitmentCost": _a_day(bill, RESERVATION) * term.upfront_days,
        **_of("Microsoft", CURRENCIES["azure"]),
    }


def _term(commitment: str, start: date, end: date) -> dict[str, object]:
    return {
        "ContractCommitmentId": commitment,
        "ContractCommitmentPeriodStart": f"{midnight(start):%Y-%m-%dT%H:%M:%SZ}",
        "ContractCommitmentPeriodEnd": f"{midnight(end):%Y-%m-%dT%H:%M:%SZ}",
    }


def _of(provider: str, currency: str) -> dict[str, object]:
    names = {"ServiceProviderName": provider, "InvoiceIssuerName": provider}
    return {**_COMMITMENT, **names, "BillingCurrency": currency}


def _billed(bill: pl.DataFrame, *, since: date) -> Decimal:
    return Decimal(bill.filter(pl.col("day") >= since)["BilledCost"].sum())


def _a_day(bill: pl.DataFrame, commitment: str) -> Decimal:
    """What a whole day of the commitment costs, used or not."""
    own = bill.filter(pl.col("CommitmentDiscountId") == commitment, pl.col("CommitmentDiscountStatus").is_not_null())
    days = own.group_by("day").agg(pl.col("EffectiveCost").sum())
    return Decimal(str(days["EffectiveCost"].max())).normalize()


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [
        {column: str(value) if isinstance(value, str) else f"{value:f}" for column, value in row.items()}
        for row in rows
    ]
    pl.DataFrame(texts).write_csv(path)
