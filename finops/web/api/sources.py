"""``/api/v1/sources``: does each one work, how far does its data reach, what do its calls cost?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.app.collection.requests import WorkRequests
from finops.errors import BadArguments
from finops.model.operations import Operations, SourceFacts, source_job
from finops.web.api.answer import (
    Document,
    PageQuery,
    RequestedDocument,
    answer,
    encoded_document,
    page_of,
    published_of,
    requested,
)
from finops.web.edge.caller import Caller, caller_of
from finops.web.published import PublishedState


class SourceState(StrEnum):
    """``waiting``: it was never collected."""

    WORKING = "working"
    COLLECTING = "collecting"
    FAILING = "failing"
    WAITING = "waiting"


class SourceDocument(Document):
    """One source as it is now. Totals count since the state was made."""

    name: str
    kind: str = Field(examples=["focus-files"])
    state: SourceState
    requested: bool = Field(description="Somebody requested a collection that has not ended yet")
    error: str = Field(description="Why it fails; otherwise empty")
    last_success_at: datetime | None
    complete_through: datetime | None = Field(description="Exclusive end of its delivered usage")
    late: dict[str, datetime] = Field(
        description="Providers and accounts that limit complete_through, with the end of their usage",
        examples=[{"account 123456789012": "2026-03-09T00:00:00Z"}],
    )
    on_time_through: datetime | None = Field(
        description="How far everything that is not late has arrived, exclusive; null where nothing is late"
    )
    rows: int = Field(description="Its rows in the lake")
    restated: dict[str, str] = Field(
        description="By currency: change of earlier periods by its latest delivery, new minus old"
    )
    requests: int = Field(description="Requests so far")
    throttled: int = Field(description="Throttled requests")
    request_cost_usd: float = Field(description="Cost of its requests so far, in US dollars")
    collect_duration_seconds: float | None


class SourcesQuery(PageQuery):
    """Which sources are wanted."""

    kind: str | None = Field(default=None, description="Filter by kind")
    state: SourceState | None = Field(default=None, description="Filter by state")


def sources_of(board: PublishedState, work: WorkRequests) -> APIRouter:
    """The routes of sources."""
    router = APIRouter(tags=["sources"])

    @router.get("/sources", summary="List configured sources, by name", response_model=list[SourceDocument])
    def sources(request: Request, query: Annotated[SourcesQuery, InQuery()]) -> Response:
        wanted = [
            one
            for one in _documents(published_of(board).operations)
            if query.kind in {None, one.kind} and query.state in {None, one.state}
        ]
        page = wanted[query.offset : query.offset + query.limit]
        return page_of(request, query, [encoded_document(one) for one in page], len(wanted))

    @router.post(
        "/collections",
        status_code=202,
        summary="Collect everything now",
        description="All sources, demand series and emissions. The leading replica begins within seconds.",
        response_model=RequestedDocument,
    )
    def collect_all(caller: Annotated[Caller, Depends(caller_of)]) -> Response:
        return requested(work.collect("", caller.actor))

    @router.post(
        "/sources/{name}/collect",
        status_code=202,
        summary="Collect a source now",
        description="The leading replica begins within seconds; `requested` of the source is true until it is done.",
        response_model=RequestedDocument,
        responses={404: {"description": "No such source"}},
    )
    def collect(name: str, caller: Annotated[Caller, Depends(caller_of)]) -> Response:
        try:
            return requested(work.collect(name, caller.actor))
        except BadArguments as error:
            raise HTTPException(404, f"{error.what}. {error.remedy}.") from error

    @router.get(
        "/sources/{name}",
        summary="Get a source",
        response_model=SourceDocument,
        responses={404: {"description": "No such source"}},
    )
    def source(request: Request, name: str) -> Response:
        for one in _documents(published_of(board).operations):
            if one.name == name:
                return answer(request, encoded_document(one))
        raise HTTPException(404, "No such source. See /api/v1/sources.")

    return router


def _documents(operations: Operations) -> list[SourceDocument]:
    ordered = sorted(operations.sources, key=lambda facts: facts.name)
    return [_document(facts, operations) for facts in ordered]


def _document(facts: SourceFacts, operations: Operations) -> SourceDocument:
    return SourceDocument(
        name=facts.name,
        kind=facts.kind,
        state=_state(facts, collecting=facts.name in operations.collecting),
        requested=source_job(facts.name) in operations.requested,
        error=facts.error,
        last_success_at=facts.last_success_at,
        complete_through=facts.complete_through,
        late=dict(facts.late),
        on_time_through=facts.on_time_through,
        rows=facts.rows,
        restated={currency: f"{amount:f}" for currency, amount in sorted(facts.restated.items())},
        requests=facts.requests,
        throttled=facts.throttled,
        request_cost_usd=facts.request_cost_usd,
        collect_duration_seconds=facts.collect_duration_seconds,
    )


def _state(facts: SourceFacts, *, collecting: bool) -> SourceState:
    if collecting:
        return SourceState.COLLECTING
    if not facts.up:
        return SourceState.FAILING
    return SourceState.WORKING if facts.last_success_at else SourceState.WAITING
