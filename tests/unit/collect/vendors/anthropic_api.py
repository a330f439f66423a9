"""Anthropic's administration interface, as far as costs go: /v1/organizations/cost_report, …/usage_report/messages,
…/workspaces, …/me, and the beta …/analytics/cost and …/analytics/usage. Shapes:
https://platform.claude.com/docs/en/api/admin (Cost Report, Usage Report, Workspaces, Organizations, Analytics), at the
strictest reading of "buckets that end before ending_at"."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

KEY = "sk-ant-admin01-very-secret"
MODEL = "claude-opus-5"


def cost(cents: str, token_type: str | None = "uncached_input_tokens", **more: Any) -> dict[str, Any]:
    tokens = token_type is not None
    return {
        "amount": cents,
        "currency": "USD",
        "cost_type": "tokens" if tokens else "web_search",
        "description": f"Claude Opus 5 Usage - {token_type}" if tokens else "Web Search Usage",
        "model": MODEL if tokens else None,
        "token_type": token_type,
        "service_tier": "standard" if tokens else None,
        "context_window": "0-200k" if tokens else None,
        "inference_geo": "global" if tokens else None,
        "workspace_id": "wrkspc_search",
        **more,
    }


def usage(**more: Any) -> dict[str, Any]:
    return {
        "api_key_id": None,
        "uncached_input_tokens": 0,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        "cache_read_input_tokens": 0,
        "output_tokens": 0,
        "server_tool_use": {"web_search_requests": 0},
        "model": MODEL,
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": "global",
        "workspace_id": "wrkspc_search",
        **more,
    }


def user(name: str) -> dict[str, Any]:
    mail = f"{name}@example.com"
    return {"type": "user_actor", "user_id": f"user_{name}", "email_address": mail, "name": name, "deleted": False}


def analytics(cents: str, token_type: str | None = "output_tokens", **group: Any) -> dict[str, Any]:
    """A row of …/analytics/cost, by all that is asked for."""
    tokens = token_type is not None
    return {
        "cost": {"amount": cents, "currency": "USD", "list_amount": cents, "requests": None},
        "group": {
            "workspace_id": "wrkspc_search",
            "actor": user("ada"),
            "model": MODEL if tokens else None,
            "service_tier": "standard" if tokens else None,
            "context_window": "0-200k" if tokens else None,
            "cost_type": "tokens" if tokens else "session_usage",
            "token_type": token_type,
            **group,
        },
    }


def analytics_usage(group: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row of …/analytics/usage for the group of a row of costs."""
    counted = {
        name: more.get(name, 0) for name in ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens")
    }
    created = more.get("cache_creation", {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0})
    by = {name: value for name, value in group.items() if name not in {"cost_type", "token_type"}}
    return {"group": by, "usage": {**counted, "cache_creation": created, "requests": 1, "total_tokens": 0}}


