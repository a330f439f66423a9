"""The HTTP application: pages and metrics that are ready, and the API, behind the edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

import finops
from finops.app.collection.requests import WorkRequests
from finops.app.container import Container
from finops.app.exporters import pages_exporter
from finops.app.policies.context import policy_context_of
from finops.app.policies.test_results import PolicyTests
from finops.app.reporting import BudgetYears, MonthLister
from finops.ports.clock import Clock
from finops.web.api import add_api
from finops.web.api.alerts import alerts_of, incidents_of
from finops.web.api.audit import audit_of
from finops.web.api.budgets import budgets_of
from finops.web.api.costs import costs_of
from finops.web.api.deliveries import deliveries_of
from finops.web.api.evaluations import evaluations_of
from finops.web.api.findings import findings_of
from finops.web.api.policies import policies_of
from finops.web.api.radar import radar_of
from finops.web.api.restatements import restatements_of
from finops.web.api.savings import savings_of
from finops.web.api.silences import silences_of
from finops.web.api.source_quality import source_quality_of
from finops.web.api.sources import sources_of
from finops.web.edge.csrf import Forms
from finops.web.edge.error_responses import add_fault_handlers
from finops.web.pages import PagePorts, add_pages, add_statements
from finops.web.pages.cost_reports import CostReports
from finops.web.published import PublishedState
from finops.web.team_app import ByTeams, Refused, team_app

_NO_STORE = {"Cache-Control": "no-store"}


class Health(Protocol):
    def dead(self) -> str:
        """Why the process should be restarted; empty when it works."""
        ...

    def stale(self) -> str:
        """Why what is shown should not be trusted; empty when it may be."""
        ...


class _Well:
    """Of an application without a process behind it."""

    def dead(self) -> str:
        return ""

    def stale(self) -> str:
        return ""


_WELL = _Well()


def api_of(
    board: PublishedState,
    container: Container,
    *,
    signing_key: Callable[[], bytes],
    health: Health = _WELL,
    requested: Callable[[], None] = lambda: None,
) -> ASGIApp:
    """Pages and API, to stand behind an ``Edge``.

    ``signing_key``: the secret behind the tokens of forms, the same in every replica.
    ``health``: whether what is behind it still works. ``requested``: called when somebody has asked for a collection or
    an evaluation.
    """
    app = FastAPI(
        title="finops",
        summary="Verdicts on cloud, data-centre and AI costs",
        version=finops.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its scripts come from a third party
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.forms = Forms(signing_key, container.clock)
    _add_health(app, board, container.clock, health)
    state, lake, timezone = container.state, container.lake, container.config.timezone
    tests = PolicyTests(policy_context_of(container.config))
    savings = container.savings
    work = WorkRequests(state.requested_jobs, container.collectors, container.clock, requested)
    budgets = BudgetYears(container.evaluator, container.clock)
    add_api(
        app,
        findings_of(board, state.archive, state.verdict_days, container.clock, timezone),
        alerts_of(state, container.clock),
        incidents_of(state),
        silences_of(board, state, container.columns, container.clock),
        deliveries_of(state.deliveries),
        policies_of(board, container.policies, tests),
        sources_of(board, work),
        source_quality_of(board),
        restatements_of(lake),
        costs_of(container.costs),
        budgets_of(budgets.read),
        savings_of(savings),
        radar_of(board),
        evaluations_of(board, work),
        audit_of(state.audit),
    )
    add_statements(app, container.statements)
    ports = PagePorts(
        state,
        lake,
        container.quality,
        MonthLister(container.statements),
        tests,
        CostReports(container.costs),
        work,
        container.team_bills,
        budgets,
        savings,
        timezone,
        container.clock,
    )
    add_pages(app, board, ports, pages_exporter().paths)
    add_fault_handlers(app)
    refused = Refused(container)
    return ByTeams(app, lambda teams: team_app(board, container, teams, signing_key=signing_key, refused=refused))


def _add_health(app: FastAPI, board: PublishedState, clock: Clock, health: Health) -> None:
    @app.get(
        "/healthz",
        summary="Liveness probe; requires no role",
        response_class=PlainTextResponse,
        responses={503: {"description": "Part of the process has stopped; restart it"}},
    )
    async def healthz() -> Response:
        if why := health.dead():
            return PlainTextResponse(f"dead: {why}\n", 503, _NO_STORE)
        return PlainTextResponse("alive\n", 200, _NO_STORE)

    @app.get(
        "/readyz",
        summary="Readiness probe, with the age of the latest evaluation",
        response_class=PlainTextResponse,
        responses={503: {"description": "No recent evaluation"}},
    )
    async def readyz() -> Response:
        current = board.current
        if current is None or current.snapshot is None:
            return PlainTextResponse("not ready: no evaluation yet\n", 503, {**_NO_STORE, "Retry-After": "5"})
        as_of = current.snapshot.as_of
        age = round((clock.now() - as_of).total_seconds())
        if why := health.stale():
            said = f"not ready: {why}; evaluated as of {as_of:%Y-%m-%dT%H:%M:%SZ}\n"
            return PlainTextResponse(said, 503, {**_NO_STORE, "Retry-After": "5"})
        return PlainTextResponse(
            f"ready: evaluated as of {as_of:%Y-%m-%dT%H:%M:%SZ}, {age} seconds ago\n", 200, _NO_STORE
        )
