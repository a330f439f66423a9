"""Demand kind ``cloudwatch``: one metric, one value a UTC day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel

from finops.collect.aws.cloudwatch_options import CloudWatchDemandOptions
from finops.collect.aws.failures import aws_failures
from finops.collect.aws.session import aws_client
from finops.collect.demand.series import DAY, VALUE, OnceADay, same_definition, series_digest, series_frame
from finops.errors import FinopsError, RefusedBatch, Unreachable
from finops.model.money import quantise
from finops.model.wording import count_text
from finops.ports.clock import Clock
from finops.ports.source import Check, DemandDelivery

_A_DAY = timedelta(days=1)
_PERMISSION = "cloudwatch:GetMetricData"
_BOUND = Decimal(10) ** 23


class CloudWatchDemand:
    """One series from GetMetricData with a period of a day, which CloudWatch aligns with UTC days.

    The value of a day is that of its 24 hours; today has not ended and is never asked for. Each reading asks for all
    days again, so that points that came late correct their days. A day without points has no value: it is missing.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
    """

    kind: ClassVar[str] = "cloudwatch"
    Options: ClassVar[type[BaseModel]] = CloudWatchDemandOptions

    def __init__(self, name: str, options: CloudWatchDemandOptions, *, clock: Clock) -> None:
        self.name = name
        self._options = options
        self._unit = options.unit or name
        self._clock = clock
        self._where = f"demand {name}, CloudWatch {options.namespace} {options.metric}"

    @classmethod
    def from_options(cls, name: str, options: CloudWatchDemandOptions, *, clock: Clock) -> CloudWatchDemand:
        return cls(name, options, clock=clock)

    def read(self, known_digest: str | None) -> DemandDelivery | None:
        """The days that CloudWatch has, or None when they are the known ones.

        Raises ``RefusedBatch`` for an answer without any value, and what asking raises.
        """
        first, frame = self._read()
        definition = (*self._options.definition, self._unit)
        digest = series_digest(frame, *definition)
        if digest == known_digest:
            return None
        # days before the first one that is asked for stay in the lake, unless they were another series
        kept = same_definition(known_digest, *definition)
        return DemandDelivery(frame, digest, self._unit, whole_from=first if kept else None)

    def check(self) -> Sequence[Check]:
        try:
            _, frame = self._read()
        except FinopsError as error:
            return [Check(self._options.metric, passed=False, detail=str(error))]
        days = f"{count_text(frame.height, 'day')} from {frame[DAY][0]} to {frame[DAY][-1]}"
        detail = f"{days}; each reading costs at most a hundredth of a cent"
        return [Check(self._options.metric, passed=True, detail=detail)]

    def _read(self) -> tuple[date, pl.DataFrame]:
        """The first day asked for, and the days that were answered: at least one."""
        today = self._clock.now().astimezone(UTC).date()
        first = max(self._options.since or date.min, today - self._options.days * _A_DAY)
        if first >= today:
            what = f"since: {first} is not before today, {today}"
            raise RefusedBatch(what, where=self._where, remedy="Only past days are read")
        once = OnceADay()
        rows: list[dict[str, object]] = []
        for at, value in self._points(first, today):
            row: dict[str, object] = {DAY: at.astimezone(UTC).date(), VALUE: self._value(at, value)}
            once.check(row, len(rows) + 1, self._where)
            rows.append(row)
        if not rows:
            raise RefusedBatch(
                f"no value for any day from {first} to {today - _A_DAY}",
                where=self._where,
                remedy="Check region, namespace, metric, metric_unit, and that dimensions lists all of them",
            )
        return first, series_frame(rows, ())

    def _points(self, first: date, end: date) -> Iterator[tuple[datetime, float]]:
        asked: dict[str, Any] = {
            "StartTime": datetime.combine(first, time(), UTC),
            "EndTime": datetime.combine(end, time(), UTC),
            "ScanBy": "TimestampAscending",
            "MetricDataQueries": [{"Id": "series", "MetricStat": self._metric(), "ReturnData": True}],
        }
        while True:
            with aws_failures(self._where, _PERMISSION):
                answer: Mapping[str, Any] = self._client.get_metric_data(**asked)
            for result in answer.get("MetricDataResults", ()):
                if result.get("StatusCode") in {"Forbidden", "InternalError"}:
                    what = f"CloudWatch answered {result['StatusCode']}"
                    raise Unreachable(what, where=self._where, remedy=f"Check {_PERMISSION}, and try again")
                yield from zip(result["Timestamps"], result["Values"], strict=True)
            if not answer.get("NextToken"):
                return
            asked["NextToken"] = answer["NextToken"]

    def _metric(self) -> dict[str, Any]:
        options = self._options
        metric = {
            "Namespace": options.namespace,
            "MetricName": options.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(options.dimensions.items())],
        }
        unit = {"Unit": options.metric_unit} if options.metric_unit else {}
        return {"Metric": metric, "Period": int(_A_DAY.total_seconds()), "Stat": options.statistic, **unit}

    def _value(self, at: datetime, value: float) -> Decimal:
        exact = Decimal(repr(value))
        if not exact.is_finite() or abs(exact) >= _BOUND:
            raise RefusedBatch(
                f"'{value}' is not a valid number", where=f"{self._where}, {at:%Y-%m-%d}", remedy="Report this"
            )
        return quantise(exact)

    @cached_property
    def _client(self) -> Any:
        options = self._options
        with aws_failures(self._where, _PERMISSION):
            return aws_client("cloudwatch", where=self._where, endpoint=options.endpoint, region=options.region)
