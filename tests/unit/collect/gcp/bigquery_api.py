"""BigQuery's REST API as far as queries go: jobs.insert, jobs.getQueryResults and tabledata.list, for the statements of
``finops.collect.gcp``. Shapes: https://cloud.google.com/bigquery/docs/reference/rest/v2."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

PROJECT = "billing-host"
TABLE = f"{PROJECT}.gcp_billing_immutable_0A1B2C_EU.gcp_billing_export_focus_0A1B2C"

_TAG = [
    ("key", "STRING"),
    ("value", "STRING"),
    ("x_type", "STRING"),
    ("x_inherited", "BOOL"),
    ("x_namespace", "STRING"),
]
_TEXTS = (
    *(
        "BillingAccountId",
        "BillingAccountName",
        "BillingCurrency",
        "ChargeCategory",
        "ChargeClass",
        "ChargeDescription",
    ),
    *("ChargeFrequency", "ConsumedUnit", "InvoiceIssuerName", "PricingCategory", "PricingUnit", "ProviderName"),
    *("PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ServiceCategory", "ServiceName"),
    *("SkuId", "SkuPriceId", "SubAccountId", "SubAccountName", "x_CostType"),
)
_NUMBERS = ("BilledCost", "ContractedCost", "EffectiveCost", "ListCost", "ConsumedQuantity", "PricingQuantity")
_TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "x_ExportTime")
SCHEMA: list[dict[str, Any]] = [
    *({"name": name, "type": "STRING", "mode": "NULLABLE"} for name in _TEXTS),
    *({"name": name, "type": "NUMERIC", "mode": "NULLABLE"} for name in _NUMBERS),
    *({"name": name, "type": "TIMESTAMP", "mode": "NULLABLE"} for name in _TIMES),
    {
        "name": "Tags",
        "type": "RECORD",
        "mode": "REPEATED",
        "fields": [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in _TAG],
    },
]


def charge(day: date, cost: str, *, month: date | None = None, **more: Any) -> dict[str, Any]:
    """A row of the export, billed in ``month``. Google's months begin at midnight in Los Angeles."""
    month = month or day.replace(day=1)
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return {
        "BillingAccountId": "0A1B2C-3D4E5F-678901",
        "BillingCurrency": "USD",
        "BillingPeriodStart": datetime(month.year, month.month, 1, 8, tzinfo=UTC),
        "BillingPeriodEnd": datetime(after.year, after.month, 1, 8, tzinfo=UTC),
        "ChargePeriodStart": datetime(day.year, day.month, day.day, 8, tzinfo=UTC),
        "ChargePeriodEnd": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), Decimal(cost)),
        "ProviderName": "Google Cloud",
        "PublisherName": "Google Cloud",
        "InvoiceIssuerName": "Google Cloud",
        "ServiceName": "Compute Engine",
        "SubAccountId": "shop-prod",
        "SkuId": "0048-21CE-74C3",
        "Tags": [],
        "x_ExportTime": datetime(2026, 5, 2, 3, tzinfo=UTC),
        **more,
    }


