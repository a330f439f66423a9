"""Demand from CloudWatch (moto): days as AWS counts them, missing ones missing, late points counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from finops.collect.aws import CloudWatchDemand, CloudWatchDemandOptions
from finops.errors import AccessDenied, FinopsError, RefusedBatch, Throttled, Unreachable
from finops.ports.source import DemandDelivery
from tests.servers.moto import S3Server

TODAY = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
"""CloudWatch takes no points older than two weeks, so these tests live today."""


class Clock:
    def now(self) -> datetime:
        return TODAY


def day(ago: int) -> date:
    return TODAY.date() - timedelta(days=ago)


@pytest.fixture
def cloudwatch(moto_server: S3Server, s3_bucket: str) -> Any:
    """moto's CloudWatch, and a namespace of its own; this process is signed in."""
    import boto3

    client = boto3.client("cloudwatch", endpoint_url=moto_server.endpoint)

    def put(value: float, *, ago: int, hour: int = 12, unit: str = "Count", **dimensions: str) -> None:
        at = datetime(day(ago).year, day(ago).month, day(ago).day, hour, 59, 59, tzinfo=UTC)
        named = [{"Name": name, "Value": text} for name, text in dimensions.items()]
        datum = {"MetricName": "Requests", "Timestamp": at, "Value": value, "Unit": unit, "Dimensions": named}
        client.put_metric_data(Namespace=s3_bucket, MetricData=[datum])

    put.namespace = s3_bucket  # type: ignore[attr-defined]
    return put


def series(endpoint: str, namespace: str, **options: Any) -> CloudWatchDemand:
    asked = CloudWatchDemandOptions(namespace=namespace, metric="Requests", endpoint=endpoint, **options)
    return CloudWatchDemand.from_options("requests", asked, clock=Clock())


def days(delivery: DemandDelivery | None) -> dict[date, Decimal]:
    assert delivery is not None
    return dict(delivery.frame.iter_rows())


def test_a_day_is_the_sum_of_its_hours_and_a_missing_day_is_missing(cloudwatch: Any, moto_server: S3Server) -> None:
    for value, ago, hour in ((1, 3, 0), (2.5, 3, 23), (4, 1, 0), (99, 0, 0)):
        cloudwatch(value, ago=ago, hour=hour)
    found = series(moto_server.endpoint, cloudwatch.namespace, unit="requests").read(None)
    assert days(found) == {day(3): Decimal("3.5"), day(1): Decimal(4)}
    assert found is not None
    assert (found.unit, found.whole_from) == ("requests", None)


def test_the_same_points_are_not_delivered_again_and_late_ones_are(cloudwatch: Any, moto_server: S3Server) -> None:
    cloudwatch(1, ago=2)
    demand = series(moto_server.endpoint, cloudwatch.namespace, days=5)
    first = demand.read(None)
    assert first is not None
    assert demand.read(first.digest) is None
    cloudwatch(2, ago=2, hour=13)
    late = demand.read(first.digest)
    assert days(late) == {day(2): Decimal(3)}
    assert late is not None
    assert late.whole_from == day(5)


def test_only_the_named_dimensions_are_counted(cloudwatch: Any, moto_server: S3Server) -> None:
    cloudwatch(1, ago=1, Shop="east")
    cloudwatch(2, ago=1, Shop="west")
    found = series(moto_server.endpoint, cloudwatch.namespace, dimensions={"Shop": "west"}).read(None)
    assert days(found) == {day(1): Decimal(2)}


@pytest.mark.parametrize(("statistic", "expected"), [("Average", "2"), ("Maximum", "3"), ("SampleCount", "2")])
def test_statistics(cloudwatch: Any, moto_server: S3Server, statistic: str, expected: str) -> None:
    cloudwatch(1, ago=1)
    cloudwatch(3, ago=1, hour=13)
    found = series(moto_server.endpoint, cloudwatch.namespace, statistic=statistic).read(None)
    assert days(found) == {day(1): Decimal(expected)}


def test_a_metric_that_says_nothing_is_an_error_that_says_so(cloudwatch: Any, moto_server: S3Server) -> None:
    demand = series(moto_server.endpoint, cloudwatch.namespace)
    with pytest.raises(RefusedBatch, match="no value for any day") as caught:
        demand.read(None)
    assert "dimensions" in caught.value.remedy
    (check,) = demand.check()
    assert not check.passed


def test_a_check_says_which_days_there_are(cloudwatch: Any, moto_server: S3Server) -> None:
    cloudwatch(1, ago=2)
    (check,) = series(moto_server.endpoint, cloudwatch.namespace).check()
    assert check.passed
    assert f"from {day(2)} to {day(2)}" in check.detail


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "AccessDenied", AccessDenied),
        (403, "ExpiredToken", AccessDenied),
        (400, "Throttling", Throttled),
        (500, "InternalServiceFault", Unreachable),
    ],
)
def test_refusals_are_errors_of_ours(
    httpserver: HTTPServer,
    s3_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    error: type[FinopsError],
) -> None:
    """Errors as https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html names them."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    httpserver.expect_request("/", method="POST").respond_with_json({"__type": code, "message": "refused"}, status)
    with pytest.raises(error) as caught:
        series(httpserver.url_for("/").rstrip("/"), s3_bucket, region="eu-central-1").read(None)
    assert "testing" not in str(caught.value)
    if error is AccessDenied and code == "AccessDenied":
        assert "cloudwatch:GetMetricData" in str(caught.value)


@pytest.mark.parametrize("statistic", ["Summ", "p101", "p", "sum"])
def test_a_statistic_that_is_none_is_refused(statistic: str) -> None:
    with pytest.raises(ValidationError, match="is not a valid statistic"):
        CloudWatchDemandOptions(namespace="a", metric="b", statistic=statistic)
