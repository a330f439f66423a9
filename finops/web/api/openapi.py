"""The OpenAPI description: what FastAPI knows of the routes, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from finops.web.protocol.problem import PROBLEM, Fault, Problem

ROLE = "x-finops-role"
"""The role that a route needs, in its description for programs."""

_DESCRIPTION = """\
What the pages show, as JSON.

**Roles.** Reading needs `viewer`, changing `responder`; `x-finops-role` says it for each route. A bearer token or a \
basic login proves one; so does a trusted proxy's header, where finops.yaml names one.

**Lists** have `limit` and `offset`; `X-Total-Count` says how many match, `Link` names the next and the previous page.

**Answers** carry an `ETag`: sent back as `If-None-Match`, unchanged content costs a 304 without a body.

**Errors** are problem documents (RFC 9457).

**Values.** Amounts are decimal strings and stand beside their currency, ratios are numbers (1.29 is 129 %), times are \
UTC, periods end before their `to`."""

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of http.auth.tokens"},
    "login": {"type": "http", "scheme": "basic", "description": "A login of http.auth.basic"},
}
_EVERYWHERE = {
    "401": "The request is not authenticated",
    "403": "The role is insufficient, or the request came from another site",
    "421": "Authentication is off, and the Host header does not name this service",
    "429": "Too many sign-ins have failed; the next may come after Retry-After",
    "500": "Internal error; see the log of the service",
    "503": "No evaluation yet, or the state or lake is unavailable",
}
_LIST_HEADERS = {
    "X-Total-Count": {"description": "Number of matches", "schema": {"type": "integer", "minimum": 0}},
    "Link": {"description": "Links to adjacent pages (RFC 8288)", "schema": {"type": "string"}},
}
_ETAG = {"ETag": {"description": "Entity tag of this content", "schema": {"type": "string"}}}


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """A replacement for ``app.openapi``; made once."""
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            made.update(_complete(app))
        return made

    return openapi


def _complete(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, summary=app.summary, description=_DESCRIPTION, version=app.version, routes=app.routes
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Fault"] = Fault.model_json_schema()
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["Problem"].pop("$defs", None)
    components["securitySchemes"] = _SCHEMES
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete_operation(path, method, operation)
    return document


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    if path == "/healthz":
        return
    operation["security"] = [{name: []} for name in _SCHEMES]
    role = operation.setdefault(ROLE, "viewer" if method == "get" else "responder")
    operation["description"] = f"{operation.get('description', '')}\n\nNeeds the role {role}.".strip()
    responses = operation["responses"]
    if not path.startswith("/api/"):
        for status in ("401", "403", "421", "429"):
            responses[status] = {"description": _EVERYWHERE[status]}
        return
    if method == "get":
        responses["304"] = {"description": "Not modified: the ETag matches"}
        responses["200"]["headers"] = {**responses["200"].get("headers", {}), **_ETAG, **_paging(operation)}
    if "422" in responses:
        responses["422"]["description"] = "The query or body is invalid; lists each error"
    if method != "get":
        responses["400"] = {"description": "The body is not JSON"}
        responses["413"] = {"description": "The body is too large"}
    for status, description in _EVERYWHERE.items():
        responses.setdefault(status, {"description": description})
    for status, response in responses.items():
        if int(status) >= 400:
            response["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _paging(operation: dict[str, Any]) -> dict[str, Any]:
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    return _LIST_HEADERS if {"limit", "offset"} <= names else {}
