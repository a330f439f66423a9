"""``/api/v1/budgets``: the budgets of a fiscal year, month by month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Query as InQuery
from fastapi.responses import Response
from pydantic import Field

from finops.model.budget_year import BudgetPlan, BudgetYear
from finops.model.money import plain
from finops.web.api.answer import Document, Query, answer, encoded_document

_AMOUNT = "Decimal string; null where it is unknown"


class BudgetsQuery(Query):
    """Which year is wanted."""

    year: int | None = Field(
        default=None, ge=2000, le=2999, description="Year in which the fiscal year begins; default: the running one"
    )


class PlannedMonthDocument(Document):
    """One month of one budget."""

    month: str = Field(examples=["2026-03"])
    original: str | None = Field(description=f"As first agreed. {_AMOUNT}")
    plan: str | None = Field(description=f"With all revisions, without what carried forward. {_AMOUNT}")
    actual: str | None = Field(description=f"Spent up to today. {_AMOUNT}")
    forecast: str | None = Field(description=f"Of a month that still runs or is to come. {_AMOUNT}")
    variance: str | None = Field(description=f"Forecast, or what was spent, less plan. {_AMOUNT}")


class RevisionDocument(Document):
    """A later version of a budget."""

    from_: str = Field(alias="from", examples=["2026-07"])
    by: str
    reason: str


class BudgetPlanDocument(Document):
    """The year of one budget for one group."""

    policy: str
    owner: str
    group: dict[str, str]
    scope: str
    cost: str
    currency: str
    parent: str = Field(description="The budget that it is a part of; empty for none")
    revisions: list[RevisionDocument]
    months: list[PlannedMonthDocument]
    notes: list[str] = Field(description="What is not known, and why")


class BudgetYearDocument(Document):
    """All budgets that plan months, quarters or years."""

    from_: date = Field(alias="from")
    to: date = Field(description="Exclusive end")
    bills_reach: date | None
    budgets: list[BudgetPlanDocument]
    differences: list[str] = Field(description="Where the parts of a budget do not add up to it")
    notes: list[str]


def budgets_of(read: Callable[[int | None], BudgetYear]) -> APIRouter:
    """The route of budgets. ``read``: the fiscal year that begins in a year, None for the running one."""
    router = APIRouter(tags=["budgets"])

    @router.get(
        "/budgets",
        summary="List the budgets of a year",
        description="Plan, versions, actual and forecast of each month, as on the page Budgets.",
        response_model=BudgetYearDocument,
    )
    def budgets_route(request: Request, query: Annotated[BudgetsQuery, InQuery()]) -> Response:
        return answer(request, encoded_document(_document(read(query.year))))

    return router


def _document(found: BudgetYear) -> BudgetYearDocument:
    return BudgetYearDocument(
        **{"from": found.year.start},
        to=found.year.end,
        bills_reach=found.reach,
        budgets=[_plan(plan) for plan in found.plans],
        differences=list(found.differences),
        notes=list(found.notes),
    )


def _plan(plan: BudgetPlan) -> BudgetPlanDocument:
    def text(amount: Decimal | None) -> str | None:
        return plain(amount, plan.currency) if amount is not None else None

    return BudgetPlanDocument(
        policy=plan.policy,
        owner=plan.owner,
        group=dict(plan.group),
        scope=plan.scope,
        cost=plan.cost,
        currency=plan.currency,
        parent=plan.parent,
        revisions=[
            RevisionDocument(**{"from": f"{one.first:%Y-%m}"}, by=one.by, reason=one.reason) for one in plan.revisions
        ],
        months=[
            PlannedMonthDocument(
                month=f"{month.month:%Y-%m}",
                original=text(month.original),
                plan=text(month.plan),
                actual=text(month.actual),
                forecast=text(month.forecast),
                variance=text(month.variance),
            )
            for month in plan.months
        ],
        notes=list(plan.notes),
    )