@dataclass
class AnthropicApi:
    server: HTTPServer
    costs: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    usage: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    analytics_status: int = 404
    analytics_costs: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    analytics_usage: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    has_legacy: bool = True
    may_read_names: bool = True
    buckets_a_page: int = 10
    asked: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.no_handler_status_code = 404
        for path, answer in {
            "cost_report": self._costs,
            "usage_report/messages": self._usage,
            "workspaces": self._workspaces,
            "me": self._me,
            "analytics/cost": self._analytics,
            "analytics/usage": self._analytics,
        }.items():
            self.server.expect_request(f"/v1/organizations/{path}").respond_with_handler(self._keyed(answer))

    @property
    def endpoint(self) -> str:
        return self.server.url_for("").rstrip("/")

    def _keyed(self, answer: Any) -> Any:
        def handle(request: Request) -> Response:
            self.asked.append(request)
            assert request.headers["anthropic-version"] == "2023-06-01"
            if request.headers.get("x-api-key") != KEY:
                return _error(401, "authentication_error", f"invalid x-api-key {KEY}")
            return answer(request)  # type: ignore[no-any-return]

        return handle

    def _analytics(self, request: Request) -> Response:
        assert request.headers["anthropic-beta"] == "analytics-usage-cost-2026-08-24"
        if self.analytics_status != 200:
            return _error(self.analytics_status, "invalid_request_error", "unexpected value in anthropic-beta")
        costs = request.path.endswith("cost")
        start, end = (datetime.fromisoformat(request.args[name]).date() for name in ("starting_at", "ending_at"))
        assert start.year >= 2026
        assert (end - start).days <= 31
        assert request.args["time_bucket_width"] == "1d"
        assert int(request.args["limit"]) <= 1000
        by = request.args.getlist("group_by[]")
        assert len(set(by) - {"cost_type", "token_type"}) <= 5
        kept = self.analytics_costs if costs else self.analytics_usage
        rows = [
            {
                "starting_at": f"{day}T00:00:00Z",
                "ending_at": f"{day + timedelta(days=1)}T00:00:00Z",
                **row,
                "group": {name: value if name in by else None for name, value in row["group"].items()},
            }
            for day in sorted(kept)
            if start <= day < end
            for row in kept[day]
        ]
        first = int(request.args.get("page", "page_0").removeprefix("page_"))
        more = first + 2 < len(rows)
        page = {"has_more": more, "next_page": f"page_{first + 2}" if more else None}
        return _json({"data": rows[first : first + 2], "data_refreshed_at": "2026-05-02T05:00:00Z", **page})

    def _costs(self, request: Request) -> Response:
        if not self.has_legacy:
            return _error(403, "permission_error", "not for this key")
        grouped = request.args.getlist("group_by[]")
        assert grouped in ([], ["workspace_id", "description"])
        alone = {"description": None, "model": None, "token_type": None, "workspace_id": None, "cost_type": None}
        found = {
            day: results if grouped else [{**result, **alone} for result in results]
            for day, results in self.costs.items()
        }
        return self._page(request, found)

    def _usage(self, request: Request) -> Response:
        by = ["workspace_id", "model", "service_tier", "context_window", "inference_geo"]
        assert request.args.getlist("group_by[]") == by
        return self._page(request, self.usage)

    def _page(self, request: Request, found: dict[date, list[dict[str, Any]]]) -> Response:
        start, end = (datetime.fromisoformat(request.args[name]) for name in ("starting_at", "ending_at"))
        day, days = start.astimezone(UTC).date(), []
        while day + timedelta(days=1) < end.date():
            days.append(day)
            day += timedelta(days=1)
        assert request.args["bucket_width"] == "1d"
        assert int(request.args["limit"]) <= 31
        first = int(request.args.get("page", "page_0").removeprefix("page_"))
        more = first + self.buckets_a_page < len(days)
        return _json(
            {
                "data": [
                    {
                        "starting_at": f"{day}T00:00:00Z",
                        "ending_at": f"{day + timedelta(days=1)}T00:00:00Z",
                        "results": found.get(day, []),
                    }
                    for day in days[first : first + self.buckets_a_page]
                ],
                "has_more": more,
                "next_page": f"page_{first + self.buckets_a_page}" if more else None,
            }
        )

    def _workspaces(self, request: Request) -> Response:
        if not self.may_read_names:
            return _error(403, "permission_error", "not allowed")
        if "after_id" in request.args:
            chat = {"id": "wrkspc_chat", "type": "workspace", "name": "Chat"}
            return _json({"data": [chat], "has_more": False, "first_id": chat["id"], "last_id": chat["id"]})
        search = {"id": "wrkspc_search", "type": "workspace", "name": "Search"}
        return _json({"data": [search], "has_more": True, "first_id": search["id"], "last_id": search["id"]})

    def _me(self, _request: Request) -> Response:
        if not self.may_read_names:
            return _error(403, "permission_error", "not allowed")
        return _json({"id": "0b1c-org", "type": "organization", "name": "Shop"})


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _error(status: int, kind: str, message: str) -> Response:
    return _json({"type": "error", "error": {"type": kind, "message": message}}, status)
