"""``/api/v1/restatements``: bills that changed after they had come, and by how much."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.model.money import plain
from finops.ports.lake import Change, Lake, Sums
from finops.web.api.answer import Document, PageQuery, encoded, page_of

_LOOKED_THROUGH = 1000
"""The newest replacements of periods; most of them changed nothing that was known."""


class RestatementDocument(Document):
    """One billing period of one source that came again with other sums."""

    at: datetime
    source: str
    billing_period: date = Field(description="Its first day")
    costs_version: int = Field(description="Version of the table costs that it created")
    run: str = Field(description="The collection")
    rows: int = Field(description="Rows of the period after it")
    restated: dict[str, dict[str, str]] = Field(
        description="By currency and cost: new minus old", examples=[{"EUR": {"EffectiveCost": "-132.41"}}]
    )


class RestatementsQuery(PageQuery):
    """Which restatements are wanted."""

    source: str | None = Field(default=None, description="Filter by source")


def restatements_of(lake: Lake) -> APIRouter:
    """The routes of restatements."""
    router = APIRouter(tags=["sources"])

    @router.get(
        "/restatements",
        summary="List restated billing periods, latest first",
        description=f"Those among the newest {_LOOKED_THROUGH:,} replacements of billing periods.",
        response_model=list[RestatementDocument],
    )
    def restatements(request: Request, query: Annotated[RestatementsQuery, InQuery()]) -> Response:
        found = [
            change
            for change in lake.history(limit=_LOOKED_THROUGH)
            if _is_restated(change.restated) and query.source in {None, change.source}
        ]
        page = found[query.offset : query.offset + query.limit]
        return page_of(request, query, [encoded(_document(change)) for change in page], len(found))

    return router


def _is_restated(sums: Sums) -> bool:
    return any(amount for by_cost in sums.values() for amount in by_cost.values())


def _document(change: Change) -> dict[str, Any]:
    restated = {
        currency: {cost: plain(amount) for cost, amount in by_cost.items()}
        for currency, by_cost in change.restated.items()
    }
    return RestatementDocument(
        at=change.at,
        source=change.source,
        billing_period=change.billing_period,
        costs_version=change.costs_version,
        run=change.run_id,
        rows=change.rows,
        restated=restated,
    ).model_dump(mode="json")
