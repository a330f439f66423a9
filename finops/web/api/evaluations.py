"""``/api/v1/evaluations/latest``: when it was last judged, on which data, and how that went."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from finops.model.finding import State
from finops.web.api.answer import Document, answer, encoded_document, published_of, snapshot_of
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
    leader: bool = Field(description="Whether this replica is the leader")


def evaluations_of(board: PublishedState) -> APIRouter:
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
            leader=operations.leader,
        )
        return answer(request, encoded_document(document))

    return router
