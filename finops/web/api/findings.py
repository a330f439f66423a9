"""``/api/v1/findings``: the newest verdicts, and any that the archive still holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.model.evaluation import Track
from finops.model.finding import Finding, Severity, State
from finops.model.snapshot import Snapshot
from finops.model.verdict_day import VerdictDay
from finops.ports.clock import Clock
from finops.ports.state import FindingArchive, VerdictHistory
from finops.web.api.answer import PageQuery, Query, answer, encoded, page_of, snapshot_of
from finops.web.api.finding_document import (
    FindingDocument,
    OneFindingDocument,
    TrackDocument,
    VerdictDayDocument,
)
from finops.web.published import PublishedState


class FindingsQuery(PageQuery):
    """Which findings are wanted; all that is said must hold."""

    policy: str | None = Field(default=None, description="Filter by policy")
    kind: str | None = Field(default=None, description="Filter by kind", examples=["Budget"])
    state: State | None = Field(default=None, description="Filter by state")
    severity: Severity | None = Field(default=None, description="Filter by severity of firing verdicts")
    owner: str | None = Field(default=None, description="Filter by owner")
    group: str | None = Field(default=None, description="Filter by group", examples=["environment=prod,team=checkout"])


class DaysQuery(Query):
    """How far back."""

    days: int = Field(default=90, ge=1, le=1100, description="Number of days before today")


FindingId = Annotated[str, Path(description="ID, or a unique prefix")]


def findings_of(
    board: PublishedState, archive: FindingArchive, history: VerdictHistory, clock: Clock, timezone: ZoneInfo
) -> APIRouter:
    """The routes of findings."""
    router = APIRouter(tags=["findings"])

    @router.get(
        "/findings", summary="List the latest verdicts, by policy and group", response_model=list[FindingDocument]
    )
    def findings(request: Request, query: Annotated[FindingsQuery, InQuery()]) -> Response:
        matching = [finding for finding in snapshot_of(board).findings if _matches(finding, query)]
        page = matching[query.offset : query.offset + query.limit]
        return page_of(request, query, [encoded(finding.to_json()) for finding in page], len(matching))

    @router.get(
        "/findings/{id}",
        summary="Get a verdict",
        description="The latest verdicts include daily values; older ones are returned as archived.",
        response_model=OneFindingDocument,
        responses={404: {"description": "No finding, or more than one, has an ID with this prefix"}},
    )
    def finding(request: Request, id: FindingId) -> Response:  # noqa: A002 - the name in the address
        snapshot = board.current.snapshot if board.current else None
        newest = _newest(board)
        found = newest[id] if id in newest else archive.find(id).finding
        track = _track(snapshot, found) if snapshot and found.id in newest else None
        document = TrackDocument.model_validate(_days(track)).model_dump(mode="json") if track else None
        return answer(request, encoded({**found.to_json(), "track": document}))

    @router.get(
        "/findings/{id}/days",
        summary="List the daily verdicts of its policy and group, oldest first",
        description="The last verdict of each day; `then` is false for verdicts evaluated later.",
        response_model=list[VerdictDayDocument],
        responses={404: {"description": "No finding, or more than one, has an ID with this prefix"}},
    )
    def days(request: Request, id: FindingId, query: Annotated[DaysQuery, InQuery()]) -> Response:  # noqa: A002
        newest = _newest(board)
        found = newest[id] if id in newest else archive.find(id).finding
        today = clock.now().astimezone(timezone).date()
        said = history.of(found.anchor, since=today - timedelta(days=query.days))
        return answer(request, encoded([_day(one) for one in said]))

    return router


def _newest(board: PublishedState) -> dict[str, Finding]:
    snapshot = board.current.snapshot if board.current else None
    return {one.id: one for one in snapshot.findings} if snapshot else {}


def _day(said: VerdictDay) -> dict[str, object]:
    return VerdictDayDocument(
        day=said.day,
        as_of=said.as_of,
        state=said.state,
        severity=said.severity,
        measure=said.measure,
        value=said.value,
        limit=said.limit,
        reason=said.reason,
        then=said.then,
    ).model_dump(mode="json")


def _matches(finding: Finding, query: FindingsQuery) -> bool:
    facts = {
        "policy": finding.policy,
        "kind": finding.kind,
        "state": finding.state,
        "severity": finding.severity,
        "owner": finding.owner,
        "group": finding.group_label,
    }
    return all(getattr(query, name) in {None, value} for name, value in facts.items())


def _track(snapshot: Snapshot, finding: Finding) -> Track | None:
    place = (finding.policy, finding.group_label)
    return next((track for track in snapshot.tracks if (track.policy, track.group) == place), None)


def _days(track: Track) -> dict[str, object]:
    return {
        "currency": track.currency,
        "days": list(track.days),
        "spent": [f"{amount:f}" for amount in track.spent],
        "due": [f"{amount:f}" for amount in track.due],
        "settled_through": track.settled_through,
        "lines": {
            name: [f"{value:f}" if value is not None else None for value in line] for name, line in track.lines.items()
        },
    }
