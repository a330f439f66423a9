"""Each FOCUS column from those of a cost details file. The table in docs/sources/azure-cost-export.md is this one.

Source of every rule that names none: "Convert Cost Management data to FOCUS", microsoft/finops-toolkit,
docs-mslearn/focus/convert.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from finops.collect.azure.export.native.file_columns import FileColumns
from finops.collect.azure.export.native.view import View, Words, billed, effective
from finops.collect.azure.words import (
    CHARGE_CATEGORY,
    CHARGE_FREQUENCY,
    OTHER_CHARGE,
    OTHER_SERVICE,
    PRICING_CATEGORY,
    SERVICE_CATEGORY,
)

BLOCK, UNIT = "\0block", "\0unit"
"""Columns that ``units.py`` made of UnitOfMeasure: no file has columns of these names."""

Expressions = Mapping[str, pl.Expr]

_TIME = "%Y-%m-%dT00:00:00Z"


def focus(file: FileColumns, view: View, words: Words) -> Expressions:
    """FOCUS column -> expression, and the ``x_`` columns of Azure's FOCUS exports that the file can fill."""
    return {
        **_costs(file, view, words),
        **_charge(file, words),
        **_prices(file, words),
        **_commitment(file, words),
        **_whose(file),
        **_what(file),
        **_extra(file),
    }


def _costs(file: FileColumns, view: View, words: Words) -> Expressions:
    cost, dtype = file.raw("cost"), file.dtype("cost")
    nothing = pl.lit("0") if dtype == pl.String else pl.lit(0).cast(dtype)
    return {
        "BilledCost": billed(view, words, cost, nothing),
        "EffectiveCost": effective(view, cost, nothing),
        "BillingCurrency": file.text("currency"),
    }


def _charge(file: FileColumns, words: Words) -> Expressions:
    day = file.day("date")
    start = pl.coalesce(file.day("billingperiodstartdate"), day.dt.month_start())
    end = pl.coalesce(file.day("billingperiodenddate").dt.offset_by("1d"), start.dt.offset_by("1mo"))
    frequency = file.word("frequency").replace_strict(CHARGE_FREQUENCY, default=None, return_dtype=pl.String)
    return {
        "BillingPeriodStart": start.dt.strftime(_TIME),
        "BillingPeriodEnd": end.dt.strftime(_TIME),
        # what is no day is shown as it stands: conforming refuses it, with its row
        "ChargePeriodStart": pl.coalesce(day.dt.strftime(_TIME), file.raw("date").cast(pl.String)),
        "ChargePeriodEnd": pl.coalesce(day.dt.offset_by("1d").dt.strftime(_TIME), file.raw("date").cast(pl.String)),
        "ChargeCategory": words.charge.replace_strict(CHARGE_CATEGORY, default=OTHER_CHARGE, return_dtype=pl.String),
        "ChargeClass": pl.when(words.charge == "refund").then(pl.lit("Correction")),
        "ChargeDescription": file.text("productname"),
        "ChargeFrequency": frequency,
    }


def _prices(file: FileColumns, words: Words) -> Expressions:
    """Prices of customer agreements are in the pricing currency. A price of 0 for a charge that costs is not known.

    ListCost of enterprise agreements, which have no such column: FOCUS's own rule, unit price times pricing quantity.
    """
    rate = pl.coalesce(file.number("exchangerate"), pl.lit(1).cast(pl.Decimal(38, 15)))
    quantity = file.number("quantity") / pl.col(BLOCK)
    costs = (file.number("cost") != 0).fill_null(value=False)

    def known(value: pl.Expr) -> pl.Expr:
        return pl.when((value != 0) | ~costs).then(value)

    listed, contracted = known(file.number("paygprice") * rate), known(file.number("unitprice") * rate)
    list_cost = known(file.number("paygcostinbillingcurrency"))
    model = words.model.replace_strict(PRICING_CATEGORY, default=None, return_dtype=pl.String)
    return {
        "ListUnitPrice": listed,
        "ListCost": list_cost if "paygcostinbillingcurrency" in file else listed * quantity,
        "ContractedUnitPrice": contracted,
        "ContractedCost": contracted * quantity,
        "PricingCategory": model,
        "PricingQuantity": quantity,
        "PricingUnit": pl.col(UNIT),
        "PricingCurrency": file.text("pricingcurrency"),
        "ConsumedQuantity": pl.when(words.charge == "usage").then(file.number("quantity")),
        "ConsumedUnit": pl.when(words.charge == "usage").then(pl.col(UNIT)),
    }


