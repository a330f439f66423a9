"""``/api/v1/audit``: what people did. For responders only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.model.audit import AuditAction
from finops.ports.state import AuditLog
from finops.web.api.alert_document import AuditDocument
from finops.web.api.answer import FOR_RESPONDERS, PageQuery, encoded, page_of


class AuditQuery(PageQuery):
    """Which entries are wanted; all that is said must hold."""

    actor: str | None = Field(default=None, description="Filter by actor")
    action: AuditAction | None = Field(default=None, description="Filter by action")


def audit_of(log: AuditLog) -> APIRouter:
    """The routes of the audit log."""
    router = APIRouter(tags=["audit"])

    @router.get(
        "/audit",
        summary="List acknowledgements, accepted levels, silences, requests and failed sign-ins, latest first",
        response_model=list[AuditDocument],
        **FOR_RESPONDERS,
    )
    def audit(request: Request, query: Annotated[AuditQuery, InQuery()]) -> Response:
        page = log.page(limit=query.limit, offset=query.offset, actor=query.actor, action=query.action)
        return page_of(request, query, [encoded(entry.to_json()) for entry in page.entries], page.total)

    return router
