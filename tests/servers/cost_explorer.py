"""Cost Explorer and Organizations of AWS, as far as finops calls them: what moto cannot do (page, throttle, refuse).

Shapes and errors are those of the API references:
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html and, for what every service
may answer, https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/CommonErrors.html;
https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html and API_DescribeOrganization.html.
Keys of tags come as ``key$value``: https://docs.aws.amazon.com/cost-management/latest/userguide/ce-filtering.html.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

_METRICS = {"AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost", "UsageQuantity"}
_COSTS = "AWSInsightsIndexService.GetCostAndUsage"


@dataclass(frozen=True)
class Charge:
    """What one day cost. ``amortized`` is ``unblended`` unless it is given; ``values``: by dimension or ``tag:key``."""

    day: date
    unblended: str
    amortized: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    usage: str = "0"
    usage_unit: str = "N/A"

    def metric(self, name: str) -> Decimal:
        if name == "UsageQuantity":
            return Decimal(self.usage)
        return Decimal(self.amortized if "Amortized" in name and self.amortized is not None else self.unblended)


@dataclass(frozen=True)
class Refusal:
    """An error as the JSON protocols of AWS send it."""

    code: str
    status: int = 400
    message: str = "The request is refused."


@dataclass(frozen=True)
class CutOff:
    """The right answer, which ends in the middle."""


Fault = Callable[[str, Mapping[str, Any]], Refusal | CutOff | None]
"""(operation, request) -> what happens instead; None: the answer."""


@dataclass
class FakeCostExplorer:
    """``asked``: every request for costs. ``page_size``: groups on a page. ``accounts``: None is no organization."""

    endpoint: str = ""
    charges: list[Charge] = field(default_factory=list)
    estimated_from: date | None = None
    oldest: date = date(2000, 1, 1)
    page_size: int = 1000
    accounts: Mapping[str, str] | None = None
    described: Mapping[str, str] = field(default_factory=dict)
    payer: str = "000000000001"
    asked: list[dict[str, Any]] = field(default_factory=list)
    _tokens: dict[str, tuple[str, int]] = field(default_factory=dict)
    _fault: Fault = lambda _operation, _request: None

    @contextmanager
    def failing(self, fault: Fault) -> Iterator[None]:
        """While inside, ``fault`` decides about each request."""
        before, self._fault = self._fault, fault
        try:
            yield
        finally:
            self._fault = before

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, bytes, bool]:
        """Status, body, and whether it is cut off."""
        if operation == _COSTS:
            self.asked.append(request)
        fault = self._fault(operation.partition(".")[2], request)
        found = fault if isinstance(fault, Refusal) else self._right(operation, request)
        if isinstance(found, Refusal):
            return found.status, json.dumps({"__type": found.code, "message": found.message}).encode(), False
        return 200, json.dumps(found).encode(), isinstance(fault, CutOff)

    def _right(self, operation: str, request: dict[str, Any]) -> dict[str, Any] | Refusal:
        if operation == _COSTS:
            return self._costs(request)
        if self.accounts is None:
            return Refusal("AWSOrganizationsNotInUseException", message="Your account is not a member.")
        if operation.endswith("DescribeOrganization"):
            return {"Organization": {"Id": "o-example", "MasterAccountId": self.payer}}
        return {"Accounts": [{"Id": key, "Name": name} for key, name in self.accounts.items()]}

    def _costs(self, request: dict[str, Any]) -> dict[str, Any] | Refusal:
        question = json.dumps({key: value for key, value in request.items() if key != "NextPageToken"}, sort_keys=True)
        start, end = (date.fromisoformat(request["TimePeriod"][key]) for key in ("Start", "End"))
        if start >= end or not set(request["Metrics"]) <= _METRICS or len(request.get("GroupBy", ())) > 2:
            return Refusal("ValidationException", message="The request is not valid.")
        if start < self.oldest:
            return Refusal("ValidationException", message="The start date is too old.")
        first = 0
        if token := request.get("NextPageToken"):
            if token not in self._tokens:
                return Refusal("InvalidNextTokenException")
            asked, first = self._tokens[token]
            if asked != question:
                return Refusal("RequestChangedException")
        groups = [(day, group) for day in _days(start, end) for group in self._groups(day, request)]
        page = groups[first : first + self.page_size]
        answer: dict[str, Any] = {
            "ResultsByTime": [self._result(day, [group for of, group in page if of == day], request)
                              for day in _days(start, end) if not first or any(of == day for of, _ in page)],
            "DimensionValueAttributes": [
                {"Value": value, "Attributes": {"description": name}} for value, name in self.described.items()
            ],
        }  # fmt: skip
        if first + self.page_size < len(groups):
            token = f"token-{len(self._tokens)}"
            self._tokens[token] = (question, first + self.page_size)
            answer["NextPageToken"] = token
        return answer

    def _groups(self, day: date, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        sums: dict[tuple[str, ...], list[Charge]] = {}
        for charge in self.charges:
            if charge.day == day:
                keys = tuple(_key(charge, definition) for definition in request.get("GroupBy", ()))
                sums.setdefault(keys, []).append(charge)
        return [
            {"Keys": list(keys), "Metrics": {name: _amount(name, charges) for name in request["Metrics"]}}
            for keys, charges in sorted(sums.items())
        ]

    def _result(self, day: date, groups: list[dict[str, Any]], request: Mapping[str, Any]) -> dict[str, Any]:
        grouped = bool(request.get("GroupBy"))
        return {
            "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
            "Total": {} if grouped else (groups[0]["Metrics"] if groups else {}),
            "Groups": groups if grouped else [],
            "Estimated": self.estimated_from is not None and day >= self.estimated_from,
        }


def _key(charge: Charge, definition: Mapping[str, str]) -> str:
    if definition["Type"] == "DIMENSION":
        return charge.values.get(definition["Key"], f"No{definition['Key'].title().replace('_', '')}")
    prefix = "tag" if definition["Type"] == "TAG" else "cost-category"
    return f"{definition['Key']}${charge.values.get(prefix + ':' + definition['Key'], '')}"


def _amount(name: str, charges: list[Charge]) -> dict[str, str]:
    total = sum((charge.metric(name) for charge in charges), Decimal(0))
    return {"Amount": f"{total}", "Unit": charges[0].usage_unit if name == "UsageQuantity" else "USD"}


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days)]


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are no news."""


@pytest.fixture
def cost_explorer(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCostExplorer]:
    """An empty account; this process is signed in, and tries each request once."""
    fake = FakeCostExplorer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body, cut = fake.answer(self.headers["X-Amz-Target"], request)
            self.send_response_only(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
            self.close_connection = cut

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    fake.endpoint = f"http://127.0.0.1:{server.server_port}"
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()
