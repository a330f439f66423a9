"""Each FOCUS column from those of a cost details file. The table in docs/sources/azure-cost-export.md is this one.

Source of every rule that names none: "Convert Cost Management data to FOCUS", microsoft/finops-toolkit,
docs-mslearn/focus/convert.md.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from finops.collect.azure.blocks import Evidence
from finops.collect.azure.native.file_columns import FileColumns
from finops.collect.azure.native.view import View, Words, billed, effective
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
_PRICED = ("Usage", "Purchase")


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
        "EffectiveCost": effective(view, words, cost, nothing),
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
        # what is not a valid date is shown as it stands: conforming refuses it, with its row
        "ChargePeriodStart": pl.coalesce(day.dt.strftime(_TIME), file.raw("date").cast(pl.String)),
        "ChargePeriodEnd": pl.coalesce(day.dt.offset_by("1d").dt.strftime(_TIME), file.raw("date").cast(pl.String)),
        "ChargeCategory": words.charge.replace_strict(CHARGE_CATEGORY, default=OTHER_CHARGE, return_dtype=pl.String),
        "ChargeClass": pl.when(words.charge == "refund").then(pl.lit("Correction")),
        "ChargeDescription": file.text("productname"),
        "ChargeFrequency": pl.when(words.purchase_of_commitment & (frequency == "Usage-Based"))
        .then(pl.lit("Recurring"))
        .otherwise(frequency),
    }


def _prices(file: FileColumns, words: Words) -> Expressions:
    """Prices of customer agreements are in the pricing currency. A price of 0 for a charge that costs is not known.

    ListCost of enterprise agreements, which have no such column: FOCUS's own rule, unit price times pricing quantity.
    A tax or a credit has no price and no quantity: its list and contracted cost are what was billed (FOCUS 1.2,
    ContractedCost and ListCost of "a charge unrelated to other charges").
    """
    rate = pl.coalesce(file.number("exchangerate"), pl.lit(1).cast(pl.Decimal(38, 15)))
    quantity, cost = file.number("quantity"), file.number("cost")
    costs = (cost != 0).fill_null(value=False)
    priced = words.charge.replace_strict(CHARGE_CATEGORY, default=OTHER_CHARGE, return_dtype=pl.String).is_in(_PRICED)

    def known(value: pl.Expr) -> pl.Expr:
        return pl.when(((value != 0) | ~costs) & priced).then(value)

    list_price, price = file.number("paygprice") * rate, file.number("unitprice") * rate
    list_cost, effective_price = file.number("paygcostinbillingcurrency"), file.number("effectiveprice") * rate
    one = pl.lit(1)
    told = (
        Evidence(list_cost, list_price, quantity),
        Evidence(cost, price, quantity),
        Evidence(cost, list_price, quantity),
        Evidence(effective_price, price, one),
        Evidence(effective_price, list_price, one),
    )
    blocks = pl.coalesce([one_told.counts_blocks(pl.col(BLOCK)) for one_told in told]).fill_null(value=True)
    in_blocks = pl.when(blocks).then(quantity).otherwise(quantity / pl.col(BLOCK))
    listed, contracted = known(list_price), known(price)
    model = words.model.replace_strict(PRICING_CATEGORY, default=None, return_dtype=pl.String)
    used = words.charge == "usage"
    return {
        "ListUnitPrice": listed,
        "ListCost": pl.when(priced).then(pl.coalesce(known(list_cost), listed * in_blocks)).otherwise(cost),
        "ContractedUnitPrice": contracted,
        "ContractedCost": pl.when(priced).then(contracted * in_blocks).otherwise(cost),
        "PricingCategory": pl.when(priced).then(model),
        "PricingQuantity": pl.when(priced).then(in_blocks),
        "PricingUnit": pl.when(priced).then(pl.col(UNIT)),
        "PricingCurrency": pl.coalesce(file.text("pricingcurrency"), file.text("currency")),
        "ConsumedQuantity": pl.when(used).then(pl.when(blocks).then(quantity * pl.col(BLOCK)).otherwise(quantity)),
        "ConsumedUnit": pl.when(used).then(pl.col(UNIT)),
    }


def _commitment(file: FileColumns, words: Words) -> Expressions:
    """Used or Unused is said of usage only, as FOCUS wants it; Microsoft's table says it of purchases too."""
    lower = words.benefit.str.to_lowercase()
    is_plan = lower.str.contains("/microsoft.billingbenefits/", literal=True) | (words.model == "savingsplan")
    is_reservation = (
        lower.str.contains("/microsoft.capacity/", literal=True)
        | file.text("reservationid").is_not_null()
        | (words.model == "reservation")
    )
    named = words.benefit.is_not_null()
    return {
        "CommitmentDiscountId": words.benefit,
        "CommitmentDiscountName": pl.coalesce(file.text("benefitname"), file.text("reservationname")),
        "CommitmentDiscountCategory": pl.when(named & is_plan)
        .then(pl.lit("Spend"))
        .when(named & is_reservation)
        .then(pl.lit("Usage")),
        "CommitmentDiscountType": pl.when(named & is_plan)
        .then(pl.lit("Savings Plan"))
        .when(named & is_reservation)
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
        # what a vendor sells through the Marketplace may run anywhere
        "HostProviderName": pl.when(~file.word("publishertype").eq_missing("marketplace")).then(pl.lit("Microsoft")),
        "PublisherName": file.text("publishername").fill_null("Microsoft"),
        "Tags": _wrapped(file.text("tags")),
    }


def _what(file: FileColumns) -> Expressions:
    """Services: MeterCategory and ServiceFamily instead of Microsoft's lookup table, which changes weekly."""
    family = file.word("servicefamily").replace_strict(SERVICE_CATEGORY, default=OTHER_SERVICE, return_dtype=pl.String)
    resource = file.text("resourceid").str.strip_chars_end("/")
    last = resource.str.split("/").list.last()
    # …/providers/Microsoft.Sql/servers/NAME/databases/NAME
    path = resource.str.to_lowercase().str.extract(r"^.*/providers/([^/]+/.+)$").str.split("/")
    kind = pl.concat_str(path.list.first(), path.list.gather_every(2, 1).list.join("/"), separator="/")
    return {
        "RegionId": file.word("resourcelocation"),
        "RegionName": file.text("resourcelocation"),
        "ResourceId": file.text("resourceid").str.to_lowercase(),
        "ResourceName": pl.coalesce(file.text("resourcename"), last),
        "ResourceType": pl.coalesce(file.word("resourcetype"), kind),
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
