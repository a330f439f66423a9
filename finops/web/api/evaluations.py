"""``/api/v1/evaluations/latest``: when it was last judged, on which data, and how that went."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from finops.app.collection.requests import WorkRequests
from finops.model.finding import State
from finops.model.operations import EVALUATE
from finops.web.api.answer import (
    Document,
    RequestedDocument,
    answer,
    encoded_document,
    published_of,
    requested,
    snapshot_of,
)
from finops.web.edge.caller import Caller, caller_of
from finops.web.published import PublishedState


class EvaluationDocument(Document):
    """The newest evaluation that is public."""

    as_of: datetime = Field(description="Time it evaluated as of")
    seconds: float = Field(description="Duration")
    timezone: str = Field(description="Time zone of days", examples=["UTC"])
    data_version: dict[str, int | None] = Field(description="Versions of the lake's tables")
    findings: int
    states: dict[State, int] = Field(description="Number of findings in each state")
    error: str = Field(
        description="Why a later evaluation failed; otherwise empty. If set, this evaluation is out of date"
    )
    requested: bool = Field(description="Somebody requested an evaluation that has not ended yet")
    leader: bool = Field(description="Whether this replica is the leader")


def evaluations_of(board: PublishedState, work: WorkRequests) -> APIRouter:
    """The routes of evaluations."""
    router = APIRouter(tags=["evaluations"])

    @router.get("/evaluations/latest", summary="Get the latest evaluation", response_model=EvaluationDocument)
    def latest(request: Request) -> Response:
        snapshot, operations = snapshot_of(board), published_of(board).operations
        counts = Counter(finding.state for finding in snapshot.findings)
        document = EvaluationDocument(
            as_of=snapshot.as_of,
            seconds=snapshot.evaluated_seconds,
            timezone=snapshot.timezone,
            data_version=snapshot.data_version.to_json(),
            findings=len(snapshot.findings),
            states={state: counts[state] for state in State},
            error=operations.evaluation_error,
            requested=EVALUATE in operations.requested,
            leader=operations.leader,
        )
        return answer(request, encoded_document(document))

    @router.post(
        "/evaluations",
        status_code=202,
        summary="Evaluate all policies now",
        description="The leading replica begins within seconds; `requested` of the latest one is true until then.",
        response_model=RequestedDocument,
    )
    def evaluate(caller: Annotated[Caller, Depends(caller_of)]) -> Response:
        return requested(work.evaluate(caller.actor))

    return router
