"""``/api/v1/savings``: claimed savings, and what they were measured to be."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Path, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import AwareDatetime, Field

from finops.app.savings import Savings
from finops.app.savings.claims import LONGEST_NOTE, MOST_ROWS_AT_ONCE
from finops.errors import NotFound
from finops.model.period import month_start
from finops.web.api.answer import EARLIEST, LATEST, Document, Query, answer, encoded
from finops.web.api.costs import DataAgeDocument
from finops.web.edge.caller import Caller, caller_of

_NO_STORE = {"Cache-Control": "no-store"}
ClaimId = Annotated[str, Path(description="ID of the claim, or a unique prefix")]


class SavingsQuery(Query):
    """When savings count, on which data."""

    month: date | None = Field(
        default=None, ge=EARLIEST.date(), le=LATEST.date(), description="Any day of a month; default: since each claim"
    )
    as_of: AwareDatetime | None = Field(
        default=None, ge=EARLIEST, le=LATEST, description="Data as known at this time; default: now"
    )


class ClaimBody(Document):
    """A saving to be measured."""

    scope: str = Field(
        min_length=1, max_length=4000, description="SQL condition on rows, as in policies", examples=["team = 'search'"]
    )
    since: date = Field(
        ge=EARLIEST.date(), le=LATEST.date(), description="First day that costs less, within a year of today"
    )
    demand: str = Field(default="", max_length=200, description="Demand series that drives the cost; default: a level")
    note: str = Field(default="", max_length=LONGEST_NOTE, description="Note for the audit log")


class WithdrawBody(Document):
    """Why nothing of a claim is to count any more."""

    note: str = Field(default="", max_length=LONGEST_NOTE, description="Note for the audit log")


class ClaimDocument(Document):
    """Somebody's claim that a scope costs less from a day on."""

    id: str
    scope: str
    since: date
    demand: str
    actor: str
    note: str
    claimed_at: datetime
    withdrawn_at: datetime | None


class PartsDocument(Document):
    """What a saving comes from; the parts add up to it. A negative part cost more."""

    usage: str
    price: str
    mix: str
    charges: str


class SavingDocument(Document):
    """A claim, and what was measured of it."""

    id: str
    scope: str
    since: date
    demand: str
    actor: str
    note: str
    claimed_at: datetime
    state: str = Field(description="proven, not proven, measuring, unknown or withdrawn")
    reason: str
    from_: date | None = Field(alias="from", description="First day measured")
    to: date | None = Field(description="Exclusive end")
    days: int = Field(description="Days measured")
    saved: str | None = Field(description="What demand would have cost, less what it cost")
    low: str | None = Field(description="Lower end of the 90 % interval")
    high: str | None = Field(description="Upper end of the 90 % interval")
    credited: str | None = Field(description="saved where it is proven, else 0; null where it is not known")
    expected: str | None = Field(description="What demand would have cost")
    actual: str | None
    parts: PartsDocument | None
    shared_with: list[str] = Field(description="IDs of claims on the same rows, which have what they saved")
    notes: list[str]


class SavingsDocument(Document):
    """Every claim, the newest first."""

    currency: str
    credited: str = Field(description="Sum of the savings that are known")
    month: str | None
    settled_through: date | None
    sources: list[DataAgeDocument]
    savings: list[SavingDocument]


def savings_of(savings: Savings) -> APIRouter:
    router = APIRouter(tags=["savings"])
    unknown: dict[int | str, dict[str, Any]] = {
        404: {"description": "No claim, or more than one, has an ID with this prefix"}
    }

    @router.get(
        "/savings",
        summary="Claimed savings with what they were measured to be",
        response_model=SavingsDocument,
        responses={404: {"description": "The lake no longer holds data of as_of"}},
    )
    def listed(request: Request, query: Annotated[SavingsQuery, InQuery()]) -> Response:
        month = month_start(query.month) if query.month else None
        try:
            found = savings.measured(month=month, as_of=query.as_of, most_rows=MOST_ROWS_AT_ONCE)
        except NotFound as error:
            raise HTTPException(404, str(error)) from error
        return answer(request, encoded(found.to_json()))

    @router.post(
        "/savings",
        status_code=201,
        summary="Claim a saving",
        description="It is measured once 14 days are settled. An `Idempotency-Key` makes one claim only.",
        response_model=ClaimDocument,
    )
    def claim(
        caller: Annotated[Caller, Depends(caller_of)],
        body: Annotated[ClaimBody, Body()],
        idempotency_key: Annotated[str, Header(max_length=200)] = "",
    ) -> Response:
        made = savings.claim(
            body.scope, body.since, demand=body.demand, actor=caller.actor, note=body.note, key=idempotency_key
        )
        return Response(encoded(made.to_json()), 201, _NO_STORE, "application/json")

    @router.post("/savings/{id}/withdraw", summary="Withdraw a claim", response_model=ClaimDocument, responses=unknown)
    def withdraw(
        id: ClaimId,  # noqa: A002 - the name in the address
        caller: Annotated[Caller, Depends(caller_of)],
        body: Annotated[WithdrawBody, Body()],
    ) -> Response:
        made = savings.withdraw(id, actor=caller.actor, note=body.note)
        return Response(encoded(made.to_json()), 200, _NO_STORE, "application/json")

    return router
