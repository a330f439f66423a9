"""Who is billed by whom, for what, where."""

from __future__ import annotations

import polars as pl

from finops.collect.aws.cur.columns import Cur
from finops.collect.aws.cur.line_items import LineItem
from finops.collect.aws.cur.services import service_category

_MARKETPLACE = "AWS Marketplace"


def party_columns(cur: Cur) -> dict[str, pl.Expr]:
    """Accounts, invoice, and who sells. In the marketplace AWS hosts what somebody else provides."""
    seller = cur.text("line_item_legal_entity")
    is_marketplace = cur.text("bill_billing_entity") == _MARKETPLACE
    return {
        "BillingAccountId": cur.text("bill_payer_account_id"),
        "BillingAccountName": cur.text("bill_payer_account_name"),
        "SubAccountId": cur.text("line_item_usage_account_id"),
        "SubAccountName": cur.text("line_item_usage_account_name"),
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
        "AvailabilityZone": cur.text("line_item_availability_zone"),
        "RegionId": pl.coalesce(
            cur.text("product_region_code"), cur.text("product_region"), cur.entry("product", "region")
        ),
        "RegionName": pl.when(in_region).then(cur.text("product_location")),
        "ResourceId": resource,
        "ResourceType": pl.when(resource.is_not_null()).then(kind),
    }


def commitment_columns(cur: Cur, line: LineItem) -> dict[str, pl.Expr]:
    """Commitment and capacity reservations. A purchase has no status; what was not used is a row of its own."""
    plan = line.type.is_in(["SavingsPlanCoveredUsage", "SavingsPlanUpfrontFee", "SavingsPlanRecurringFee"])
    reservation = line.type.is_in(["DiscountedUsage", "RIFee"]) | line.is_reservation_fee
    capacity = cur.text("capacity_reservation_capacity_reservation_a_r_n")
    is_idle = cur.text("line_item_usage_type").str.contains("Unused", literal=True)
    return {
        "CommitmentDiscountId": pl.when(plan).then(line.savings_plan).when(reservation).then(line.reservation),
        "CommitmentDiscountCategory": pl.when(plan).then(pl.lit("Spend")).when(reservation).then(pl.lit("Usage")),
        "CommitmentDiscountType": pl.when(plan)
        .then(pl.lit("Savings Plan"))
        .when(reservation)
        .then(pl.lit("Reserved Instance")),
        "CommitmentDiscountStatus": pl.when(line.is_covered).then(pl.lit("Used")),
        "CapacityReservationId": capacity,
        "CapacityReservationStatus": pl.when(capacity.is_not_null() & is_idle)
        .then(pl.lit("Unused"))
        .when(capacity.is_not_null())
        .then(pl.lit("Used")),
    }
