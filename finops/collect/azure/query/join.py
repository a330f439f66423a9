"""ActualCost and AmortizedCost of one month -> FOCUS rows with BilledCost and EffectiveCost.

Both answers are complete, and both are views of the same charges. So where a key stands in one of them only, the other
cost of it is not missing but nothing, as FOCUS defines it: what a commitment covers is not billed when it is used, and
a commitment's purchase has no effective cost of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from finops.collect.azure.query.ask import Row
from finops.collect.azure.words import (
    CHARGE_CATEGORY,
    CHARGE_FREQUENCY,
    COMMITTED,
    OTHER_CHARGE,
    OTHER_SERVICE,
    PRICING_CATEGORY,
    SERVICE_CATEGORY,
    UNUSED,
    word,
)
from finops.errors import RefusedBatch
from finops.model.money import quantise
from finops.model.period import month_start

_COSTS = ("cost", "pretaxcost", "totalcost")
_DAY, _CURRENCY = "usagedate", "currency"
_TIME = "%Y-%m-%dT%H:%M:%SZ"

Key = tuple[tuple[str, str | None], ...]
"""Column and value of everything but the cost, sorted by column."""

_AS_THEY_ARE: Mapping[str, str] = MappingProxyType(
    {
        "benefitid": "CommitmentDiscountId",
        "benefitname": "CommitmentDiscountName",
        "billingaccountid": "BillingAccountId",
        "billingaccountname": "BillingAccountName",
        "billingprofileid": "x_BillingProfileId",
        "billingprofilename": "x_BillingProfileName",
        "invoiceid": "InvoiceId",
        "invoicesectionname": "x_InvoiceSectionName",
        "meter": "x_SkuMeterName",
        "metercategory": "x_SkuMeterCategory",
        "meterid": "x_SkuMeterId",
        "metersubcategory": "x_SkuMeterSubcategory",
        "publishertype": "x_PublisherCategory",
        "reservationid": "x_ReservationId",
        "reservationname": "x_ReservationName",
        "resourcegroupname": "x_ResourceGroupName",
        "resourceid": "ResourceId",
        "resourcelocation": "RegionId",
        "resourcetype": "x_ResourceType",
        "servicename": "ServiceName",
        "subscriptionname": "SubAccountName",
    }
)
"""Dimension -> FOCUS column, or the column of Azure's own exports that holds the same."""


def by_key(rows: Sequence[Row], where: str) -> dict[Key, Decimal]:
    """The cost of each key. Raises ``RefusedBatch`` for an answer without a cost, a currency or a day."""
    found: dict[Key, Decimal] = {}
    for row in rows:
        cost = next((name for name in _COSTS if name in row), None)
        missing = [name for name in (_DAY, _CURRENCY) if name not in row]
        if cost is None or missing:
            what = f"the answer has no column {missing[0] if missing else 'cost'}; it has {', '.join(row)}"
            raise RefusedBatch(what, where=where, remedy="Report this: the Azure API has changed")
        key = tuple((name, _text(value)) for name, value in sorted(row.items()) if name != cost)
        found[key] = found.get(key, Decimal(0)) + Decimal(str(row[cost] or 0))
    return found


def joined(actual: Mapping[Key, Decimal], amortised: Mapping[Key, Decimal], scope: str, month: date) -> pl.DataFrame:
    """One row a key of either: FOCUS columns, all String, sorted by key."""
    nothing = Decimal(0)
    rows = [
        {
            **_period(month),
            **_columns(dict(key), scope),
            "BilledCost": str(quantise(actual.get(key, nothing))),
            "EffectiveCost": str(quantise(nothing if _is_of_commitment(dict(key)) else amortised.get(key, nothing))),
        }
        for key in sorted(
            actual.keys() | amortised.keys(), key=lambda key: [(name, value or "") for name, value in key]
        )
    ]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame({name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in names})


def _is_of_commitment(key: Mapping[str, str | None]) -> bool:
    """Whether a commitment is bought or given back. Amortised cost holds such rows of savings plans by mistake
    (microsoft/finops-toolkit, "InvalidEffectiveCost"): they would count once bought, once used."""
    named = any(key.get(name) for name in ("benefitid", "reservationid"))
    bought = word(key.get("chargetype")) in {"purchase", "refund"}
    return bought and (named or word(key.get("pricingmodel")) in COMMITTED)


def usage_day(value: object) -> date:
    """UsageDate is the number yyyymmdd."""
    return datetime.strptime(str(value)[:8], "%Y%m%d").replace(tzinfo=UTC).date()


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _period(month: date) -> Mapping[str, str]:
    return {"BillingPeriodStart": _moment(month), "BillingPeriodEnd": _moment(month_start(month, 1))}


def _columns(key: Mapping[str, str | None], scope: str) -> Mapping[str, str | None]:
    day = usage_day(key[_DAY])
    charge, model = word(key.get("chargetype")), word(key.get("pricingmodel"))
    columns: dict[str, str | None] = {
        "BillingCurrency": key[_CURRENCY],
        "ChargePeriodStart": _moment(day),
        "ChargePeriodEnd": _moment(day + timedelta(days=1)),
        "ChargeCategory": CHARGE_CATEGORY.get(charge, OTHER_CHARGE),
        "ChargeClass": "Correction" if charge == "refund" else None,
        "PricingCategory": PRICING_CATEGORY.get(model),
        "CommitmentDiscountStatus": "Unused" if charge in UNUSED else "Used" if _is_covered(charge, model) else None,
        "ServiceProviderName": "Microsoft",
        "InvoiceIssuerName": "Microsoft",
        "SubAccountId": _subscription(key.get("subscriptionid"), scope),
        "BillingAccountId": _billing_account(scope),
        "Tags": _tag(key.get("tagkey"), key.get("tagvalue")),
    }
    columns |= {own: key[name] for name, own in _AS_THEY_ARE.items() if name in key}
    columns |= {own: say(key[name]) for name, (own, say) in _SAID_OTHERWISE.items() if name in key}
    if _is_of_commitment(key) and columns.get("ChargeFrequency") == "Usage-Based":
        columns["ChargeFrequency"] = "Recurring"
    return columns


def _is_covered(charge: str, model: str) -> bool:
    return charge == "usage" and model in COMMITTED


def _subscription(value: str | None, scope: str) -> str | None:
    """As Azure's exports write it, so that both sources name an account alike."""
    if value:
        return value.lower() if value.startswith("/") else f"/subscriptions/{value.lower()}"
    parts = scope.split("/")
    return f"/subscriptions/{parts[2].lower()}" if parts[1].lower() == "subscriptions" else None


def _billing_account(scope: str) -> str | None:
    return scope if "/billingaccounts/" in scope.lower() else None


def _tag(key: str | None, value: str | None) -> str | None:
    return json.dumps({key: value}, ensure_ascii=False) if key and value else None


def _moment(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).strftime(_TIME)


_SAID_OTHERWISE: Mapping[str, tuple[str, Callable[[Any], str | None]]] = MappingProxyType(
    {
        "frequency": ("ChargeFrequency", lambda value: CHARGE_FREQUENCY.get(word(value))),
        "servicefamily": ("ServiceCategory", lambda value: SERVICE_CATEGORY.get(word(value), OTHER_SERVICE)),
    }
)
