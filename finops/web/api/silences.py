"""``/api/v1/silences``: spans in which nobody is told of some alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Path, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import AwareDatetime, Field, model_validator

from finops.app.alerts import respond
from finops.app.alerts.matcher_keys import check_matcher
from finops.config.quantities import Duration
from finops.errors import InvalidValue
from finops.model.columns import Columns
from finops.model.silence import Silence
from finops.ports.clock import Clock
from finops.state import State
from finops.web.api.alert_document import SilenceDocument
from finops.web.api.answer import EARLIEST, LATEST, Document, PageQuery, answer, encoded, page_of
from finops.web.edge.caller import Caller, caller_of
from finops.web.published import PublishedState

_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"description": "No silence, or more than one, has an ID with this prefix"}
}
_NO_STORE = {"Cache-Control": "no-store"}
SilenceId = Annotated[str, Path(description="ID of the silence, or a unique prefix")]
Value = Annotated[str, Field(min_length=1, max_length=1000)]


class SilencesQuery(PageQuery):
    """Which silences are wanted."""

    everything: bool = Field(default=False, description="Include resolved or ended ones")


class SilenceBody(Document):
    """A silence to be made: ``until`` or ``for`` says how long."""

    matcher: dict[Value, Annotated[list[Value], Field(min_length=1, max_length=100)]] = Field(
        min_length=1,
        max_length=20,
        description="policy, owner, kind, severity or group keys; all must match, each with one of its values",
        examples=[{"team": ["checkout"], "severity": ["info", "warning"]}],
    )
    reason: str = Field(
        min_length=1, max_length=respond.LONGEST_TEXT, pattern=r"\S", description="Reason, shown with the silence"
    )
    until: AwareDatetime | None = Field(
        default=None, ge=EARLIEST, le=LATEST, description="When it ends, at most 366 days from now"
    )
    for_: Duration | None = Field(default=None, alias="for", description="Duration", examples=["7d"])

    @model_validator(mode="after")
    def _one_end(self) -> SilenceBody:
        if (self.until is None) == (self.for_ is None):
            raise InvalidValue("a silence needs either until or for", "Set for: 7d, or until with a time zone")
        return self


class LiftBody(Document):
    """What to say with the end of a silence."""

    note: str = Field(default="", max_length=respond.LONGEST_TEXT, description="Note for the history")


def silences_of(board: PublishedState, state: State, columns: Columns, clock: Clock) -> APIRouter:
    """The routes of silences."""
    router = APIRouter(tags=["silences"])

    @router.get("/silences", summary="List active silences, by end time", response_model=list[SilenceDocument])
    def silences(request: Request, query: Annotated[SilencesQuery, InQuery()]) -> Response:
        found = respond.silences(state, clock=clock, everything=query.everything)
        page = found[query.offset : query.offset + query.limit]
        return page_of(request, query, [encoded(silence.to_json()) for silence in page], len(found))

    @router.get("/silences/{id}", summary="Get a silence", response_model=SilenceDocument, responses=_UNKNOWN)
    def silence(request: Request, id: SilenceId) -> Response:  # noqa: A002 - the name in the address
        return answer(request, encoded(state.alerts.silence(id).to_json()))

    @router.post(
        "/silences",
        status_code=201,
        summary="Silence matching alerts",
        description="Silenced alerts are still evaluated. An `Idempotency-Key` creates one silence only.",
        response_model=SilenceDocument,
        responses={201: {"headers": {"Location": {"description": "The silence", "schema": {"type": "string"}}}}},
    )
    def make(
        caller: Annotated[Caller, Depends(caller_of)],
        body: Annotated[SilenceBody, Body()],
        idempotency_key: Annotated[str, Header(max_length=200)] = "",
    ) -> Response:
        matcher = {key: tuple(values) for key, values in body.matcher.items()}
        snapshot = board.current.snapshot if board.current else None
        # before the first evaluation nobody knows every name
        check_matcher(matcher, columns, state.alerts, snapshot.policies if snapshot else None)
        made, _ = respond.silence(
            state,
            matcher,
            until=_end(body, clock.now()),
            reason=body.reason,
            actor=caller.actor,
            clock=clock,
            key=idempotency_key,
        )
        return _sent(made, 201, {"Location": f"/api/v1/silences/{made.id}"})

    @router.post(
        "/silences/{id}/lift",
        summary="Lift a silence",
        description="The next evaluation notifies of what still fires. A silence that has ended is unchanged.",
        response_model=SilenceDocument,
        responses=_UNKNOWN,
    )
    def lift(
        id: SilenceId,  # noqa: A002
        caller: Annotated[Caller, Depends(caller_of)],
        body: Annotated[LiftBody, Body()],
    ) -> Response:
        found = state.alerts.silence(id)
        if found.is_active(clock.now()):
            found = respond.lift(state, found.id, actor=caller.actor, note=body.note, clock=clock)
        return _sent(found, 200, {})

    return router


def _end(body: SilenceBody, now: datetime) -> datetime:
    if body.until is not None:
        return body.until.astimezone(UTC)
    assert body.for_ is not None  # noqa: S101 - the body's validator holds it; this tells the type checker
    return now + body.for_


def _sent(silence: Silence, status: int, headers: dict[str, str]) -> Response:
    return Response(encoded(silence.to_json()), status, {**_NO_STORE, **headers}, "application/json")
