"""OpenAI's administration interface, as far as costs go: /organization/costs, …/usage/completions, …/usage/embeddings,
…/projects. Shapes: https://github.com/openai/openai-openapi, schemas CostsResult, UsageCompletionsResult,
UsageEmbeddingsResult, ProjectListResponse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

KEY = "sk-admin-very-secret"


def cost(value: str, item: str | None, project: str | None = "proj_search", **more: Any) -> dict[str, Any]:
    """``value`` is written into the JSON digit for digit."""
    amount = {"value": f"#{value}#", "currency": "usd"}
    return {
        "object": "organization.costs.result",
        "amount": amount,
        "line_item": item,
        "project_id": project,
        "api_key_id": None,
        "quantity": None,
        "quantity_unit": None,
        **more,
    }


@dataclass
class OpenAiApi:
    server: HTTPServer
    costs: dict[date, list[dict[str, Any]]] = field(default_factory=dict)
    usage: dict[str, dict[date, list[dict[str, Any]]]] = field(default_factory=dict)
    projects: Sequence[tuple[str, str]] = (("proj_search", "Search"), ("proj_chat", "Chat"), ("proj_old", "Old"))
    buckets_a_page: int = 7
    may_read_projects: bool = True
    asked: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.no_handler_status_code = 404
        for path, answer in {
            "costs": self._costs,
            "usage/completions": self._usage,
            "usage/embeddings": self._usage,
            "projects": self._projects,
            "users": self._users,
        }.items():
            self.server.expect_request(f"/v1/organization/{path}").respond_with_handler(self._keyed(answer))

    @property
    def endpoint(self) -> str:
        return self.server.url_for("/v1")

    def _keyed(self, answer: Any) -> Any:
        def handle(request: Request) -> Response:
            self.asked.append(request)
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                return _json({"error": {"message": f"Incorrect API key provided: {KEY}"}}, 401)
            return answer(request)  # type: ignore[no-any-return]

        return handle

    def _costs(self, request: Request) -> Response:
        grouped = request.args.getlist("group_by")
        assert grouped in ([], *(["project_id", "line_item", *by] for by in ([], ["api_key_id"], ["user_id"])))
        split = ("project_id", "line_item", "api_key_id", "user_id")
        alone = {name: None for name in split if name not in grouped}
        found = {day: [{**result, **alone} for result in results] for day, results in self.costs.items()}
        return self._page(request, found)

    def _usage(self, request: Request) -> Response:
        completions = ["batch", "service_tier"] if request.path.endswith("completions") else []
        by = request.args.getlist("group_by")
        assert by[: 2 + len(completions)] == ["project_id", "model", *completions]
        assert by[2 + len(completions) :] in ([], ["api_key_id"], ["user_id"])
        assert int(request.args["limit"]) <= 31  # of usage, with days as buckets; costs take 180
        return self._page(request, self.usage.get(request.path.rpartition("/")[2], {}))

    def _page(self, request: Request, found: dict[date, list[dict[str, Any]]]) -> Response:
        start, end = (
            datetime.fromtimestamp(int(request.args[name]), UTC).date() for name in ("start_time", "end_time")
        )
        days = [start + timedelta(days=number) for number in range((end - start).days)]
        first = int(request.args.get("page", "page_0").removeprefix("page_"))
        shown = days[first : first + self.buckets_a_page]
        more = first + self.buckets_a_page < len(days)
        return _json(
            {
                "object": "page",
                "data": [
                    {
                        "object": "bucket",
                        "start_time": _seconds(day),
                        "end_time": _seconds(day + timedelta(days=1)),
                        "results": found.get(day, []),
                    }
                    for day in shown
                ],
                "has_more": more,
                "next_page": f"page_{first + self.buckets_a_page}" if more else None,
            }
        )

    def _projects(self, request: Request) -> Response:
        if not self.may_read_projects:
            return _json({"error": {"message": "Missing scopes: api.management.read"}}, 403)
        names = [name for name, _ in self.projects]
        first = names.index(request.args["after"]) + 1 if "after" in request.args else 0
        shown = self.projects[first : first + 2]
        projects = [{"object": "organization.project", "id": key, "name": name} for key, name in shown]
        return _json({"object": "list", "data": projects, "has_more": first + 2 < len(names)})

    def _users(self, request: Request) -> Response:
        if not self.may_read_projects:
            return _json({"error": {"message": "Missing scopes: api.management.read"}}, 403)
        assert "include_archived" not in request.args
        users = [{"object": "organization.user", "id": "user-ada", "name": "Ada", "email": "ada@example.com"}]
        return _json({"object": "list", "data": users, "has_more": False})


def _json(body: Any, status: int = 200) -> Response:
    text = json.dumps(body).replace('"#', "").replace('#"', "")
    return Response(text, status, content_type="application/json")


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
