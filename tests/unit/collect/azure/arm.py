"""Azure Resource Manager as far as this package asks it: a token endpoint, the Cost Management query, metrics.

Shapes, each from its own page of learn.microsoft.com:
- the query's body and answer: rest/api/cost-management/query/usage (columns with name and type, rows by position,
  nextLink with ``$skiptoken``; UsageDate is a number);
- its throttling: azure/cost-management-billing/costs/manage-automation, "Rate limits";
- errors: rest/api/cost-management/query/usage, "ErrorResponse": ``{"error": {"code": …, "message": …}}``;
- the token: azure/app-service/overview-managed-identity, "REST endpoint reference".
"""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

SUBSCRIPTION = "00000000-0000-0000-0000-00000000a001"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"


@dataclass(frozen=True)
class Charge:
    """What one day costs, billed and amortised; None: the view does not have it. ``values``: dimensions by name."""

    day: date
    actual: str | None
    amortised: str | None
    values: Mapping[str, str] = field(default_factory=dict)
    currency: str = "EUR"


def refused(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps({"error": {"code": code, "message": message}})
    return Response(body, status, headers, content_type="application/json")


@dataclass
class Arm:
    """``charges``: by scope, lower case. ``page``: rows of an answer. ``refusals``: sent first, one a question.

    ``questions`` and ``headers``: what was asked so far.
    """

    server: HTTPServer
    charges: dict[str, list[Charge]] = field(default_factory=dict)
    page: int = 1_000
    refusals: list[Response] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    metrics: Callable[[Request], Response] | None = None

    def __post_init__(self) -> None:
        self.server.expect_request("/identity").respond_with_handler(self._token)
        query = re.compile(r"(?i)/.+/providers/Microsoft\.CostManagement/query")
        self.server.expect_request(query, method="POST").respond_with_handler(self._query)
        metrics = re.compile(r"(?i)/.+/providers/Microsoft\.Insights/metrics")
        self.server.expect_request(metrics, method="GET").respond_with_handler(self._metrics)

    @property
    def address(self) -> str:
        return self.server.url_for("").rstrip("/")

    def _token(self, _request: Request) -> Response:
        token = {
            "access_token": "t",
            "expires_on": str(int(time.time()) + 3600),
            "resource": "r",
            "token_type": "Bearer",
        }
        return Response(json.dumps(token), content_type="application/json")

    def _metrics(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        assert self.metrics is not None
        return self.metrics(request)

    def _query(self, request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer t"
        self.headers.append(dict(request.headers))
        self.questions.append(json.loads(request.data))
        if self.refusals:
            return self.refusals.pop(0)
        scope = request.path.lower().partition("/providers/microsoft.costmanagement")[0]
        if scope not in self.charges:
            return refused(404, "SubscriptionNotFound", f"The subscription '{scope}' could not be found.")
        return self._answer(request, self.questions[-1], self.charges[scope])

    def _answer(self, request: Request, question: Mapping[str, Any], charges: list[Charge]) -> Response:
        names = [one["name"] for one in question["dataset"].get("grouping", ())]
        tags = [one["type"] == "TagKey" for one in question["dataset"].get("grouping", ())]
        rows = _grouped(question, charges, names)
        start = int(request.args.get("$skiptoken", "0"))
        following = start + self.page
        link = f"{self.address}{request.path}?api-version=2025-03-01&%24skiptoken={following}"
        columns = [("Cost", "Number"), ("UsageDate", "Number")]
        for name, is_tag in zip(names, tags, strict=True):
            columns += [("TagKey", "String"), ("TagValue", "String")] if is_tag else [(name, "String")]
        columns.append(("Currency", "String"))
        shown = []
        for (day, values, currency), cost in rows[start:following]:
            cells: list[Any] = []
            for name, value, is_tag in zip(names, values, tags, strict=True):
                cells += [name, value] if is_tag else [value]
            shown.append([f"#{cost}", int(day.strftime("%Y%m%d")), *cells, currency])
        answer = {
            "id": "q", "name": "q", "type": "Microsoft.CostManagement/query", "location": None, "sku": None,
            "properties": {
                "nextLink": link if following < len(rows) else None,
                "columns": [{"name": name, "type": kind} for name, kind in columns],
                "rows": shown,
            },
        }  # fmt: skip
        text = re.sub(r'"#([^"]+)"', r"\1", json.dumps(answer))  # numbers with every digit that they were given
        return Response(text, content_type="application/json")


def _grouped(
    question: Mapping[str, Any], charges: list[Charge], names: list[str]
) -> list[tuple[tuple[date, tuple[str, ...], str], Decimal]]:
    first, last = (datetime.fromisoformat(question["timePeriod"][end]).date() for end in ("from", "to"))
    sums: dict[tuple[date, tuple[str, ...], str], Decimal] = defaultdict(Decimal)
    for charge in charges:
        cost = charge.actual if question["type"] == "ActualCost" else charge.amortised
        if cost is not None and first <= charge.day <= last:
            sums[charge.day, tuple(charge.values.get(name, "") for name in names), charge.currency] += Decimal(cost)
    return sorted(sums.items())
