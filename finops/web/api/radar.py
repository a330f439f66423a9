"""``/api/v1/radar``: costs that outgrew their demand, found without policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.model.cost_question import columns_of
from finops.model.radar import Outcome
from finops.model.radar_document import radar_document
from finops.web.api.answer import Document, Query, answer, encoded_document, snapshot_of
from finops.web.published import PublishedState

_A_MONTH = "A month, at the rate of the last four settled weeks"


class RadarQuery(Query):
    """Which rows are wanted; all that is said must hold."""

    by: str | None = Field(default=None, description="Only this level", examples=["team,ServiceName"])
    outcome: Outcome | None = Field(default=None, description="Filter by outcome")


class DaysDocument(Document):
    """``to`` is exclusive."""

    first: date = Field(alias="from")
    end: date = Field(alias="to")


class LevelDocument(Document):
    """Groups by the same columns. Counts and sums are null for a login that sees its teams only."""

    columns: list[str]
    groups: int | None
    pairs: int | None = Field(description="Judged against a demand series")
    in_step: int | None = Field(description="Groups that outgrew nothing")
    cost_per_month: str | None = Field(description=_A_MONTH)


class RadarPairDocument(Document):
    """A group held against one demand series; null: its cost alone."""

    demand: str | None
    cost_growth: float = Field(description="0.1 is 10 %, against the window before")
    demand_growth: float | None
    excess_growth: float
    excess_low: float | None = Field(description="Lower end of the 90 % interval, where cost outgrew demand")
    excess_high: float | None
    p_value: float = Field(description="One-sided; 1 where cost did not outgrow demand")
    beyond_demand: bool = Field(description="Reported at a false discovery rate of 10 %")
    relation: float | None = Field(description="Share of the history's variance that the series explains")
    beyond_demand_per_month: str = Field(description=_A_MONTH)


class RadarDriverDocument(Document):
    """A part of the change between the windows."""

    by: str
    value: str
    name: str
    change: str


class RadarGroupDocument(Document):
    """A group whose cost outgrew something. Amounts are of ``demand``, the series that explains the most."""

    id: str
    group: dict[str, str]
    outcome: Outcome
    demand: str | None
    explained_by: str | None = Field(description="A series that cost is in step with")
    cost_per_month: str = Field(description=_A_MONTH)
    beyond_demand_per_month: str = Field(description=_A_MONTH)
    ahead: str = Field(description="The same from today through ``ahead_to``, at this rate")
    since: date | None = Field(description="First large step; null: gradually")
    settled_through: date
    pairs: list[RadarPairDocument]
    drivers: list[RadarDriverDocument] = Field(description="The largest first; of the 200 largest rows")
    hint: str = Field(description="Which series to add, where none drives the cost")
    policy: str = Field(description="A Growth policy; empty without a series")


class NotJudgedDocument(Document):
    """A group, or a pair of it, of which nothing is said."""

    group: dict[str, str]
    demand: str | None
    why: str
    detail: str
    cost_per_month: str | None = Field(description=_A_MONTH)


class RadarDocument(Document):
    """Rows are ranked by money beyond demand."""

    as_of: datetime
    currency: str
    window: DaysDocument
    ahead_to: date
    series: list[str]
    levels: list[LevelDocument]
    found: list[RadarGroupDocument]
    not_judged: list[NotJudgedDocument]


def radar_of(board: PublishedState) -> APIRouter:
    """The route of the radar."""
    router = APIRouter(tags=["radar"])

    @router.get(
        "/radar",
        summary="Get costs that outgrew their demand",
        description="Made every night, without policies; amounts are decimal strings in ``currency``.",
        response_model=RadarDocument,
        responses={404: {"description": "No radar has been made yet"}},
    )
    def radar(request: Request, query: Annotated[RadarQuery, InQuery()]) -> Response:
        found = snapshot_of(board).radar
        if found is None:
            raise HTTPException(404, "No radar has been made yet. It is made after the first evaluation.")
        document = radar_document(found)
        if query.by is not None:
            columns = set(columns_of([query.by]))
            for part in ("found", "not_judged"):
                document[part] = [one for one in document[part] if set(one["group"]) == columns]
        if query.outcome is not None:
            document["found"] = [one for one in document["found"] if one["outcome"] == query.outcome.value]
        return answer(request, encoded_document(RadarDocument.model_validate(document)))

    return router
