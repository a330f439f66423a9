"""OCI's FOCUS reports in a bucket, through an S3-compatible API, as ``docs/sources/other-providers.md`` describes."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from finops.collect.files import FocusFiles
from finops.collect.files.source import FocusFilesOptions
from finops.focus.delivery import deliver
from tests.servers.moto import S3Server

HEADER = (
    "AvailabilityZone,BilledCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,"
    "ChargeCategory,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,ChargeSubcategory,EffectiveCost,"
    "InvoiceIssuer,ListCost,PricingQuantity,PricingUnit,Provider,Publisher,Region,ResourceId,ServiceCategory,ServiceName,"
    "SkuId,SubAccountId,SubAccountName,Tags,UsageQuantity,UsageUnit,oci_ReferenceNumber"
)


def report(day: int, cost: str) -> bytes:
    hour = f"2026-04-{day:02}T01:00Z,2026-04-{day:02}T00:00Z"
    line = (
        f",{cost},100200,shop,USD,2026-05-01T00:00Z,2026-04-01T00:00Z,Usage,Block volume,Usage-Based,{hour},"
        f"On-Demand,{cost},Oracle,{cost},1,GB Months,Oracle,Oracle,eu-frankfurt-1,ocid1.volume,Storage,"
        'Block Volume,B91961,ocid1.compartment,prod,"{""Owner"": ""ada""}",1,GB Months,jx7t=='
    )
    return gzip.compress(f"{HEADER}\n{line}\n".encode())


def test_reports_of_several_days_are_one_month(s3_bucket: str, moto_server: S3Server, tmp_path: Path) -> None:
    client = moto_server.client()
    for day, cost in ((3, "0.0125"), (4, "0.5")):
        key = f"FOCUS Reports/2026/04/{day:02}/0001-00001.csv.gz"
        client.put_object(Bucket=s3_bucket, Key=key, Body=report(day, cost))
    options = FocusFilesOptions(path=f"s3://{s3_bucket}/FOCUS Reports/", endpoint=moto_server.endpoint)
    source = FocusFiles.from_options("oci", options, base=tmp_path)
    delivery = deliver("oci", source.discover({}).offers)
    rows = delivery.rows.collect(engine="streaming").sort("BilledCost")
    delivery.verify()
    assert rows["BilledCost"].sum() == Decimal("0.5125")
    row = rows.row(0, named=True)
    expected = {
        "BillingPeriodStart": datetime(2026, 4, 1, tzinfo=UTC),
        "BilledCost": Decimal("0.0125"),
        "ServiceProviderName": "Oracle",
        "InvoiceIssuerName": "Oracle",
        "RegionId": "eu-frankfurt-1",
        "ConsumedQuantity": Decimal(1),
        "ConsumedUnit": "GB Months",
        "ServiceName": "Block Volume",
        "SubAccountId": "ocid1.compartment",
        "Tags": '{"Owner":"ada"}',
        "x_oci_ReferenceNumber": "jx7t==",
    }
    assert {name: row[name] for name in expected} == expected
