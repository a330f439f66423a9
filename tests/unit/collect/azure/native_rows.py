"""Cost details as Azure's own exports write them.

Columns: "Enterprise Agreement cost and usage details file schema" (2024-08-01) and "Microsoft Customer Agreement cost
and usage details file schema" (2023-12-01-preview), learn.microsoft.com/azure/cost-management-billing/dataset-schema.
How values look (dates, units, ids): microsoft/finops-toolkit, src/powershell/Tests/assets/EA_ActualCost_Small.csv.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from tests.unit.collect.azure.arm import SCOPE, SUBSCRIPTION

EA = (
    "InvoiceSectionName", "AccountName", "AccountOwnerId", "SubscriptionId", "SubscriptionName", "ResourceGroup",
    "ResourceLocation", "Date", "ProductName", "MeterCategory", "MeterSubCategory", "MeterId", "MeterName",
    "MeterRegion",
    "UnitOfMeasure", "Quantity", "EffectivePrice", "CostInBillingCurrency", "CostCenter", "ConsumedService",
    "ResourceId",
    "Tags", "OfferId", "AdditionalInfo", "ServiceInfo1", "ServiceInfo2", "ResourceName", "ReservationId",
    "ReservationName", "UnitPrice", "ProductOrderId", "ProductOrderName", "Term", "PublisherType", "PublisherName",
    "ChargeType", "Frequency", "PricingModel", "AvailabilityZone", "BillingAccountId", "BillingAccountName",
    "BillingCurrencyCode", "BillingPeriodStartDate", "BillingPeriodEndDate", "BillingProfileId", "BillingProfileName",
    "InvoiceSectionId", "IsAzureCreditEligible", "PartNumber", "PayGPrice", "PlanName", "ServiceFamily",
    "CostAllocationRuleName", "benefitId", "benefitName",
)  # fmt: skip
MCA = (
    "invoiceId", "previousInvoiceId", "billingAccountId", "billingAccountName", "billingProfileId",
    "billingProfileName",
    "invoiceSectionId", "invoiceSectionName", "resellerName", "resellerMpnId", "costCenter", "billingPeriodEndDate",
    "billingPeriodStartDate", "servicePeriodEndDate", "servicePeriodStartDate", "date", "serviceFamily",
    "productOrderId", "productOrderName", "consumedService", "meterId", "meterName", "meterCategory",
    "meterSubCategory", "meterRegion", "ProductId", "ProductName", "SubscriptionId", "subscriptionName",
    "publisherType", "publisherId", "publisherName", "resourceGroupName", "ResourceId", "resourceLocation", "location",
    "effectivePrice", "quantity", "unitOfMeasure", "chargeType", "billingCurrency", "pricingCurrency",
    "costInBillingCurrency", "costInPricingCurrency", "costInUsd", "paygCostInBillingCurrency", "paygCostInUsd",
    "exchangeRatePricingToBilling", "exchangeRateDate", "isAzureCreditEligible", "serviceInfo1", "serviceInfo2",
    "additionalInfo", "tags", "PayGPrice", "frequency", "term", "reservationId", "reservationName", "pricingModel",
    "unitPrice", "costAllocationRuleName", "benefitId", "benefitName", "provider",
)  # fmt: skip

RESERVATION = "/providers/Microsoft.Capacity/reservationOrders/O1/reservations/R1"
PLAN = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/O2/savingsPlans/P2"

_ROW: Mapping[str, str] = {
    "SubscriptionId": SUBSCRIPTION.upper(),
    "SubscriptionName": "shop-prod",
    "ResourceGroup": "rg-shop",
    "ResourceGroupName": "rg-shop",
    "ResourceLocation": "West Europe",
    "Date": "03/01/2026",
    "ProductName": "Virtual Machines Ddsv5 Series - D4ds v5 - EU West",
    "MeterCategory": "Virtual Machines",
    "MeterSubCategory": "Ddsv5 Series",
    "MeterId": "14fc9a21-4919-4cb1-b495-5666966556bc",
    "MeterName": "D4ds v5",
    "UnitOfMeasure": "100 Hours",
    "Quantity": "24",
    "UnitPrice": "20",
    "PayGPrice": "25",
    "ResourceId": f"{SCOPE}/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/Web-1",
    "Tags": '"team": "shop"',
    "ChargeType": "Usage",
    "Frequency": "UsageBased",
    "PricingModel": "OnDemand",
    "PublisherType": "Azure",
    "BillingAccountId": "0086034127",
    "BillingAccountName": "Contoso",
    "BillingCurrencyCode": "EUR",
    "BillingCurrency": "EUR",
    "BillingPeriodStartDate": "03/01/2026",
    "BillingPeriodEndDate": "03/31/2026",
    "ServiceFamily": "Compute",
}


def native(cost: str, agreement: Sequence[str] = EA, **values: str) -> dict[str, str]:
    """One row; ``values`` by the names of enterprise agreements."""
    given = {**_ROW, "CostInBillingCurrency": cost, **values}
    by_name = {name.lower(): value for name, value in given.items()}
    return {name: by_name.get(name.lower(), "") for name in agreement}


def native_csv(*rows: Mapping[str, str], compressed: bool = True) -> bytes:
    text = b"\xef\xbb\xbf" + pl.DataFrame(list(rows)).write_csv().encode()
    return gzip.compress(text) if compressed else text


def native_parquet(*rows: Mapping[str, str]) -> bytes:
    """Typed, as Parquet exports are: costs and quantities are doubles, dates are timestamps."""
    numbers = {"quantity", "unitprice", "paygprice", "costinbillingcurrency", "effectiveprice"}
    frame = pl.DataFrame(list(rows))
    columns: list[Any] = []
    for name in frame.columns:
        if name.lower() in numbers:
            columns.append(pl.col(name).cast(pl.Float64, strict=False))
        elif name.lower() in {"date", "billingperiodstartdate", "billingperiodenddate"}:
            columns.append(pl.col(name).str.to_datetime("%m/%d/%Y", time_unit="ms"))
        else:
            columns.append(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name))
    buffer = io.BytesIO()
    frame.select(columns).write_parquet(buffer)
    return buffer.getvalue()
