"""Every route of the API."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from finops.runtime.http.api.alerts import alerts_of
from finops.runtime.http.api.audit import audit_of
from finops.runtime.http.api.costs import costs_of
from finops.runtime.http.api.deliveries import deliveries_of
from finops.runtime.http.api.evaluations import evaluations_of
from finops.runtime.http.api.findings import findings_of
from finops.runtime.http.api.openapi import described
from finops.runtime.http.api.policies import policies_of
from finops.runtime.http.api.restatements import restatements_of
from finops.runtime.http.api.silences import silences_of
from finops.runtime.http.api.sources import sources_of
from finops.runtime.http.board import Board
from finops.runtime.parts import Parts
from finops.runtime.policy_tests import PolicyTests

VERSION = "/api/v1"


def add_api(app: FastAPI, board: Board, parts: Parts, tests: PolicyTests) -> None:
    """Puts the routes and their description on ``app``."""
    for router in _routers(board, parts, tests):
        app.include_router(router, prefix=VERSION)
    app.openapi = described(app)  # type: ignore[method-assign] # FastAPI's own way of extending the description


def _routers(board: Board, parts: Parts, tests: PolicyTests) -> list[APIRouter]:
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
