"""``/api/v1/deliveries``: who was told of what, and what the receiver answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.model.delivery import DeliveryState
from finops.ports.state import DeliveryLog
from finops.web.api.alert_document import DeliveryDocument
from finops.web.api.answer import PageQuery, encoded, page_of


class DeliveriesQuery(PageQuery):
    """Which messages are wanted; all that is said must hold."""

    alert: str | None = Field(default=None, description="Filter by alert (full ID)")
    receiver: str | None = Field(default=None, description="Filter by receiver")
    state: DeliveryState | None = Field(default=None, description="Filter by state")


def deliveries_of(log: DeliveryLog) -> APIRouter:
    """The routes of deliveries."""
    router = APIRouter(tags=["deliveries"])

    @router.get(
        "/deliveries", summary="List messages to receivers, latest first", response_model=list[DeliveryDocument]
    )
    def deliveries(request: Request, query: Annotated[DeliveriesQuery, InQuery()]) -> Response:
        page = log.page(
            limit=query.limit,
            offset=query.offset,
            alert_id=query.alert,
            receiver=query.receiver,
            state=query.state,
        )
        return page_of(request, query, [encoded(one.to_json()) for one in page.deliveries], page.total)

    return router
