"""Every route of the API."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from finops.app.container import Container
from finops.app.policies.test_results import PolicyTests
from finops.web.api.alerts import alerts_of
from finops.web.api.audit import audit_of
from finops.web.api.costs import costs_of
from finops.web.api.deliveries import deliveries_of
from finops.web.api.evaluations import evaluations_of
from finops.web.api.findings import findings_of
from finops.web.api.openapi import described
from finops.web.api.policies import policies_of
from finops.web.api.restatements import restatements_of
from finops.web.api.silences import silences_of
from finops.web.api.sources import sources_of
from finops.web.published import PublishedState

VERSION = "/api/v1"


def add_api(app: FastAPI, board: PublishedState, parts: Container, tests: PolicyTests) -> None:
    """Puts the routes and their description on ``app``."""
    for router in _routers(board, parts, tests):
        app.include_router(router, prefix=VERSION)
    app.openapi = described(app)  # type: ignore[method-assign] # FastAPI's own way of extending the description


def _routers(board: PublishedState, parts: Container, tests: PolicyTests) -> list[APIRouter]:
    return [
        findings_of(board, parts),
        alerts_of(parts.state, parts.clock),
        silences_of(parts),
        deliveries_of(parts.state.deliveries),
        policies_of(board, parts, tests),
        sources_of(board),
        restatements_of(parts.lake),
        costs_of(parts),
        evaluations_of(board),
        audit_of(parts.state.audit),
    ]
