"""Asks the Cost Management query: paced, tried again, page after page."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from finops.collect.azure.identity import EntraCredential
from finops.collect.azure.patience import Wait, patiently
from finops.collect.azure.refusal import refusal
from finops.errors import FinopsError, RefusedBatch
from finops.objectstore.sdk import SdkConnections, azure_transport
from finops.ports.clock import Clock
from finops.ports.source import Usage

# Keeps requests inside Cost Management's quotas, so that it need not refuse any.
#
# Query processing units (QPU) of a tenant: 12 in 10 seconds, 60 in a minute, 600 in an hour; a query costs one QPU for
# each month of data. Source: "Rate limits" of learn.microsoft.com/azure/cost-management-billing/automate/
# get-small-usage-datasets-on-demand.

QUOTAS = ((timedelta(seconds=10), 12), (timedelta(minutes=1), 60), (timedelta(hours=1), 600))
"""(window, QPU)."""


class Pace:
    """Of one source. Other users of the tenant are not seen: what they use up shows as throttling."""

    def __init__(self, clock: Clock, wait: Wait) -> None:
        self._clock = clock
        self._wait = wait
        self._spent: deque[datetime] = deque()
        self._lock = threading.Lock()

    def take(self, units: int) -> None:
        """Waits until ``units`` QPU may be spent, and spends them."""
        with self._lock:
            now = self._clock.now()
            moment = max([now, *(self._free(window, quota, units) for window, quota in QUOTAS)])
            self._spent.extend([moment] * units)
            while self._spent and self._spent[0] <= moment - QUOTAS[-1][0]:
                self._spent.popleft()
        if moment > now:
            self._wait((moment - now).total_seconds())

    def _free(self, window: timedelta, quota: int, units: int) -> datetime:
        """When the unit that must have left the window leaves it; long ago where none has to."""
        position = len(self._spent) + units - quota - 1
        return (
            self._spent[position] + window if position >= 0 else datetime.min.replace(tzinfo=self._clock.now().tzinfo)
        )


PERMISSION = "Microsoft.CostManagement/query/read"
"""What the POST needs, whatever its verb ("Azure permissions for Management and governance", learn.microsoft.com)."""

CLIENT_TYPE = "finops-verdict"
"""Callers without a ClientType share one quota of the tenant."""

Row = Mapping[str, Any]
"""Column name, lower case -> value; numbers are ``Decimal`` or int."""


class CostManagement:
    """One scope's door to the query. Waits only through ``wait``."""

    def __init__(
        self,
        scope: str,
        credential: EntraCredential,
        *,
        clock: Clock,
        usage: Usage,
        endpoint: str | None = None,
        wait: Wait = time.sleep,
    ) -> None:
        self.scope = scope
        self._credential = credential
        self._endpoint = endpoint
        self._clock = clock
        self._usage = usage
        self._wait = wait
        self._pace = Pace(clock, wait)
        self._client: Any = None

    def rows(self, definition: Mapping[str, Any], *, months: int = 1) -> list[Row]:
        """Every row of every page. ``months`` of data that ``definition`` asks for: what it costs in QPU.

        Raises ``Throttled`` with what Azure wishes, ``Unreachable``, ``AccessDenied``, ``NotFound``, ``RefusedBatch``.
        """
        found: list[Row] = []
        seen: set[str] = set()
        token: str | None = None
        while True:
            answer = self._page(definition, token, months)
            properties = answer.get("properties") or {}
            names = [str(column["name"]).lower() for column in properties.get("columns") or ()]
            found += [dict(zip(names, row, strict=True)) for row in properties.get("rows") or ()]
            token = _skip_token(properties.get("nextLink"))
            if token is None:
                return found
            if token in seen:
                raise RefusedBatch("Azure returns the same page repeatedly", where=self.scope, remedy="Collect again")
            seen.add(token)

    def _page(self, definition: Mapping[str, Any], token: str | None, months: int) -> Mapping[str, Any]:
        def ask() -> Mapping[str, Any]:
            self._pace.take(months)
            return self._once(definition, token)

        return patiently(ask, self._wait)

    def _once(self, definition: Mapping[str, Any], token: str | None) -> Mapping[str, Any]:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - slow to import, and only for Azure

        self._usage.requests += 1
        try:
            text: str | None = self._open().query.usage(
                self.scope.lstrip("/"),
                definition,
                headers={"ClientType": CLIENT_TYPE},
                params={"$skiptoken": token} if token else {},
                cls=lambda response, _result, _headers: (
                    response.http_response.text() if response.http_response.status_code == 200 else None
                ),
                # only an endpoint that finops.yaml names may be plain HTTP
                enforce_https=not (self._endpoint or "").startswith("http://"),
            )
        except AzureError as error:
            raised = self._mapped(error)
            raise raised from error
        # 204: nothing to tell. Numbers as they are written, not as doubles
        answer = json.loads(text, parse_float=Decimal) if text else {}
        return answer if isinstance(answer, Mapping) else {}

    def _mapped(self, error: Any) -> FinopsError:
        found = refusal(error, f"Cost Management query of {self.scope}", permission=PERMISSION, now=self._clock.now())
        self._usage.throttled += getattr(error, "status_code", None) == 429
        return found

    def _open(self) -> Any:
        if self._client is None:
            from azure.mgmt.costmanagement import CostManagementClient  # noqa: PLC0415 - slow, and only for Azure

            # its own retries know no Retry-After but the standard one, and sleep by themselves
            self._client = CostManagementClient(
                self._credential,
                base_url=self._endpoint,
                retry_total=0,
                transport=azure_transport(SdkConnections(f"Cost Management query of {self.scope}")),
            )
        return self._client


def _skip_token(link: str | None) -> str | None:
    if not link:
        return None
    found = parse_qs(urlsplit(link).query).get("$skiptoken")
    return found[0] if found else None
