"""Bills in a provider's own format among FOCUS files, and files beside bills."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from finops.collect.files import FocusFiles
from finops.collect.formats.recognise import Format, recognise
from finops.errors import RefusedBatch
from finops.focus.delivery import deliver
from finops.ports.records import Dataset

OCI = {
    "lineItem/referenceNo": "V2.x==",
    "lineItem/tenantId": "ocid1.tenancy.oc1..a",
    "lineItem/intervalUsageStart": "2026-05-03T10:00Z",
    "lineItem/intervalUsageEnd": "2026-05-03T11:00Z",
    "product/service": "COMPUTE",
    "product/compartmentId": "ocid1.compartment.oc1..b",
    "product/resourceId": "ocid1.instance.oc1..c",
    "usage/billedQuantity": "2",
    "cost/productSku": "B93113",
    "cost/unitPrice": "0.025",
    "cost/myCost": "0.05",
    "cost/currencyCode": "EUR",
    "lineItem/isCorrection": "false",
    "tags/team": "shop",
    "tags/Oracle-Tags.CreatedBy": "",
}
CUR = {
    "bill_billing_period_start_date": "2026-05-01T00:00:00.000Z",
    "bill_billing_period_end_date": "2026-06-01T00:00:00.000Z",
    "bill_payer_account_id": "000000000001",
    "line_item_usage_account_id": "000000000002",
    "line_item_currency_code": "EUR",
    "line_item_line_item_type": "Usage",
    "line_item_usage_start_date": "2026-05-03T10:00:00.000Z",
    "line_item_usage_end_date": "2026-05-03T11:00:00.000Z",
    "line_item_unblended_cost": "0.05",
    "resource_tags": '{"user_team":"shop"}',
}
LEGACY = {
    **{
        name.replace("bill_", "bill/", 1).replace("line_item_", "lineItem/", 1): value
        for name, value in {
            "bill_BillingPeriodStartDate": "2026-05-01T00:00:00Z",
            "bill_BillingPeriodEndDate": "2026-06-01T00:00:00Z",
            "bill_PayerAccountId": "000000000001",
            "line_item_UsageAccountId": "000000000002",
            "line_item_CurrencyCode": "EUR",
            "line_item_LineItemType": "Usage",
            "line_item_UsageStartDate": "2026-05-03T10:00:00Z",
            "line_item_UsageEndDate": "2026-05-03T11:00:00Z",
            "line_item_UnblendedCost": "0.05",
        }.items()
    },
    "resourceTags/user:team": "shop",
}
AZURE = {
    "SubscriptionId": "s-1",
    "Date": "05/03/2026",
    "MeterCategory": "Storage",
    "UnitOfMeasure": "10K",
    "Quantity": "1",
    "EffectivePrice": "0.05",
    "CostInBillingCurrency": "0.05",
    "BillingCurrencyCode": "EUR",
    "ChargeType": "Usage",
    "BillingPeriodStartDate": "05/01/2026",
    "BillingPeriodEndDate": "05/31/2026",
    "Tags": '"team": "shop"',
}


def written(folder: Path, row: dict[str, str], name: str = "bill.csv") -> FocusFiles:
    pl.DataFrame([row]).write_csv(folder / name)
    return FocusFiles("bills", ["."], base=folder)


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (OCI, "OCI cost report"),
        (CUR, "AWS Cost and Usage Report 2.0"),
        (LEGACY, "legacy AWS Cost and Usage Report"),
        (AZURE, "Azure cost and usage details"),
    ],
    ids=["oci", "cur", "legacy cur", "azure"],
)
def test_a_provider_s_own_bill_is_converted(tmp_path: Path, row: dict[str, str], what: str) -> None:
    delivery = deliver("bills", written(tmp_path, row).discover({}).offers)
    (found,) = delivery.rows.collect(engine="streaming").rows(named=True)
    assert (found["BilledCost"], found["EffectiveCost"]) == (Decimal("0.05"), Decimal("0.05"))
    assert (found["BillingCurrency"], found["Tags"]) == ("EUR", '{"team":"shop"}')
    assert f"{found['ChargePeriodStart']:%Y-%m-%d} {found['billing_period']}" == "2026-05-03 2026-05-01"
    assert delivery.verify().repaired[f"file: {what} converted to FOCUS"] == 1


def test_a_correction_of_oracle_is_one(tmp_path: Path) -> None:
    delivery = deliver("bills", written(tmp_path, {**OCI, "lineItem/isCorrection": "TRUE"}).discover({}).offers)
    assert delivery.rows.collect()["ChargeClass"].to_list() == ["Correction"]


@pytest.mark.parametrize(
    ("columns", "dataset"),
    [
        (["ContractCommitmentId", "ContractCommitmentCost"], Dataset.CONTRACT_COMMITMENT),
        (["BillingPeriodStart", "BillingPeriodStatus", "InvoiceIssuerName"], Dataset.BILLING_PERIOD),
        (["BilledCost", "BillingPeriodStart", "ChargeCategory", "InvoiceDetailId"], Dataset.INVOICE_DETAIL),
    ],
)
def test_another_dataset_is_no_bill_and_offered_as_what_it_is(
    tmp_path: Path, columns: list[str], dataset: Dataset
) -> None:
    source = written(tmp_path, CUR)
    written(tmp_path, dict.fromkeys(columns, "x"), "beside.csv")
    discovery = source.discover({})
    assert [part.name for offer in discovery.offers for part in offer.parts] == ["bill.csv"]
    [offered] = discovery.datasets
    assert (offered.dataset, [part.name for part in offered.parts]) == (dataset, ["beside.csv"])
    assert discovery.notes == ()


def test_what_holds_no_charges_is_left_out_and_named(tmp_path: Path) -> None:
    source = written(tmp_path, CUR)
    written(tmp_path, dict.fromkeys(["lineItem/tenantId", "usage/billedQuantity"], "x"), "beside.csv")
    discovery = source.discover({})
    assert [part.name for offer in discovery.offers for part in offer.parts] == ["bill.csv"]
    assert discovery.notes == ("beside.csv: skipped, a OCI usage report file contains no charges",)


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (["chargePeriodStart", "\ufeffBilledCost"], Format.COST_AND_USAGE),
        (["BilledCost", "ChargePeriodStart", "InvoiceDetailId"], Format.COST_AND_USAGE),
        (["Kosten (CostInBillingCurrency)", "Kategorie (MeterCategory)"], Format.AZURE_DETAILS),
        (["billing_account_id", "usage_start_time", "cost", "currency"], Format.GCP_EXPORT),
        (["day", "value"], Format.UNKNOWN),
    ],
)
def test_a_format_is_told_by_its_columns(columns: list[str], found: Format) -> None:
    assert recognise(columns) is found


def test_what_is_not_converted_is_refused_with_a_way_in(tmp_path: Path) -> None:
    row = dict.fromkeys(["billing_account_id", "usage_start_time", "cost", "currency"], "x")
    with pytest.raises(
        RefusedBatch, match=r"the columns of Google Cloud billing export, not of FOCUS\. Collect Google's"
    ):
        written(tmp_path, row).discover({})