def _commitment(file: FileColumns, words: Words) -> Expressions:
    """Used or Unused is said of usage only, as FOCUS wants it; Microsoft's table says it of purchases too."""
    benefit = pl.coalesce(file.text("benefitid"), file.text("reservationid"))
    lower = benefit.str.to_lowercase()
    is_plan = lower.str.contains("/microsoft.billingbenefits/", literal=True)
    is_reservation = lower.str.contains("/microsoft.capacity/", literal=True) | file.text("reservationid").is_not_null()
    return {
        "CommitmentDiscountId": benefit,
        "CommitmentDiscountName": pl.coalesce(file.text("benefitname"), file.text("reservationname")),
        "CommitmentDiscountCategory": pl.when(is_plan).then(pl.lit("Spend")).when(is_reservation).then(pl.lit("Usage")),
        "CommitmentDiscountType": pl.when(is_plan)
        .then(pl.lit("Savings Plan"))
        .when(is_reservation)
        .then(pl.lit("Reservation")),
        "CommitmentDiscountStatus": pl.when(words.unused)
        .then(pl.lit("Unused"))
        .when(words.use_of_commitment)
        .then(pl.lit("Used")),
    }


def _whose(file: FileColumns) -> Expressions:
    """A customer agreement bills a profile, an enterprise agreement the account."""
    account = "billingprofile" if "pricingcurrency" in file or "invoiceid" in file else "billingaccount"
    subscription = file.text("subscriptionid").str.to_lowercase()
    return {
        "BillingAccountId": file.text(f"{account}id"),
        "BillingAccountName": file.text(f"{account}name"),
        "SubAccountId": pl.concat_str(pl.lit("/subscriptions/"), subscription),
        "SubAccountName": file.text("subscriptionname"),
        "InvoiceId": file.text("invoiceid"),
        "InvoiceIssuerName": file.text("partnername").fill_null("Microsoft"),
        "ProviderName": pl.lit("Microsoft"),
        "PublisherName": file.text("publishername").fill_null("Microsoft"),
        "Tags": _wrapped(file.text("tags")),
    }


def _what(file: FileColumns) -> Expressions:
    """Services: MeterCategory and ServiceFamily instead of Microsoft's lookup table, which changes weekly."""
    family = file.word("servicefamily").replace_strict(SERVICE_CATEGORY, default=OTHER_SERVICE, return_dtype=pl.String)
    last = file.text("resourceid").str.strip_chars_end("/").str.split("/").list.last()
    return {
        "RegionId": file.word("resourcelocation"),
        "RegionName": file.text("resourcelocation"),
        "ResourceId": file.text("resourceid").str.to_lowercase(),
        "ResourceName": pl.coalesce(file.text("resourcename"), last),
        "ServiceCategory": family,
        "ServiceName": pl.coalesce(
            file.text("metercategory"), file.text("metersubcategory"), file.text("publishername")
        ),
        "SkuId": file.text("productid"),
        "SkuMeter": file.text("metername"),
    }


_EXTRA = {
    "accountname": "x_AccountName",
    "accountownerid": "x_AccountOwnerId",
    "additionalinfo": "x_SkuDetails",
    "billingprofileid": "x_BillingProfileId",
    "billingprofilename": "x_BillingProfileName",
    "consumedservice": "x_ConsumedService",
    "costallocationrulename": "x_CostAllocationRuleName",
    "costcenter": "x_CostCenter",
    "invoicesectionid": "x_InvoiceSectionId",
    "invoicesectionname": "x_InvoiceSectionName",
    "metercategory": "x_SkuMeterCategory",
    "meterid": "x_SkuMeterId",
    "metername": "x_SkuMeterName",
    "meterregion": "x_SkuRegion",
    "metersubcategory": "x_SkuMeterSubcategory",
    "offerid": "x_SkuOfferId",
    "partnumber": "x_SkuPartNumber",
    "planname": "x_SkuPlanName",
    "productorderid": "x_SkuOrderId",
    "productordername": "x_SkuOrderName",
    "publishertype": "x_PublisherCategory",
    "resourcegroup": "x_ResourceGroupName",
    "servicefamily": "x_SkuServiceFamily",
    "term": "x_SkuTerm",
    "unitofmeasure": "x_PricingUnitDescription",
}
"""Column of the file -> the column of Azure's FOCUS exports that holds the same; x_ConsumedService is ours."""


def _extra(file: FileColumns) -> Expressions:
    named = {own: file.text(name) for name, own in _EXTRA.items() if name in file}
    return {**named, "x_PricingBlockSize": pl.col(BLOCK)}


def _wrapped(tags: pl.Expr) -> pl.Expr:
    """Enterprise agreements leave out the braces around the tags' JSON."""
    bare = ~tags.str.strip_chars().str.starts_with("{")
    return pl.when(bare).then(pl.concat_str(pl.lit("{"), tags, pl.lit("}"))).otherwise(tags)
