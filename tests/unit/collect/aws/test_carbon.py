"""AWS's carbon export on a real S3 server (moto): months, model versions, methods, faults."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from finops.collect.aws import CarbonExport, CarbonExportOptions
from finops.errors import FinopsError, NotFound, RefusedBatch, Unreachable

Put = Callable[..., None]


def table(month: date, *tons: float, unit: str = "MTCO2e", **columns: Any) -> pl.DataFrame:
    """Rows as the table CARBON_EMISSIONS has them, one a value."""
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "model_version": "v3.0.0",
            "usage_account_id": "000123456789",
            "product_code": "AmazonEC2",
            "region_code": "eu-central-1",
            "usage_period_start": start,
            "usage_period_end": start.replace(day=28),
            "total_mbm_emissions_value": list(tons),
            "total_mbm_emissions_unit": unit,
            "total_lbm_emissions_value": [one * 2 for one in tons],
            "total_lbm_emissions_unit": unit,
            **columns,
        }
    )


@pytest.fixture
def put(s3_bucket: str, moto_server: Any) -> Put:
    client = moto_server.client()

    def put(
        frame: pl.DataFrame, month: str, *, version: str = "v3.0.0", form: str = "parquet", there: bool = True
    ) -> None:
        data = f"carbon/monthly/data/model_version={version}/USAGE_PERIOD={month}/monthly-00001"
        if form == "parquet":
            key, buffer = f"{data}.snappy.parquet", io.BytesIO()
            frame.write_parquet(buffer)
            content = buffer.getvalue()
        else:
            key = f"{data}.csv.gz"
            content = gzip.compress(frame.write_csv().encode())
        if there:
            client.put_object(Bucket=s3_bucket, Key=key, Body=content)
        folder = f"carbon/monthly/metadata/model_version={version}/USAGE_PERIOD={month}"
        text = json.dumps({"dataFiles": [f"s3://{s3_bucket}/{key}"]})
        client.put_object(Bucket=s3_bucket, Key=f"{folder}/monthly-Manifest.json", Body=text.encode())

    return put


@pytest.fixture
def source(s3_bucket: str) -> Callable[..., CarbonExport]:
    def make(**options: str) -> CarbonExport:
        given = {"bucket": s3_bucket, "prefix": "carbon/", "export": "monthly", **options}
        return CarbonExport.from_options("aws", CarbonExportOptions.model_validate(given), base=Path())

    return make


def grams(source: CarbonExport) -> dict[date, Decimal]:
    delivery = source.read(None)
    assert delivery is not None
    sums = delivery.frame.group_by("start").agg(pl.col("grams").sum()).sort("start")
    return dict(sums.iter_rows())


def test_months_become_rows_in_grams(put: Put, source: Callable[..., CarbonExport]) -> None:
    put(table(date(2026, 8, 1), 0.0123456789, 0.5), "2026-08")
    put(table(date(2026, 9, 1), 0.25), "2026-09", form="csv")
    delivery = source().read(None)
    assert delivery is not None
    first = delivery.frame.row(0, named=True)
    assert (first["start"], first["end"], first["grams"]) == (date(2026, 8, 1), date(2026, 9, 1), Decimal("12345.6789"))
    assert (first["ServiceProviderName"], first["SubAccountId"]) == ("AWS", "000123456789")
    assert (first["ServiceName"], first["RegionId"], first["Tags"]) == ("AmazonEC2", "eu-central-1", None)
    assert grams(source()) == {date(2026, 8, 1): Decimal("512345.6789"), date(2026, 9, 1): Decimal(250_000)}


def test_a_month_counts_once_by_the_newest_model_version(put: Put, source: Callable[..., CarbonExport]) -> None:
    put(table(date(2026, 8, 1), 9.0), "2026-08", version="v3.9.0")
    put(table(date(2026, 8, 1), 1.0), "2026-08", version="v3.10.0")
    put(table(date(2026, 7, 1), 2.0), "2026-07", version="v3.9.0")
    assert grams(source()) == {date(2026, 7, 1): Decimal(2_000_000), date(2026, 8, 1): Decimal(1_000_000)}


def test_one_way_to_count_electricity_is_read(put: Put, source: Callable[..., CarbonExport]) -> None:
    put(table(date(2026, 8, 1), 1.0), "2026-08")
    assert grams(source(method="location-based")) == {date(2026, 8, 1): Decimal(2_000_000)}


def test_nothing_new_is_not_downloaded(put: Put, source: Callable[..., CarbonExport]) -> None:
    put(table(date(2026, 8, 1), 1.0), "2026-08")
    first = source().read(None)
    assert first is not None
    again = source()
    assert again.read(first.digest) is None
    assert again.usage.requests == 1, "one listing"
    assert source(method="location-based").read(first.digest) is not None


def test_rows_without_an_estimate_are_left_out(put: Put, source: Callable[..., CarbonExport]) -> None:
    frame = table(date(2026, 8, 1), 1.0, 2.0).with_columns(
        pl.Series("total_mbm_emissions_value", [1.0, None]), pl.Series("total_mbm_emissions_unit", ["MTCO2e", None])
    )
    put(frame, "2026-08")
    assert grams(source()) == {date(2026, 8, 1): Decimal(1_000_000)}


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (table(date(2026, 8, 1), 1.0).drop("usage_account_id"), "columns missing: usage_account_id"),
        (
            table(date(2026, 8, 1), 1.0, unit="kgCO2e"),
            "row 1, column total_mbm_emissions_unit: the unit 'kgCO2e' is not",
        ),
        (
            table(date(2026, 8, 1), 1.0, usage_period_start="August"),
            "row 1, column usage_period_start: 'August' is not a valid date",
        ),
        (
            table(date(2026, 8, 1), 1.0).with_columns(total_mbm_emissions_value=pl.lit("much")),
            "row 1, column total_mbm_emissions_value: 'much' is not a valid number",
        ),
    ],
)
def test_a_file_that_is_no_carbon_export_is_refused_with_its_place(
    put: Put, source: Callable[..., CarbonExport], frame: pl.DataFrame, message: str
) -> None:
    put(frame, "2026-08")
    with pytest.raises(RefusedBatch) as caught:
        source().read(None)
    assert message in str(caught.value)
    assert "monthly-00001" in str(caught.value)
    (check,) = source().check()
    assert not check.passed


def test_a_file_that_is_not_there_yet_is_tried_again(put: Put, source: Callable[..., CarbonExport]) -> None:
    put(table(date(2026, 8, 1), 1.0), "2026-08", there=False)
    with pytest.raises(Unreachable):
        source().read(None)


def test_no_export(source: Callable[..., CarbonExport]) -> None:
    with pytest.raises(NotFound) as caught:
        source().read(None)
    assert "carbon/monthly/metadata" in caught.value.where
    (check,) = source().check()
    assert not check.passed


def test_checks_tell_how_far_it_reaches(put: Put, source: Callable[..., CarbonExport]) -> None:
    put(table(date(2026, 9, 1), 1.0), "2026-09")
    (check,) = source().check()
    assert (check.passed, check.detail) == (True, "1 row in 2026-09, through 2026-09-30")


def test_a_refused_listing_is_an_error_of_ours(
    source: Callable[..., CarbonExport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(FinopsError):
        source(endpoint="http://127.0.0.1:9").read(None)
