"""Pages of GetCostAndUsage -> a frame of FOCUS columns, one row a day and group."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from finops.collect.aws.cost_explorer.groupings import CATEGORIES, COMMITMENT_FEES, Grouping
from finops.errors import RefusedBatch
from finops.model.money import SCALE, quantise
from finops.model.period import Period

QUANTITY = "UsageQuantity"
"""Means something only within one usage type: AWS adds hours to gigabytes otherwise, and says ``N/A`` for the unit."""

_AMOUNT, _MOMENT = pl.Decimal(38, SCALE), pl.Datetime("us", "UTC")
_SCHEMA: Mapping[str, pl.DataType] = {
    "BilledCost": _AMOUNT,
    "EffectiveCost": _AMOUNT,
    "BillingCurrency": pl.String(),
    "BillingPeriodStart": _MOMENT,
    "BillingPeriodEnd": _MOMENT,
    "ChargePeriodStart": _MOMENT,
    "ChargePeriodEnd": _MOMENT,
    "ChargeCategory": pl.String(),
    "ServiceProviderName": pl.String(),
    "BillingAccountId": pl.String(),
    "x_Estimated": pl.Boolean(),
}


@dataclass(frozen=True, slots=True)
class Accounts:
    """What is known of the accounts. ``payer``: the management account's id; ``names``: id -> name."""

    payer: str | None
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Month:
    """One billing period as it was answered. ``estimated_from``: the first day that AWS calls an estimate."""

    rows: pl.DataFrame
    estimated_from: date | None
    pages: int


def month_of(
    pages: Sequence[Mapping[str, Any]],
    period: Period,
    groupings: Sequence[Grouping],
    metrics: tuple[str, str],
    accounts: Accounts,
    where: str,
) -> Month:
    """``metrics``: which of the answer's is BilledCost, and which EffectiveCost. Rows are sorted.

    Raises ``RefusedBatch`` for an answer of another shape than the documented one.
    """
    described = {**_described(pages), **accounts.names}
    try:
        results = [result for page in pages for result in page["ResultsByTime"]]
        found = [
            row
            for result in results
            for row in _rows(result, period, groupings, metrics, Accounts(accounts.payer, described))
        ]
        estimated = [_day(result) for result in results if result.get("Estimated")]
    except (KeyError, IndexError, TypeError, ValueError, InvalidOperation) as error:
        what = f"the answer of {period} does not have the documented shape ({type(error).__name__}: {error})"
        remedy = "Report this, with the version of finops"
        raise RefusedBatch(what, where=where, remedy=remedy) from error
    columns = {**_SCHEMA, **_group_columns(groupings)}
    rows = pl.DataFrame(found, schema=columns, orient="row", strict=True)
    return Month(rows.sort(sorted(columns)), min(estimated, default=None), len(pages))


def _described(pages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names of accounts that stand in the answer itself."""
    return {
        one["Value"]: one["Attributes"]["description"]
        for page in pages
        for one in page.get("DimensionValueAttributes", ())
        if one.get("Attributes", {}).get("description")
    }


def _group_columns(groupings: Sequence[Grouping]) -> dict[str, pl.DataType]:
    names = [grouping.column for grouping in groupings]
    if "SubAccountId" in names:
        names.append("SubAccountName")
    columns: dict[str, pl.DataType] = {name: pl.String() for name in names}
    if "x_RecordType" in names:
        columns["CommitmentDiscountStatus"] = pl.String()
    if "x_UsageType" in names:
        columns |= {"ConsumedQuantity": _AMOUNT, "ConsumedUnit": pl.String()}
    return columns


def _rows(
    result: Mapping[str, Any],
    period: Period,
    groupings: Sequence[Grouping],
    metrics: tuple[str, str],
    accounts: Accounts,
) -> Iterator[dict[str, object]]:
    day = _day(result)
    if day not in period:
        raise ValueError(f"a day outside the period, {day}")
    # without groupings the sums stand in Total, and Groups is empty
    groups = result["Groups"] if groupings else [{"Keys": [], "Metrics": result["Total"]}]
    for group in groups:
        if not group["Metrics"]:
            continue  # a day of the future
        billed, effective = (group["Metrics"][metric] for metric in metrics)
        if billed["Unit"] != effective["Unit"]:
            raise ValueError(f"two currencies in one group, {billed['Unit']} and {effective['Unit']}")
        values = _values(group["Keys"], groupings, accounts)
        row: dict[str, object] = {
            "BilledCost": quantise(Decimal(billed["Amount"])),
            "EffectiveCost": quantise(Decimal(effective["Amount"])),
            "BillingCurrency": billed["Unit"],
            "BillingPeriodStart": _midnight(period.start),
            "BillingPeriodEnd": _midnight(period.end),
            "ChargePeriodStart": _midnight(day),
            "ChargePeriodEnd": _midnight(day + timedelta(days=1)),
            "ChargeCategory": _category(values),
            "ServiceProviderName": "AWS",
            "BillingAccountId": accounts.payer,
            "x_Estimated": bool(result.get("Estimated")),
            **values,
            **_quantity(group["Metrics"]),
        }
        yield from _without_unused(row) if values.get("x_RecordType") in COMMITMENT_FEES else [row]


def _without_unused(fee: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """A commitment's fee, which has no effective cost, and its unused part as usage, which has no other cost."""
    nothing = quantise(Decimal(0))
    yield {**fee, "EffectiveCost": nothing}
    if fee["EffectiveCost"]:
        unused = {"ChargeCategory": "Usage", "CommitmentDiscountStatus": "Unused", "BilledCost": nothing}
        yield {**fee, **unused, **({"ConsumedQuantity": None, "ConsumedUnit": None} if "ConsumedUnit" in fee else {})}


def _values(keys: Sequence[str], groupings: Sequence[Grouping], accounts: Accounts) -> dict[str, object]:
    values: dict[str, object] = {}
    for grouping, key in zip(groupings, keys, strict=True):
        value = grouping.value(key)
        if grouping.type != "DIMENSION":
            one = {grouping.key: value} if value is not None else {}
            value = json.dumps(one, ensure_ascii=False, separators=(",", ":"))
        values[grouping.column] = value
        if grouping.column == "SubAccountId":
            values["SubAccountName"] = accounts.names.get(key)
    return values


def _category(values: Mapping[str, object]) -> str:
    if "x_RecordType" in values:
        return CATEGORIES.get(str(values["x_RecordType"]), "Adjustment")
    # without RECORD_TYPE only a service tells: taxes are one of their own
    return "Tax" if values.get("ServiceName") == "Tax" else "Usage"


def _quantity(metrics: Mapping[str, Any]) -> dict[str, object]:
    if QUANTITY not in metrics:
        return {}
    unit = metrics[QUANTITY]["Unit"]
    if unit in {"N/A", ""}:
        return {"ConsumedQuantity": None, "ConsumedUnit": None}
    return {"ConsumedQuantity": quantise(Decimal(metrics[QUANTITY]["Amount"])), "ConsumedUnit": unit}


def _day(result: Mapping[str, Any]) -> date:
    return date.fromisoformat(result["TimePeriod"]["Start"][:10])


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
