"""The generated part of docs/api.md: every route with its role, its filters and an example that runs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PAGING = {"limit", "offset"}


@dataclass(frozen=True)
class Example:
    """``path``: with ``ID`` or ``NAME`` for what has to be looked up. ``body``: of a POST."""

    route: str
    path: str
    body: dict[str, Any] | None = None
    headers: tuple[str, ...] = ()

    @property
    def curl(self) -> str:
        parts = ["curl", '-H "$AUTH"', *(f"-H '{header}'" for header in self.headers)]
        if self.body is not None:
            parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(self.body))}"]
        elif self.route.startswith("POST"):
            parts += ["-X POST"]
        return " ".join([*parts, f'"$FINOPS{self.path}"'])


_V1 = "/api/v1"
EXAMPLES = (
    Example("GET /api/v1/radar", f"{_V1}/radar?by=team,ServiceName&outcome=beyond"),
    Example("GET /api/v1/findings", f"{_V1}/findings?state=firing&severity=critical"),
    Example("GET /api/v1/findings/{id}", f"{_V1}/findings/ID"),
    Example("GET /api/v1/findings/{id}/days", f"{_V1}/findings/ID/days?days=30"),
    Example("GET /api/v1/alerts", f"{_V1}/alerts?owner=finance"),
    Example("GET /api/v1/alerts/{id}", f"{_V1}/alerts/ID"),
    Example("GET /api/v1/alerts/{id}/history", f"{_V1}/alerts/ID/history"),
    Example(
        "POST /api/v1/alerts/{id}/acknowledge", f"{_V1}/alerts/ID/acknowledge", {"note": "The migration; until May"}
    ),
    Example("POST /api/v1/alerts/{id}/accept", f"{_V1}/alerts/ID/accept", {"reason": "A larger database, FIN-42"}),
    Example("GET /api/v1/incidents", f"{_V1}/incidents?open=true"),
    Example("GET /api/v1/silences", f"{_V1}/silences?everything=true"),
    Example("GET /api/v1/silences/{id}", f"{_V1}/silences/ID"),
    Example(
        "POST /api/v1/silences",
        f"{_V1}/silences",
        {"matcher": {"team": ["checkout"]}, "for": "7d", "reason": "Load test, FIN-42"},
        ("Idempotency-Key: fin-42",),
    ),
    Example("POST /api/v1/silences/{id}/lift", f"{_V1}/silences/ID/lift", {"note": "Done early"}),
    Example("GET /api/v1/budgets", f"{_V1}/budgets?year=2026"),
    Example("GET /api/v1/savings", f"{_V1}/savings?month=2026-10-01"),
    Example(
        "POST /api/v1/savings",
        f"{_V1}/savings",
        {"scope": "team = 'search'", "since": "2026-10-01", "demand": "", "note": "Rightsized"},
        ("Idempotency-Key: fin-43",),
    ),
    Example("POST /api/v1/savings/{id}/withdraw", f"{_V1}/savings/ID/withdraw", {"note": "Measured elsewhere"}),
    Example("GET /api/v1/deliveries", f"{_V1}/deliveries?state=parked"),
    Example("GET /api/v1/policies", f"{_V1}/policies?kind=Budget"),
    Example("GET /api/v1/policies/{name}", f"{_V1}/policies/NAME"),
    Example("GET /api/v1/policy-faults", f"{_V1}/policy-faults"),
    Example("GET /api/v1/policies/{name}/tests", f"{_V1}/policies/NAME/tests"),
    Example("GET /api/v1/restatements", f"{_V1}/restatements?source=aws"),
    Example("GET /api/v1/sources", f"{_V1}/sources?state=failing"),
    Example("GET /api/v1/sources/{name}", f"{_V1}/sources/NAME"),
    Example("GET /api/v1/sources/{name}/quality", f"{_V1}/sources/NAME/quality"),
    Example("POST /api/v1/collections", f"{_V1}/collections"),
    Example("POST /api/v1/sources/{name}/collect", f"{_V1}/sources/NAME/collect"),
    Example(
        "GET /api/v1/costs",
        f"{_V1}/costs?from=2026-03-01&to=2026-04-01&by=team&by=ServiceName&scope=ChargeCategory%20%3D%20'Usage'",
    ),
    Example("GET /api/v1/evaluations/latest", f"{_V1}/evaluations/latest"),
    Example("POST /api/v1/evaluations", f"{_V1}/evaluations"),
    Example("GET /api/v1/audit", f"{_V1}/audit?limit=20"),
)


def generated(described: dict[str, Any]) -> str:
    """One section for each tag of the description."""
    return "\n".join(_section(tag, routes) for tag, routes in _by_tag(described).items())


def routes_of(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """``GET /api/v1/costs`` and its operation, of the API alone."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if path.startswith(_V1):
                yield f"{method.upper()} {path}", operation


def _by_tag(described: dict[str, Any]) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    tags: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for route, operation in routes_of(described):
        tags.setdefault(operation["tags"][0], []).append((route, operation))
    return tags


def _section(tag: str, routes: list[tuple[str, dict[str, Any]]]) -> str:
    lines = [f"## {tag}", "", "| route | role | what |", "|---|---|---|"]
    for route, operation in routes:
        names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
        filters = ", ".join(f"`{name}`" for name in names if name not in _PAGING)
        paged = "; in pages" if set(names) >= _PAGING else ""
        told = f"{operation['summary']}{f' ({filters})' if filters else ''}{paged}"
        lines.append(f"| `{route}` | {operation['x-finops-role']} | {told} |")
    examples = {example.route: example for example in EXAMPLES}
    return "\n".join([*lines, "", "```", *(examples[route].curl for route, _ in routes), "```", ""])
