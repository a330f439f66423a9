"""``/api/v1/costs``: daily sums from the lake, by whatever tells them apart."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import AwareDatetime, Field, model_validator
from starlette.concurrency import run_in_threadpool

from finops.app.costs import CostReader
from finops.app.costs.reader import MOST_COLUMNS
from finops.errors import NotFound
from finops.memo import Memos
from finops.model.cost_question import LONGEST, Compare, Conversion, CostQuestion, Every, columns_of
from finops.model.cost_report import CostReport
from finops.model.cost_table import cost_document
from finops.policy.options import PolicyCost
from finops.web.api.answer import EARLIEST, LATEST, Document, PageQuery, encoded, page_headers, sent, tag_of, unchanged

_AT_ONCE = 2
"""Questions that read the lake at the same time; the others wait without holding a thread."""


class CostsQuery(PageQuery):
    """Which costs are wanted."""

    from_: date | None = Field(
        default=None,
        alias="from",
        ge=EARLIEST.date(),
        le=LATEST.date(),
        description="First day; default: 30 days before 'to'",
    )
    to: date | None = Field(
        default=None, ge=EARLIEST.date(), le=LATEST.date(), description="Exclusive end; default: tomorrow"
    )
    by: list[str] = Field(
        default_factory=list,
        max_length=MOST_COLUMNS,
        description="Columns to group by: FOCUS columns such as ServiceName, configured dimensions, source,"
        " tags['key']; repeatable, or separated by commas",
        examples=[["team", "ServiceName"]],
    )
    every: Every = Field(
        default=Every.DAY, description="Interval of each sum; quarters and years are fiscal; all: the whole period"
    )
    cost: list[PolicyCost] = Field(
        default=["EffectiveCost"], min_length=1, max_length=5, description="Costs to sum; repeatable"
    )
    scope: str | None = Field(
        default=None,
        max_length=4000,
        description="SQL condition on rows, as in policies",
        examples=["team = 'checkout' AND ChargeCategory <> 'Tax'"],
    )
    compare: Compare | None = Field(
        default=None,
        description="What each sum is compared with: the previous period, or the same days a month or a year earlier",
    )
    currency: Conversion = Field(
        default=Conversion.BILLING,
        description="billing: each amount in its bill's own currency; converted: in currency: of finops.yaml, at the"
        " rate of each day",
    )
    as_of: AwareDatetime | None = Field(
        default=None,
        ge=EARLIEST,
        le=LATEST,
        description="Data as known at this time, if the lake still holds that version",
    )

    @model_validator(mode="after")
    def _in_order(self) -> CostsQuery:
        if self.from_ is not None and self.to is not None and not self.from_ < self.to <= self.from_ + LONGEST:
            raise ValueError(f"the period ends before it starts, or is longer than {LONGEST.days} days")
        for name, columns in (("by", columns_of(self.by)), ("cost", self.cost)):
            if len(set(columns)) < len(columns):
                raise ValueError(f"{name} lists a column twice")
        return self

    @property
    def question(self) -> CostQuestion:
        return CostQuestion(
            start=self.from_,
            end=self.to,
            by=columns_of(self.by),
            every=self.every,
            costs=tuple(self.cost),
            scope=self.scope or "",
            compare=self.compare,
            conversion=self.currency,
        )


_AMOUNTS = "Decimal strings; null where an amount is unknown"


class CostRowDocument(Document):
    """One sum."""

    day: date | None = Field(
        description="First day of the interval; null only where the compared period has an interval more"
    )
    group: dict[str, str] = Field(description="By the requested columns; an empty string means no value")
    currency: str
    costs: dict[PolicyCost, str | None] = Field(description=_AMOUNTS, examples=[{"EffectiveCost": "12.5"}])
    provisional: bool = Field(default=False, description="Present where some of its days can still change")
    compared_day: date | None = Field(
        default=None, description="With `compare`: first day of the interval that it is compared with"
    )
    compared: dict[PolicyCost, str | None] | None = Field(
        default=None, description="With `compare`: costs of that interval"
    )


class CostTotalDocument(Document):
    """One group over the whole period, the largest first."""

    group: dict[str, str]
    currency: str
    costs: dict[PolicyCost, str | None] = Field(description=_AMOUNTS)
    compared: dict[PolicyCost, str | None] | None = Field(
        default=None, description="With `compare`: over the whole compared period"
    )


class ComparedDocument(Document):
    """What the period is compared with. A period that is not over is compared with the days that bills have reached."""

    with_: Compare = Field(alias="with")
    from_: date = Field(alias="from")
    to: date


class RestatementOfCosts(Document):
    """A later delivery that changed a billing month of the period: new minus old, of the first cost."""

    source: str
    month: str
    at: datetime
    amounts: dict[str, str] = Field(description="By currency")


class DataAgeDocument(Document):
    """How far the bills of one source reach."""

    source: str
    delivered_at: datetime | None = Field(description="Its last successful collection")
    complete_through: datetime | None = Field(description="Exclusive end of its delivered usage")


class CostsDocument(Document):
    """Sums, and the age of the data that they were made from. Amounts of different currencies are never added."""

    from_: date = Field(alias="from")
    to: date
    every: Every
    by: list[str]
    scope: str
    currency: str | None = Field(description="What every amount was converted to; null: each row names its own")
    compared: ComparedDocument | None
    settled_through: date | None = Field(description="Last settled day; later days are provisional")
    sources: list[DataAgeDocument]
    data_version: dict[str, int | None]
    notes: list[str] = Field(description="Sentences about what the amounts lack")
    restatements: list[RestatementOfCosts] = Field(description="The newest 20")
    totals: list[CostTotalDocument]
    rows: list[CostRowDocument]


def costs_of(reader: CostReader) -> APIRouter:
    """The routes of costs."""
    router, costs = APIRouter(tags=["costs"]), _Costs(reader)
    turns = asyncio.Semaphore(_AT_ONCE)

    @router.get(
        "/costs",
        summary="Sum costs",
        description="Each sum is in its bill's own currency unless `currency=converted`. Columns that the daily rollup"
        " lacks, such as ResourceId, are summed from single rows, which takes longer. `limit` bounds the rows of an"
        " answer; rows are sorted by day, by the columns asked for, and by currency.",
        response_model=CostsDocument,
        responses={404: {"description": "The lake no longer holds data of that time"}},
    )
    async def costs_route(request: Request, query: Annotated[CostsQuery, InQuery()]) -> Response:
        async with turns:
            return await run_in_threadpool(costs.answer, request, query)

    return router


_MOST_KEPT = 4
"""Reports whose other pages of rows may be asked for next."""


@dataclass(frozen=True, slots=True)
class _Costs:
    """``kept``: reports by what decides them."""

    reader: CostReader
    kept: Memos[CostReport] = field(default_factory=lambda: Memos(_MOST_KEPT))

    def answer(self, request: Request, query: CostsQuery) -> Response:
        try:
            asked = self.reader.understand(query.question, as_of=query.as_of)
        except NotFound as error:
            raise HTTPException(404, str(error)) from error
        mark = tag_of(encoded([self.reader.mark(asked)]))
        tag = tag_of(encoded([mark, query.limit, query.offset]))
        found = unchanged(request, tag)
        if found is not None:
            return found
        report = self.kept.of(mark, lambda: self.reader.report(asked))
        body = encoded(cost_document(report, offset=query.offset, limit=query.limit))
        return sent(request, body, tag, page_headers(request, query, len(report.rows)))
