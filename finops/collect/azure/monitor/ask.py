"""Asks Azure Monitor for the daily values of one metric.

The library is azure-mgmt-monitor: azure-monitor-query has given up metrics with 2.0, and azure-monitor-querymetrics
asks a region's endpoint, and wants rights on the whole subscription.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from finops.collect.azure.identity import EntraCredential
from finops.collect.azure.monitor.options import AzureMonitorDemandOptions
from finops.collect.azure.patience import Wait, patiently
from finops.collect.azure.refusal import refusal
from finops.objectstore.sdk import SdkConnections, azure_transport
from finops.ports.clock import Clock

PERMISSION = "Microsoft.Insights/metrics/read"
ROLE = "Monitoring Reader"

_MOST_SERIES = 1_000
"""Combinations of dimensions in one answer; without a number Azure gives ten."""

Metric = Mapping[str, Any]


class Metrics:
    """One resource's metric. Waits only through ``wait``."""

    def __init__(
        self,
        options: AzureMonitorDemandOptions,
        credential: EntraCredential,
        *,
        clock: Clock,
        where: str,
        wait: Wait = time.sleep,
    ) -> None:
        self._options = options
        self._credential = credential
        self._clock = clock
        self._where = where
        self._wait = wait
        self._client: Any = None

    def daily(self, first: date, end: date) -> list[Metric]:
        """The answer's ``value``: one entry for the metric. Days from ``first`` up to, not including, ``end``.

        Shape: "Metrics - List", learn.microsoft.com/rest/api/monitor/metrics/list. Raises ``Throttled``,
        ``Unreachable``, ``AccessDenied``, ``NotFound``, ``RefusedBatch``.
        """
        return patiently(lambda: self._once(first, end), self._wait)

    def _once(self, first: date, end: date) -> list[Metric]:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - slow to import, and only for Azure

        options = self._options
        split = {"filter": " and ".join(f"{name} eq '*'" for name in options.dimensions), "top": _MOST_SERIES}
        try:
            text: str = self._open().metrics.list(
                options.resource.lstrip("/"),
                timespan=f"{first}T00:00:00Z/{end}T00:00:00Z",
                interval="P1D",
                metricnames=options.metric,
                aggregation=options.aggregation,
                metricnamespace=options.namespace,
                cls=lambda response, _result, _headers: response.http_response.text(),
                enforce_https=not (options.endpoint or "").startswith("http://"),
                **(split if options.dimensions else {}),
            )
        except AzureError as error:
            now = self._clock.now()
            raise refusal(error, self._where, permission=PERMISSION, now=now, role=ROLE) from error
        found = json.loads(text, parse_float=Decimal).get("value")
        return list(found) if isinstance(found, list) else []

    def _open(self) -> Any:
        if self._client is None:
            from azure.mgmt.monitor import MonitorManagementClient  # noqa: PLC0415 - slow, and only for Azure

            subscription = self._options.resource.split("/")[2]
            # our own patience tries again: the SDK's sleeps by itself
            self._client = MonitorManagementClient(
                self._credential,
                subscription,
                base_url=self._options.endpoint,
                retry_total=0,
                transport=azure_transport(SdkConnections(self._where)),
            )
        return self._client


def spans(first: date, end: date) -> list[tuple[date, date]]:
    """Days in pieces of at most 30, the longest that Azure answers at once ("Azure Monitor Metrics overview")."""
    piece = timedelta(days=30)
    found = []
    while first < end:
        found.append((first, min(first + piece, end)))
        first = found[-1][1]
    return found
