"""Asks Azure Carbon Optimization: which months there are, and the emissions of each resource in one of them.

Shapes: "Carbon Service - Query Carbon Emission Reports" and "… Data Available Date Range" of
learn.microsoft.com/rest/api/carbon; a report of items is asked for one month at a time, in kgCO2E.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from finops.collect.azure.identity import EntraCredential
from finops.collect.azure.patience import Wait, patiently
from finops.collect.azure.refusal import refusal
from finops.errors import AccessDenied, FinopsError, RefusedBatch
from finops.model.period import month_start
from finops.objectstore.sdk import SdkConnections, azure_transport
from finops.ports.clock import Clock
from finops.ports.source import Usage

PERMISSION = "Microsoft.Carbon/carbonEmissionReports/action"
ROLE = "Carbon Optimization Reader"

_PAGE_SIZE = 5_000
_MOST_SUBSCRIPTIONS = 100
"""Of one question."""
_PLACE = "Azure Carbon Optimization"


class Carbon:
    """Waits only through ``wait``. Every call raises what ``refusal`` maps."""

    def __init__(
        self,
        credential: EntraCredential,
        *,
        clock: Clock,
        usage: Usage,
        endpoint: str | None = None,
        wait: Wait = time.sleep,
    ) -> None:
        self._credential = credential
        self._endpoint = endpoint
        self._clock = clock
        self._usage = usage
        self._wait = wait
        self._client: Any = None

    def months(self) -> list[date]:
        """First days of the months that there is something about, oldest first."""
        answer = self._asked(lambda service, how: service.query_carbon_emission_data_available_date_range(**how))
        try:
            first, last = (month_start(date.fromisoformat(str(answer[end])[:10])) for end in ("startDate", "endDate"))
        except (LookupError, ValueError) as error:
            raise RefusedBatch(
                "the response has no range of months", where=_PLACE, remedy="Report this: the Azure API has changed"
            ) from error
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        return [month_start(first, number) for number in range(count)]

    def items(
        self, month: date, subscriptions: Sequence[str], ghg_scopes: Sequence[str]
    ) -> Iterator[Mapping[str, Any]]:
        """Every resource with emissions in ``month``; numbers are ``Decimal`` or int.

        Raises ``AccessDenied`` where Azure leaves a subscription out: its emissions would silently be nothing.
        """
        for start in range(0, len(subscriptions), _MOST_SUBSCRIPTIONS):
            question = {
                "reportType": "ItemDetailsReport",
                "categoryType": "Resource",
                "subscriptionList": list(subscriptions[start : start + _MOST_SUBSCRIPTIONS]),
                "carbonScopeList": list(ghg_scopes),
                "dateRange": {"start": month.isoformat(), "end": month.isoformat()},
                "orderBy": "ItemName",
                "sortDirection": "Asc",
                "pageSize": _PAGE_SIZE,
            }
            yield from self._pages(question)

    def _pages(self, question: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        seen: set[str] = set()
        while True:
            answer = self._asked(partial(_report, question))
            _all_allowed(answer)
            yield from answer.get("value") or ()
            token = answer.get("skipToken")
            if not token:
                return
            if token in seen:
                raise RefusedBatch("Azure returns the same page repeatedly", where=_PLACE, remedy="Collect again")
            seen.add(token)
            question = {**question, "skipToken": token}

    def _asked(self, ask: Callable[[Any, Mapping[str, Any]], str]) -> Mapping[str, Any]:
        return patiently(lambda: self._once(ask), self._wait)

    def _once(self, ask: Callable[[Any, Mapping[str, Any]], str]) -> Mapping[str, Any]:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - slow to import, and only for Azure

        self._usage.requests += 1
        how = {
            "cls": lambda response, _result, _headers: response.http_response.text(),
            # only an endpoint that finops.yaml names may be plain HTTP
            "enforce_https": not (self._endpoint or "").startswith("http://"),
        }
        try:
            text = ask(self._open(), how)
        except AzureError as error:
            raised = self._mapped(error)
            raise raised from error
        # numbers as they are written, not as doubles
        answer = json.loads(text, parse_float=Decimal)
        return answer if isinstance(answer, Mapping) else {}

    def _mapped(self, error: Any) -> FinopsError:
        self._usage.throttled += getattr(error, "status_code", None) == 429
        return refusal(error, _PLACE, permission=PERMISSION, now=self._clock.now(), role=ROLE)

    def _open(self) -> Any:
        if self._client is None:
            from azure.mgmt.carbonoptimization import (  # noqa: PLC0415 - slow, and only for Azure
                CarbonOptimizationMgmtClient,
            )

            self._client = CarbonOptimizationMgmtClient(
                self._credential,
                base_url=self._endpoint,
                retry_total=0,
                transport=azure_transport(SdkConnections(_PLACE)),
            )
        return self._client.carbon_service


def _report(question: Mapping[str, Any], service: Any, how: Mapping[str, Any]) -> str:
    text: str = service.query_carbon_emission_reports(question, **how)
    return text


def _all_allowed(answer: Mapping[str, Any]) -> None:
    denied = [
        one for one in answer.get("subscriptionAccessDecisionList") or () if str(one.get("decision")) != "Allowed"
    ]
    if denied:
        names = ", ".join(str(one.get("subscriptionId")) for one in denied)
        why = next((f" ({one['denialReason']})" for one in denied if one.get("denialReason")), "")
        raise AccessDenied(
            f"Azure omits {names}{why}",
            where=_PLACE,
            remedy=f"Grant {PERMISSION} on it (the role {ROLE} includes it), or remove it from subscriptions:",
        )
