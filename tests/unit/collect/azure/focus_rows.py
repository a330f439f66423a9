"""Rows as Azure's FOCUS exports write them: every column of the dataset's own schema, in CSV or Parquet."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl

from finops.model.period import month_start

Form = Literal["csv", "csv.gz", "parquet", "snappy.parquet"]
Version = Literal["1.0", "1.0r2", "1.2-preview", "1.2"]

SCHEMAS = Path(__file__).parents[3] / "data" / "azure"
SUBSCRIPTION = "00000000-0000-0000-0000-00000000a001"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"

_TYPES: dict[str, pl.DataType] = {
    "Decimal": pl.Decimal(38, 18),
    "DateTime": pl.Datetime("ms"),
    "Boolean": pl.Boolean(),
    "Number": pl.Int32(),
}

# one virtual machine's day of an enterprise agreement
ROW: dict[str, Any] = {
    "BillingAccountId": "/providers/Microsoft.Billing/billingAccounts/0086034127",
    "BillingAccountName": "Contoso",
    "BillingCurrency": "EUR",
    "ChargeCategory": "Usage",
    "ChargeDescription": "Virtual Machines Ddsv5 Series - D4ds v5 - EU West",
    "ChargeFrequency": "Usage-Based",
    "ConsumedUnit": "Hours",
    "PricingCategory": "Standard",
    "PricingUnit": "Hours",
    "ProviderName": "Microsoft",
    "PublisherName": "Microsoft",
    "InvoiceIssuerName": "Microsoft",
    "RegionId": "westeurope",
    "RegionName": "West Europe",
    "ResourceId": f"{SCOPE}/resourcegroups/rg-shop/providers/microsoft.compute/virtualmachines/web-1",
    "ResourceName": "web-1",
    "ResourceType": "Virtual machine",
    "ServiceCategory": "Compute",
    "ServiceName": "Virtual Machines",
    "SkuId": "DZH318Z08MC7",
    "SkuPriceId": "DZH318Z08MC7_0042",
    "SubAccountId": SCOPE,
    "SubAccountName": "shop-prod",
    "Tags": '{"team":"shop"}',
    "x_AccountId": "-2",
    "x_AccountName": "Unassigned",
    "x_PublisherCategory": "Cloud Provider",
    "x_SkuMeterName": "D4ds v5",
    "x_SkuMeterSubcategory": "Ddsv5 Series",
}


def line(cost: str = "1.5", *, day: int = 1, month: date = date(2026, 3, 1), **values: Any) -> dict[str, Any]:
    """One row: a charge of ``cost`` on that day of the month, with these values instead."""
    amount = Decimal(cost)
    start = datetime(month.year, month.month, day, tzinfo=UTC)
    costs = dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), amount)
    periods = {
        "BillingPeriodStart": datetime(month.year, month.month, 1, tzinfo=UTC),
        "BillingPeriodEnd": datetime.combine(month_start(month, 1), datetime.min.time(), UTC),
        "ChargePeriodStart": start,
        "ChargePeriodEnd": start + timedelta(days=1),
    }
    return {**ROW, **costs, **periods, **values}


def columns(version: Version) -> dict[str, pl.DataType]:
    """Names and Parquet types of the dataset; its schema calls ConsumedUnit a decimal, exports write text."""
    schema = "1.0" if version.startswith("1.0") else "1.2-preview"
    listed = json.loads((SCHEMAS / f"FocusCost_{schema}.json").read_text())["Columns"]
    types = {column["ColumnName"]: _TYPES.get(column["DataType"], pl.String()) for column in listed}
    return {**types, "ConsumedUnit": pl.String()}


def blob(rows: list[dict[str, Any]], form: Form, version: Version = "1.2-preview") -> bytes:
    """``rows`` in one file. Azure's CSV of 1.0 writes times without seconds, later versions with."""
    types = columns(version)
    unknown = {name for row in rows for name in row} - types.keys()
    assert not unknown - {"InvoiceId"}, unknown
    moments = {name for name, dtype in types.items() if dtype == pl.Datetime}
    kept = [
        {n: v.replace(tzinfo=None) if n in moments and v else v for n, v in row.items() if n in types} for row in rows
    ]
    frame = pl.DataFrame(
        {name: pl.Series([row.get(name) for row in kept], dtype=dtype) for name, dtype in types.items()}
    )
    buffer = io.BytesIO()
    if form.endswith("parquet"):
        frame.write_parquet(buffer, compression="snappy")
        return buffer.getvalue()
    written = "%Y-%m-%dT%H:%MZ" if version == "1.0" else "%Y-%m-%dT%H:%M:%SZ"
    text = frame.with_columns(pl.col(name).dt.strftime(written) for name in moments).write_csv()
    content = b"\xef\xbb\xbf" + text.encode()
    return gzip.compress(content) if form == "csv.gz" else content
