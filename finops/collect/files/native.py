"""Bills that are not FOCUS, among FOCUS files: converted by their own source's code, or refused with a way in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from finops.collect.aws.cur import CurConversion
from finops.collect.azure.native import as_focus
from finops.collect.azure.repairs import is_azure_focus, repaired
from finops.collect.formats.recognise import Format
from finops.errors import RefusedBatch
from finops.model.cell import plain_name

# A cost report of Oracle Cloud as FOCUS rows.
#
# Source: "Cost and Usage Reports Overview", docs.oracle.com/iaas/Content/Billing/Concepts/costusagereportsoverview.htm.
# A correction comes as two rows (``lineItem/isCorrection``): one takes the old row back, one is the new one.

_NEEDED = ("lineitem/intervalusagestart", "lineitem/intervalusageend", "cost/mycost", "cost/currencycode")
_TEXTS = {
    "ServiceName": "product/service",
    "SubAccountId": "product/compartmentid",
    "SubAccountName": "product/compartmentname",
    "BillingAccountId": "lineitem/tenantid",
    "RegionId": "product/region",
    "AvailabilityZone": "product/availabilitydomain",
    "ResourceId": "product/resourceid",
    "SkuId": "cost/productsku",
    "ChargeDescription": "product/description",
    "BillingCurrency": "cost/currencycode",
    "PricingUnit": "cost/skuunitdescription",
    "ConsumedUnit": "cost/billingunitreadable",
    "PricingQuantity": "usage/billedquantity",
    "ConsumedQuantity": "usage/billedquantity",
    "ContractedUnitPrice": "cost/unitprice",
    "BilledCost": "cost/mycost",
    "EffectiveCost": "cost/mycost",
    "ContractedCost": "cost/mycost",
    "x_SubscriptionId": "cost/subscriptionid",
    "x_ReferenceNumber": "lineitem/referenceno",
}
_TAG = "tags/"


def oci_as_focus(raw: pl.LazyFrame, where: str) -> pl.LazyFrame:
    """``raw``: the report's columns, as text or typed -> FOCUS columns, streamed.

    Oracle bills by calendar month in UTC. What a report does not say (list prices, commitments) stays null. Raises
    ``RefusedBatch`` where a column is missing.
    """
    own = {plain_name(name).casefold(): name for name in raw.collect_schema().names()}
    for name in _NEEDED:
        if name not in own:
            what = f"the column {name} is missing from this OCI cost report"
            raise RefusedBatch(
                what, where=f"{where}, header", remedy="Download the whole report, or OCI's FOCUS report"
            )
    columns = {name: _text(own, column) for name, column in _TEXTS.items()}
    start = _moment(own, "lineitem/intervalusagestart")
    month = start.dt.truncate("1mo")
    correction = _text(own, "lineitem/iscorrection").str.to_lowercase() == "true"
    return raw.select(
        **columns,
        ChargePeriodStart=start,
        ChargePeriodEnd=_moment(own, "lineitem/intervalusageend"),
        BillingPeriodStart=month,
        BillingPeriodEnd=month.dt.offset_by("1mo"),
        ChargeCategory=pl.lit("Usage"),
        ChargeFrequency=pl.lit("Usage-Based"),
        ChargeClass=pl.when(correction).then(pl.lit("Correction")),
        ServiceProviderName=pl.lit("Oracle Cloud"),
        InvoiceIssuerName=pl.lit("Oracle"),
        Tags=_tags(own),
    )


def _text(own: dict[str, str], name: str) -> pl.Expr:
    return pl.col(own[name]).cast(pl.String) if name in own else pl.lit(None, pl.String)


def _moment(own: dict[str, str], name: str) -> pl.Expr:
    """``2026-05-03T10:00Z`` or with seconds; a time that cannot be read is null, and refused as a missing one."""
    text = _text(own, name).str.strip_chars().str.replace(r"(T\d\d:\d\d)Z$", "${1}:00Z")
    return text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC", strict=False)


def _tags(own: dict[str, str]) -> pl.Expr:
    """Defined tags are ``tags/namespace.key``, free-form ones ``tags/key``; empty values are no tags."""
    names = [name for lower, name in own.items() if lower.startswith(_TAG)]
    if not names:
        return pl.lit(None, pl.String)
    values = [pl.col(name).cast(pl.String) for name in names]
    pairs = [
        pl.when(value != "").then(
            pl.struct(key=pl.lit(plain_name(name)[len(_TAG) :]), value=value)  # a key with blanks stays one
        )
        for name, value in zip(names, values, strict=True)
    ]
    return pl.concat_list(pairs).list.drop_nulls()


WAY_IN: Mapping[Format, str] = MappingProxyType(
    {Format.GCP_EXPORT: "Collect Google's FOCUS view with the source kind gcp-billing, or export that view"}
)
"""What to do with a bill that is recognised and not converted."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """``rows``: FOCUS columns. ``repairs``: what converting repaired, once the rows were read."""

    rows: pl.LazyFrame
    repairs: Callable[[], Mapping[str, int]] = dict


def conversion(found: Format, name: str, rows: pl.LazyFrame) -> Conversion | None:
    """The file's rows as FOCUS, without the known faults of Azure's exports; None where they are that already.

    Raises ``RefusedBatch`` where columns are missing.
    """
    match found:
        case Format.CUR | Format.LEGACY_CUR:
            report = CurConversion(name, rows.collect_schema())
            return Conversion(report.rows(rows), lambda: dict(report.repaired))
        case Format.AZURE_DETAILS:
            return Conversion(as_focus(rows, name))
        case Format.OCI_COST:
            return Conversion(oci_as_focus(rows, name))
        case Format.COST_AND_USAGE if is_azure_focus(rows.collect_schema().names()):
            filled, counts = repaired(rows)
            return Conversion(filled, lambda: dict(counts))
        case Format.COST_AND_USAGE if (start := _charge_start(rows.collect_schema().names())) is not None:
            return Conversion(
                _with_months(rows, start), lambda: {"file: no billing periods, calendar months instead": 1}
            )
        case _:
            return None


def _charge_start(names: Sequence[str]) -> str | None:
    """The column with the start of each charge, where a bill has no billing periods (Vercel's); else None."""
    by_name = {plain_name(name).casefold(): name for name in names}
    if {"billingperiodstart", "billingperiodend"} & by_name.keys():
        return None
    return by_name.get("chargeperiodstart")


def _with_months(rows: pl.LazyFrame, start: str) -> pl.LazyFrame:
    """The billing period of a charge is the calendar month in which it starts."""
    dtype, column = rows.collect_schema()[start], pl.col(start)
    if dtype == pl.String:
        first = (column.str.slice(0, 7) + "-01").str.to_date("%Y-%m-%d", strict=False)
    else:
        first = column.cast(pl.Date).dt.truncate("1mo")
    moment = pl.Datetime("us", "UTC")
    end = first.dt.offset_by("1mo")
    return rows.with_columns(BillingPeriodStart=first.cast(moment), BillingPeriodEnd=end.cast(moment))
