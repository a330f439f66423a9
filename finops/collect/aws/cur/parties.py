"""Who is billed by whom, for what, where."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur
from finops.collect.aws.cur.services import service_category, service_subcategory

MARKETPLACE = "AWS Marketplace"
_MANAGEMENT = "Management Account"
"""AWS's name for the account of an organisation that pays for the others, its members."""


def party_columns(cur: Cur) -> dict[str, pl.Expr]:
    """Accounts, invoice, and who sells. In the marketplace AWS hosts what somebody else provides."""
    payer, account = cur.text("bill_payer_account_id"), cur.text("line_item_usage_account_id")
    seller = cur.text("line_item_legal_entity")
    is_marketplace = cur.text("bill_billing_entity") == MARKETPLACE
    return {
        "BillingAccountId": payer,
        "BillingAccountName": cur.text("bill_payer_account_name"),
        "BillingAccountType": pl.lit(_MANAGEMENT),
        "SubAccountId": account,
        "SubAccountName": cur.text("line_item_usage_account_name"),
        "SubAccountType": pl.when(account == payer)
        .then(pl.lit(_MANAGEMENT))
        .when(account.is_not_null())
        .then(pl.lit("Member Account")),
        "BillingCurrency": cur.text("line_item_currency_code"),
        "InvoiceId": cur.text("bill_invoice_id"),
        "InvoiceIssuerName": pl.coalesce(cur.text("bill_invoicing_entity"), seller, pl.lit("AWS")),
        "ServiceProviderName": pl.when(is_marketplace)
        .then(pl.coalesce(seller, pl.lit("AWS")))
        .otherwise(pl.lit("AWS")),
        "HostProviderName": pl.lit("AWS"),
        "PublisherName": seller,
    }


def service_columns(cur: Cur) -> dict[str, pl.Expr]:
    """Service, place and resource."""
    code = cur.text("line_item_product_code")
    resource = cur.text("line_item_resource_id")
    kind = pl.coalesce(cur.text("product_product_family"), cur.entry("product", "product_family"))
    in_region = cur.text("product_location_type") == "AWS Region"
    name = pl.coalesce(cur.entry("product", "product_name"), cur.text("product_product_name"), code, pl.lit("AWS"))
    return {
        "ServiceName": name,
        "ServiceCategory": service_category(code),
        "ServiceSubcategory": service_subcategory(code),
        "AvailabilityZone": cur.text("line_item_availability_zone"),
        "RegionId": pl.coalesce(
            cur.text("product_region_code"), cur.text("product_region"), cur.entry("product", "region")
        ),
        "RegionName": pl.when(in_region).then(cur.text("product_location")),
        "ResourceId": resource,
        "ResourceType": pl.when(resource.is_not_null()).then(kind),
    }
