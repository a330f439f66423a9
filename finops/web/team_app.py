"""The application for viewers of some teams: made of what is theirs, so that no route of it can show anything else.

A route is closed to them until it is added here, with parts that know their teams alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any, NoReturn, cast

from cachetools import LRUCache, TTLCache
from fastapi import FastAPI, HTTPException, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

import finops
from finops.app.container import Container
from finops.app.costs import CostReader
from finops.app.costs.reader import Asked
from finops.app.exporters import pages_exporter
from finops.app.reporting import MonthLister
from finops.app.team_sight import TeamSight
from finops.app.teams import TeamBills
from finops.conditions import parse
from finops.errors import AccessDenied, UnknownAlert, UnknownFinding
from finops.model.alert import AlertChange, AlertRecord
from finops.model.archive import ArchivedFinding
from finops.model.audit import AuditAction, AuditEntry
from finops.model.cost_question import CostQuestion
from finops.model.cost_report import CostReport
from finops.model.delivery import DeliveryPage
from finops.model.operations import Operations
from finops.model.silence import Silence
from finops.model.team_scope import TeamScope
from finops.model.verdict_day import VerdictDay
from finops.ports.incidents import IncidentFilter, IncidentHistory, IncidentPage
from finops.ports.state import AlertCount, AlertFilter, AlertPage, AlertStore, VerdictHistory
from finops.state import State
from finops.web.api import add_api
from finops.web.api.alerts import alerts_of, incidents_of
from finops.web.api.costs import costs_of
from finops.web.api.findings import findings_of
from finops.web.api.radar import radar_of
from finops.web.edge.caller import caller_of
from finops.web.edge.csrf import Forms
from finops.web.edge.error_responses import add_fault_handlers
from finops.web.lazy import LatePages, LazyApp
from finops.web.pages import PagePorts, add_pages, add_statements
from finops.web.pages.cost_reports import CostReports
from finops.web.published import Published, PublishedState

PAGES = (
    "/", "/alerts", "/alerts/{alert_id}", "/incidents", "/policies", "/policies/{name}", "/statements",
    "/radar", "/radar/{id}/policy.yaml",
    "/costs", "/costs.svg", "/costs.csv", "/costs.xlsx",
    "/savings",
    "/teams", "/teams/{name}", "/teams/{name}/bill.csv", "/teams/{name}/bill.xlsx",
    "/teams/{name}/verdicts.csv",
)  # fmt: skip
"""Pages that know their viewer's teams alone. Every other page is refused."""

_MOST_APPS = 16
"""Sets of teams whose applications are kept; a token names one set, a proxy's header may name any."""
_REFUSED = "This login sees the costs of its teams only; this address shows more than those."
_RECORDED_EACH_SECONDS = 3600.0
_MOST_RECORDED = 1024