@dataclass
class BigQueryApi:
    server: HTTPServer
    rows: list[dict[str, Any]] = field(default_factory=list)
    rows_a_page: int = 3
    answers: dict[str, tuple[list[dict[str, Any]], list[list[Any]]]] = field(default_factory=dict)
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.no_handler_status_code = 404
        root = f"/bigquery/v2/projects/{PROJECT}"
        self.server.expect_request(f"{root}/jobs", method="POST").respond_with_handler(self._insert)
        jobs = re.compile(f"{root}/(jobs|queries)/[^/]+")
        self.server.expect_request(jobs, method="GET").respond_with_handler(self._job)
        tables = re.compile(f"{root}/datasets/answers/tables/[^/]+/data")
        self.server.expect_request(tables, method="GET").respond_with_handler(self._data)

    @property
    def endpoint(self) -> str:
        return self.server.url_for("").rstrip("/")

    def _insert(self, request: Request) -> Response:
        body = request.get_json()
        query = body["configuration"]["query"]
        assert query["useLegacySql"] is False
        self.asked.append(body)
        days = {one["name"]: date.fromisoformat(one["parameterValue"]["value"]) for one in query["queryParameters"]}
        if f"`{TABLE}`" not in query["query"]:
            return _error(404, "notFound", "Not found: Table elsewhere")
        name = body["jobReference"]["jobId"]
        self.answers[name] = self._answer(query["query"], days)
        return _json(self._resource(name))

    def _answer(self, sql: str, days: Mapping[str, date]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
        if "SELECT *" in sql:
            found = [row for row in self.rows if row["BillingPeriodStart"].date() == days["period"]]
            return SCHEMA, [[row.get(one["name"]) for one in SCHEMA] for row in found]
        if "AS day" in sql:
            lines: dict[tuple[date, str, str], Decimal] = {}
            for row in self.rows:
                if row["BillingPeriodStart"].date() == days["period"]:
                    key = (row["ChargePeriodStart"].date(), row["ServiceName"], row["BillingCurrency"])
                    lines[key] = lines.get(key, Decimal(0)) + row["BilledCost"]
            schema = _columns(day="DATE", service="STRING", currency="STRING", amount="STRING")
            return schema, [[*key, str(amount)] for key, amount in lines.items()]
        months = sorted({row["BillingPeriodStart"].date() for row in self.rows})
        schema = _columns(period="DATE", row_count="INTEGER", exported="TIMESTAMP", billed="STRING", newest="TIMESTAMP")
        return schema, [self._month(month) for month in months if month >= days["first"]]

    def _month(self, month: date) -> list[Any]:
        rows = [row for row in self.rows if row["BillingPeriodStart"].date() == month]
        billed = sum((row["BilledCost"] for row in rows), Decimal(0))
        newest = max(row["ChargePeriodStart"] for row in rows)
        return [month, len(rows), max(row["x_ExportTime"] for row in rows), str(billed), newest]

    def _job(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2]
        if "/jobs/" in request.path:
            return _json(self._resource(name))
        return self._page(name, request, results=True)

    def _data(self, request: Request) -> Response:
        return self._page(request.path.split("/")[-2], request, results=False)

    def _page(self, name: str, request: Request, *, results: bool) -> Response:
        schema, rows = self.answers[name]
        first = int(request.args.get("pageToken", "0"))
        size = min(self.rows_a_page, int(request.args.get("maxResults", self.rows_a_page)))
        shown = rows[first : first + size]
        body: dict[str, Any] = {"totalRows": str(len(rows)), "rows": [_row(row, schema) for row in shown]}
        if first + size < len(rows):
            body["pageToken"] = str(first + size)
        if results:
            reference = {"projectId": PROJECT, "jobId": name, "location": "EU"}
            body |= {"jobComplete": True, "schema": {"fields": schema}, "jobReference": reference}
        return _json(body)

    def _resource(self, name: str) -> dict[str, Any]:
        destination = {"projectId": PROJECT, "datasetId": "answers", "tableId": name}
        return {
            "kind": "bigquery#job",
            "id": f"{PROJECT}:EU.{name}",
            "jobReference": {"projectId": PROJECT, "jobId": name, "location": "EU"},
            "configuration": {"jobType": "QUERY", "query": {"query": "", "destinationTable": destination}},
            "statistics": {"query": {"totalBytesBilled": str(2**30), "statementType": "SELECT"}},
            "status": {"state": "DONE"},
        }


def _columns(**kinds: str) -> list[dict[str, Any]]:
    return [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in kinds.items()]


def _row(values: Sequence[Any], schema: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"f": [{"v": _cell(value, column)} for value, column in zip(values, schema, strict=True)]}


def _cell(value: Any, column: Mapping[str, Any]) -> Any:
    if column["mode"] == "REPEATED":
        inner = column["fields"]
        return [{"v": _row([one.get(part["name"]) for part in inner], inner)} for one in value or []]
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return str(round(value.timestamp() * 1_000_000))
    return value.isoformat() if isinstance(value, date) else str(value)


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _error(status: int, reason: str, message: str) -> Response:
    error = {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}
    return _json({"error": error}, status)
