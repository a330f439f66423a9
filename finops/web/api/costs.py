"""``/api/v1/costs``: daily sums from the lake, by whatever tells them apart."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import AwareDatetime, Field, model_validator
from starlette.concurrency import run_in_threadpool

from finops.app.collection.collectors import Freshness
from finops.app.daily_costs import DailyCosts, Every, Question, daily_costs
from finops.conditions import Condition, ConditionFaults, parse
from finops.config import Config
from finops.errors import BadArguments
from finops.lake.tables.failures import lake_failures
from finops.model.columns import Columns
from finops.model.data_version import DataVersion
from finops.model.money import plain
from finops.model.period import Period
from finops.model.source_freshness import SourceFreshness, last_settled_day
from finops.policy.options import CostColumn
from finops.ports.clock import Clock
from finops.ports.lake import Lake
from finops.web.api.answer import EARLIEST, LATEST, Document, PageQuery, encoded, page_headers, sent, tag_of, unchanged

LONGEST = timedelta(days=1100)
USUAL = timedelta(days=30)
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
        max_length=6,
        description="Columns to group by: configured dimensions, source, FOCUS columns such as ServiceName; repeatable",
        examples=[["team", "ServiceName"]],
    )
    every: Every = Field(default=Every.DAY, description="Interval of each sum; all: the whole period")
    cost: list[CostColumn] = Field(
        default=["EffectiveCost"], min_length=1, max_length=4, description="Costs to sum; repeatable"
    )
    scope: str | None = Field(
        default=None,
        max_length=4000,
        description="SQL condition on rows, as in policies",
        examples=["team = 'checkout' AND ChargeCategory <> 'Tax'"],
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
        for name in ("by", "cost"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} lists a column twice")
        return self


class CostRowDocument(Document):
    """One sum, in the bill's own currency."""

    day: date = Field(description="The first day of what is summed")
    group: dict[str, str] = Field(description="By the requested columns; an empty string means no value")
    currency: str
    costs: dict[CostColumn, str] = Field(description="Decimal strings", examples=[{"EffectiveCost": "12.5"}])


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
    settled_through: date | None = Field(description="Last settled day; later days are provisional")
    sources: list[DataAgeDocument]
    data_version: dict[str, int | None]
    rows: list[CostRowDocument]


def costs_of(lake: Lake, freshness: Freshness, columns: Columns, config: Config, clock: Clock) -> APIRouter:
    """The routes of costs."""
    router, costs = APIRouter(tags=["costs"]), _Costs(lake, freshness, columns, config.timezone, config.settling, clock)
    turns = asyncio.Semaphore(_AT_ONCE)

    @router.get(
        "/costs",
        summary="Sum daily costs",
        description="Each sum is in its bill's own currency. `limit` bounds the rows of an answer; rows are sorted by "
        "day, by the columns asked for, and by currency.",
        response_model=CostsDocument,
        responses={404: {"description": "The lake no longer holds data of that time"}},
    )
    async def costs_route(request: Request, query: Annotated[CostsQuery, InQuery()]) -> Response:
        async with turns:
            return await run_in_threadpool(costs.answer, request, query)

    return router


@dataclass(frozen=True, slots=True)
class _Costs:
    lake: Lake
    freshness: Freshness
    columns: Columns
    timezone: ZoneInfo
    settling: timedelta
    clock: Clock

    def answer(self, request: Request, query: CostsQuery) -> Response:
        now = self.clock.now()
        moment = query.as_of.astimezone(UTC) if query.as_of else now
        question = self._question(query, now)
        version = self._version(query, moment)
        freshness = self.freshness.read(at=moment if query.as_of else None)
        settled = _settled_days(freshness, moment, self.settling, self.timezone)
        tag = tag_of(
            encoded([version.to_json(), str(question), query.limit, query.offset]),
            encoded([[one.source, str(one.delivered_at), str(one.complete_through)] for one in freshness]),
            encoded([str(day) for day in settled.values()]),
        )
        found = unchanged(request, tag)
        if found is not None:
            return found
        with lake_failures(self.lake.uri):
            made = daily_costs(self.lake.at(version), question)
        body = encoded(_document(question, made, version, freshness, settled, query))
        return sent(request, body, tag, page_headers(request, query, made.frame.height))

    def _question(self, query: CostsQuery, now: datetime) -> Question:
        today = now.astimezone(self.timezone).date()
        if query.to is not None:
            to = query.to
        else:
            to = today + timedelta(days=1) if query.from_ is None or query.from_ <= today else query.from_ + USUAL
        start = query.from_ if query.from_ is not None else to - USUAL
        if to - start > LONGEST:
            raise BadArguments(
                f"the period is longer than {LONGEST.days} days", where="from", remedy="Request a shorter period"
            )
        return Question(
            period=Period(start, to),
            by=tuple(self.columns.aliases.get(name, name) for name in query.by),
            costs=tuple(query.cost),
            condition=self._condition(query.scope),
            every=query.every,
        )

    def _condition(self, text: str | None) -> Condition | None:
        if text is None or not text.strip():
            return None
        try:
            return parse(text, self.columns)
        except ConditionFaults as faults:
            where = "; ".join(f"character {f.offset + 1}: {f.message}. {f.hint}" for f in faults.faults)
            raise HTTPException(422, f"scope, {where}") from faults

    def _version(self, query: CostsQuery, moment: datetime) -> DataVersion:
        if query.as_of is None:
            return self.lake.version()
        [version] = self.lake.known_at([moment])
        if version is None:
            raise HTTPException(
                404, "The lake no longer holds data of that time; audit: sets how long versions are kept."
            )
        return version


def _settled_days(
    freshness: Sequence[SourceFreshness], moment: datetime, settling: timedelta, zone: ZoneInfo
) -> dict[str, date | None]:
    """Source -> its last settled day, None where there is none."""
    settled = {one.source: one.settled_until(moment, settling) for one in freshness}
    return {name: last_settled_day(until.astimezone(zone)) if until else None for name, until in settled.items()}


def _document(
    question: Question,
    made: DailyCosts,
    version: DataVersion,
    freshness: Sequence[SourceFreshness],
    settled: dict[str, date | None],
    query: CostsQuery,
) -> dict[str, Any]:
    sources = [one for one in freshness if one.source in made.sources]
    days = [settled[one.source] for one in sources]
    rows = made.frame.slice(query.offset, query.limit)
    return {
        "from": question.period.start.isoformat(),
        "to": question.period.end.isoformat(),
        "every": question.every.value,
        "by": list(question.by),
        "settled_through": min(day for day in days if day).isoformat() if days and all(days) else None,
        "sources": [
            {
                "source": one.source,
                "delivered_at": one.delivered_at.isoformat() if one.delivered_at else None,
                "complete_through": one.complete_through.isoformat() if one.complete_through else None,
            }
            for one in sources
        ],
        "data_version": version.to_json(),
        "rows": [
            {
                "day": row["day"].isoformat(),
                "group": {name: row[name] for name in question.by},
                "currency": row["currency"],
                "costs": {name: plain(row[name]) for name in question.costs},
            }
            for row in rows.iter_rows(named=True)
        ],
    }