class ByTeams:
    """The one place that decides which application answers: ``everybody`` for those who see all costs, else one that
    ``theirs`` makes for the viewer's teams."""

    def __init__(self, everybody: ASGIApp, theirs: Callable[[frozenset[str]], ASGIApp]) -> None:
        self._everybody = everybody
        self._theirs = theirs
        self._apps: LRUCache[frozenset[str], LazyApp] = LRUCache(_MOST_APPS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        teams = caller_of(Request(scope)).teams if scope["path"] != "/healthz" else None
        if teams is None:
            await self._everybody(scope, receive, send)
            return
        app = self._apps.get(teams)
        if app is None:  # asked for from the event loop alone
            app = self._apps[teams] = LazyApp(partial(self._theirs, teams))
        await app(scope, receive, send)


def team_app(
    board: PublishedState,
    container: Container,
    teams: frozenset[str],
    *,
    signing_key: Callable[[], bytes],
    refused: Refused,
) -> FastAPI:
    """Verdicts, alerts, statements and costs of ``teams``; everything else is answered with 403 and recorded."""
    dimension = container.config.http.auth.dimension if container.config.http.auth else "team"
    sight = TeamSight(TeamScope(dimension, teams), container.policies, container.profiles)
    own_board = cast("PublishedState", _TeamBoard(board, sight))
    state = _own_state(container.state, sight)
    clock, timezone = container.clock, container.config.timezone
    app = FastAPI(
        title="finops",
        summary="Verdicts and costs of some teams",
        version=finops.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its scripts come from a third party
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.forms = Forms(signing_key, clock)
    costs = _TeamCosts(**{name: getattr(container.costs, name) for name in CostReader.__dataclass_fields__})
    costs = replace(costs, restriction=sight.scope.condition)
    add_api(
        app,
        findings_of(own_board, state.archive, state.verdict_days, clock, timezone),
        alerts_of(state, clock),
        incidents_of(state),
        costs_of(costs),
        radar_of(own_board),
    )
    # whoever's claim it is: measured on rows that are theirs, shown where its scope holds nothing else
    savings = replace(container.savings, costs=costs, teams=(dimension, teams))
    statements = replace(container.statements, sight=sight, savings=savings)
    add_statements(app, statements)
    closed = cast("Any", _Closed())
    ports = PagePorts(
        state=state,
        lake=closed,
        quality=closed,
        statement_list=MonthLister(statements),
        policy_tests=closed,
        costs=CostReports(costs),
        work=closed,
        teams=own_bills(container, costs, teams, sight),
        budgets=closed,
        savings=savings,
        timezone=timezone,
        clock=clock,
    )
    add_pages(app, own_board, ports, [path for path in pages_exporter().paths if path in PAGES], forms=False)

    @app.get("/{path:path}", include_in_schema=False)
    def anything_else(request: Request, path: str) -> Response:
        refused.record(request, f"/{path}")
        raise HTTPException(403, _REFUSED)

    add_fault_handlers(app)
    return app


def own_bills(container: Container, costs: CostReader, teams: frozenset[str], sight: TeamSight) -> TeamBills:
    """Bills of ``teams``, from costs that are theirs: their own, and their shares of others'."""
    named = tuple(team for team in container.config.teams if team.name in teams)
    return replace(container.team_bills, costs=costs, teams=named, sight=sight)


class Refused:
    """What viewers of some teams asked for in vain, in the audit log: each address of each viewer once an hour."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._recorded: TTLCache[tuple[str, str], bool] = TTLCache(_MOST_RECORDED, _RECORDED_EACH_SECONDS)

    def record(self, request: Request, path: str) -> None:
        caller = caller_of(request)
        key = caller.actor.name, path[:200]
        if key in self._recorded:
            return
        self._recorded[key] = True
        teams = ", ".join(sorted(caller.teams or ())) or "no team"
        now = self._container.clock.now()
        entry = AuditEntry(now, AuditAction.REFUSED, caller.actor, "", path[:200], f"sees {teams} only")
        self._container.state.audit.record([entry])


class _Closed:
    """In the place of what knows more than some teams' costs."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AccessDenied(_REFUSED, where=name, remedy="Ask for access to all costs")


class _TeamBoard:
    """``PublishedState`` for viewers of some teams. Parts of a snapshot are taken over one by one: what a later version
    adds to it stays away until it is added here."""

    def __init__(self, board: PublishedState, sight: TeamSight) -> None:
        self._board = board
        self._sight = sight
        self._made: tuple[Published, Published] | None = None

    @property
    def current(self) -> Published | None:
        whole, made = self._board.current, self._made
        if whole is None:
            return None
        if made is None or made[0] is not whole:
            self._made = made = whole, self._own(whole)
        return made[1]

    def _own(self, whole: Published) -> Published:
        snapshot = self._sight.of(whole.snapshot) if whole.snapshot is not None else None
        operations = Operations(
            leader=whole.operations.leader, evaluate_every=whole.operations.evaluate_every, of_all=False
        )
        pages = LatePages(partial(pages_exporter().render, snapshot, self._sight.profiles))
        return Published(snapshot, operations, whole.metrics, whole.documents, pages)


@dataclass(frozen=True, slots=True)
class _TeamCosts(CostReader):
    """Restatements are of a source's whole bill, so they are left out."""

    restriction: str = "FALSE"

    def understand(self, question: CostQuestion, *, as_of: datetime | None = None, restriction: Any = None) -> Asked:
        del restriction  # there is only one
        own = parse(self.restriction, self.columns)
        return CostReader.understand(self, question, as_of=as_of, restriction=own)

    def report(self, asked: Asked, *, progress: Any = lambda _done, _all: None) -> CostReport:
        return replace(CostReader.report(self, asked, progress=progress), restated=())


def _own_state(state: State, sight: TeamSight) -> State:
    """The stores that routes above read, with what is theirs; every other store is closed."""
    closed = {name: cast("Any", _Closed()) for name in State.__dataclass_fields__ if not name.startswith("_")}
    own: dict[str, Any] = {
        "alerts": _TeamAlerts(state.alerts, sight),
        "incidents": _TeamIncidents(state.incidents, sight),
        "archive": _TeamArchive(state, sight),
        "verdict_days": _TeamDays(state.verdict_days),
        "deliveries": _NoDeliveries(),
    }
    return replace(state, **{**closed, **own})


@dataclass(frozen=True, slots=True)
class _TeamAlerts:
    """The reading half of ``AlertStore``."""

    store: AlertStore
    sight: TeamSight

    def alerts(self, *, live: bool = False, policy: str = "") -> Sequence[AlertRecord]:
        return [one for one in self.store.alerts(live=live, policy=policy) if self.sight.sees(one.finding)]

    def page(self, wanted: AlertFilter, *, limit: int, offset: int = 0, urgent_first: bool = False) -> AlertPage:
        everything = self.store.page(wanted, limit=_ALL, urgent_first=urgent_first).alerts
        own = [one for one in everything if self.sight.sees(one.finding)]
        return AlertPage(own[offset : offset + limit], len(own))

    def counts(self, *, live: bool) -> Sequence[AlertCount]:
        counted: dict[tuple[Any, Any, str], int] = {}
        for one in self.alerts(live=live):
            key = one.status, one.severity, one.finding.owner
            counted[key] = counted.get(key, 0) + 1
        return [AlertCount(*key, count) for key, count in counted.items()]

    def known(self) -> Sequence[AlertRecord]:
        return [one for one in self.store.known() if self.sight.sees(one.finding)]

    def alert(self, id_or_prefix: str) -> AlertRecord:
        # by its own id alone: a prefix would tell whether others begin so
        try:
            found = self.store.alert(id_or_prefix)
        except UnknownAlert:
            found = None
        if found is None or found.id != id_or_prefix or not self.sight.sees(found.finding):
            raise UnknownAlert(f"no alert '{id_or_prefix}'", where="alerts", remedy="Choose one of the list")
        return found

    def history(self, alert_id: str) -> Sequence[AlertChange]:
        return self.store.history(self.alert(alert_id).id)

    def histories(self, alert_ids: Collection[str]) -> Mapping[str, Sequence[AlertChange]]:
        return self.store.histories({one.id for one in self.alerts()}.intersection(alert_ids))

    def silences(self, *, active_at: datetime | None = None) -> Sequence[Silence]:  # noqa: ARG002 - of the store
        """Matchers name others' policies."""
        return ()


@dataclass(frozen=True, slots=True)
class _TeamIncidents:
    """The reading half of ``IncidentHistory``, for people."""

    history: IncidentHistory
    sight: TeamSight

    def page(self, wanted: IncidentFilter, *, limit: int, offset: int = 0) -> IncidentPage:
        own = [one for one in self.history.page(wanted, limit=_ALL).incidents if self.sight.sees(one)]
        return IncidentPage(own[offset : offset + limit], len(own))

    def policies(self) -> Sequence[str]:
        return sorted({one.policy for one in self.page(IncidentFilter(), limit=_ALL).incidents})


_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class _TeamArchive:
    state: State
    sight: TeamSight

    def find(self, id_or_prefix: str) -> ArchivedFinding:
        found = self.state.archive.find(id_or_prefix)
        if found.finding.id != id_or_prefix or not self.sight.sees(found.finding):
            raise UnknownFinding(f"no finding '{id_or_prefix}'", where="findings", remedy="Choose one of the list")
        return found


@dataclass(frozen=True, slots=True)
class _TeamDays:
    """Asked for places of visible findings, or for a day whose places are looked up there."""

    history: VerdictHistory

    def of(self, place: str, *, since: date) -> Sequence[VerdictDay]:
        return self.history.of(place, since=since)

    def on(self, day: date) -> Mapping[str, VerdictDay]:
        return self.history.on(day)


class _NoDeliveries:
    """Messages tell of several teams' alerts."""

    def page(self, **wanted: object) -> DeliveryPage:  # noqa: ARG002 - of the store
        return DeliveryPage((), 0)
