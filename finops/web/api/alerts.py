"""``/api/v1/alerts``: what fires, its history, and saying that one knows."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Path, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.app.alerts import respond
from finops.app.alerts.incidents import incident_record, incident_records
from finops.errors import BadArguments
from finops.model.alert import AlertStatus
from finops.model.finding import Severity
from finops.ports.clock import Clock
from finops.ports.incidents import IncidentFilter
from finops.ports.state import AlertFilter
from finops.state import State
from finops.web.api.alert_document import AlertDocument, ChangeOfAlertDocument, IncidentDocument
from finops.web.api.answer import Document, PageQuery, answer, encoded, page_of
from finops.web.edge.caller import Caller, caller_of

_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"description": "No alert, or more than one, has an ID with this prefix"}
}
AlertId = Annotated[str, Path(description="ID of the alert, or a unique prefix")]


class AlertsQuery(PageQuery):
    """Which alerts are wanted; all that is said must hold."""

    everything: bool = Field(default=False, description="Include resolved or ended ones")
    status: AlertStatus | None = Field(default=None, description="Filter by status")
    severity: Severity | None = Field(default=None, description="Filter by severity")
    policy: str | None = Field(default=None, description="Filter by policy")
    owner: str | None = Field(default=None, description="Filter by owner")


class AcknowledgeBody(Document):
    """What to say with an acknowledgement."""

    note: str = Field(default="", max_length=respond.LONGEST_TEXT, description="Note for the history")


class AcceptBody(Document):
    """What to say with the acceptance of a new level."""

    reason: str = Field(
        min_length=1, max_length=respond.LONGEST_TEXT, pattern=r"\S", description="Reason, shown with the incident"
    )


class IncidentsQuery(PageQuery):
    """Which incidents are wanted; all that is said must hold."""

    policy: str | None = Field(default=None, description="Filter by policy")
    group: str | None = Field(default=None, description="Filter by part of the group")
    alert: str | None = Field(default=None, description="Filter by alert (full ID)")
    open: bool | None = Field(default=None, description="Filter by whether it is open")


def alerts_of(state: State, clock: Clock) -> APIRouter:
    """The routes of alerts."""
    router = APIRouter(tags=["alerts"])

    @router.get(
        "/alerts", summary="List active and pending alerts, by policy and group", response_model=list[AlertDocument]
    )
    def alerts(request: Request, query: Annotated[AlertsQuery, InQuery()]) -> Response:
        page = state.alerts.page(_filter(query), limit=query.limit, offset=query.offset)
        return page_of(request, query, [encoded(alert.to_json()) for alert in page.alerts], page.total)

    @router.get("/alerts/{id}", summary="Get an alert", response_model=AlertDocument, responses=_UNKNOWN)
    def alert(request: Request, id: AlertId) -> Response:  # noqa: A002 - the name in the address
        return answer(request, encoded(state.alerts.alert(id).to_json()))

    @router.get(
        "/alerts/{id}/history",
        summary="List the changes of an alert, oldest first",
        response_model=list[ChangeOfAlertDocument],
        responses=_UNKNOWN,
    )
    def history(request: Request, id: AlertId, query: Annotated[PageQuery, InQuery()]) -> Response:  # noqa: A002
        changes = respond.history(state, id)
        page = changes[query.offset : query.offset + query.limit]
        return page_of(request, query, [encoded(change.to_json()) for change in page], len(changes))

    @router.post(
        "/alerts/{id}/acknowledge",
        summary="Acknowledge an alert",
        description="Stops repeats until it escalates or resolves. Repeating the request has no effect.",
        response_model=AlertDocument,
        responses={**_UNKNOWN, 409: {"description": "The alert is not firing"}},
    )
    def acknowledge(
        id: AlertId,  # noqa: A002
        caller: Annotated[Caller, Depends(caller_of)],
        body: Annotated[AcknowledgeBody, Body()],
    ) -> Response:
        try:
            alert = respond.acknowledge(state, id, actor=caller.actor, note=body.note, clock=clock)
        except BadArguments as error:
            raise HTTPException(409, str(error)) from error
        return Response(encoded(alert.to_json()), media_type="application/json", headers={"Cache-Control": "no-store"})

    @router.post(
        "/alerts/{id}/accept",
        summary="Accept the new level of an anomaly",
        description="Ends its open incident. The next evaluation resolves the alert and compares with the new level.",
        response_model=IncidentDocument,
        responses={**_UNKNOWN, 409: {"description": "No incident of the alert is open"}},
    )
    def accept(
        id: AlertId,  # noqa: A002
        caller: Annotated[Caller, Depends(caller_of)],
        body: Annotated[AcceptBody, Body()],
    ) -> Response:
        try:
            ended = respond.accept(state, id, actor=caller.actor, reason=body.reason, clock=clock)
        except BadArguments as error:
            raise HTTPException(409, str(error)) from error
        text = encoded(incident_record(state, ended).to_json())
        return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})

    return router


def incidents_of(state: State) -> APIRouter:
    """The route of incidents."""
    router = APIRouter(tags=["alerts"])

    @router.get(
        "/incidents",
        summary="List incidents of anomalies with what was done, open ones first",
        response_model=list[IncidentDocument],
    )
    def incidents(request: Request, query: Annotated[IncidentsQuery, InQuery()]) -> Response:
        wanted = IncidentFilter(query.policy or "", query.group or "", query.alert or "", query.open)
        records, total = incident_records(state, wanted, limit=query.limit, offset=query.offset)
        return page_of(request, query, [encoded(record.to_json()) for record in records], total)

    return router


def _filter(query: AlertsQuery) -> AlertFilter:
    return AlertFilter(
        live=not query.everything and query.status is None,
        status=query.status or "",
        severity=query.severity or "",
        policy=query.policy or "",
        owner=query.owner or "",
    )
