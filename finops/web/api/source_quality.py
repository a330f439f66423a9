"""``/api/v1/sources/{name}/quality``: how well the rows of a source follow FOCUS, and whose its costs are."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import Field

from finops.web.api.answer import Document, answer, encoded_document, published_of
from finops.web.published import PublishedState

_AMOUNTS = "By currency: the larger of BilledCost and EffectiveCost of each row, without its sign"


class PeriodsDocument(Document):
    """The first days of billing periods."""

    first: date
    last: date


class ViolationDocument(Document):
    """A rule of FOCUS that rows violate."""

    column: str = Field(examples=["SkuId"])
    rule: str = Field(examples=["is null in usage or a purchase"])
    rows: int
    amounts: dict[str, str] = Field(description=_AMOUNTS)
    change: int | None = Field(
        description="Rows that violate it now less those before the latest delivery; null at the first"
    )


class UnallocatedDocument(Document):
    """What has no value in a dimension."""

    rows: int
    rows_in_all: int
    effective_cost: dict[str, str] = Field(description="By currency")
    effective_cost_in_all: dict[str, str] = Field(description="By currency")


class QualityDocument(Document):
    """Of all rows of a source in the lake, as ``finops sources quality`` shows it."""

    source: str
    billing_periods: PeriodsDocument
    collected_at: datetime
    complete_through: datetime | None = Field(description="Exclusive end of its delivered usage")
    rows: int
    amounts: dict[str, str] = Field(description=_AMOUNTS)
    violations: list[ViolationDocument] = Field(description="The most frequent first")
    no_longer_violated: list[str] = Field(description="Rules that only rows before the latest delivery violated")
    nulls: dict[str, int] = Field(description="By FOCUS column: rows without a value")
    repaired: dict[str, int] = Field(description="By column and kind: values that the latest delivery repaired")
    repaired_in: list[date] = Field(description="The billing periods of the latest delivery")
    unallocated: dict[str, UnallocatedDocument] = Field(description="By configured dimension")
    not_counted: list[date] = Field(description="Billing periods collected before violations were counted")


def source_quality_of(board: PublishedState) -> APIRouter:
    """The routes of data quality."""
    router = APIRouter(tags=["sources"])

    @router.get(
        "/sources/{name}/quality",
        summary="Get the data quality of a source",
        description="FOCUS rules violated, nulls, repairs and the share without an owner.",
        response_model=QualityDocument,
        responses={404: {"description": "No such source, or the lake has no rows of it"}},
    )
    def quality(request: Request, name: str) -> Response:
        for one in published_of(board).operations.sources:
            if one.name == name and one.quality is not None:
                return answer(request, encoded_document(QualityDocument.model_validate(one.quality.to_json())))
        raise HTTPException(404, "No such source, or the lake has no rows of it. See /api/v1/sources.")

    return router
