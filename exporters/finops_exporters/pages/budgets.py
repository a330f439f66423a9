"""The budgets of a fiscal year: plan, versions, actuals and forecast by month, and the same as a workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finops.errors import BadArguments
from finops.model.budget_year import BudgetPlan, BudgetYear, PlannedMonth
from finops.model.cost_question import CostQuestion, equals, scope_of
from finops.model.finding import page_of, place_of
from finops.model.period import month_start
from finops.model.wording import count_text
from finops_exporters import words
from finops_exporters.workbook import Tables, for_print, new_workbook, plain_cells

_AMOUNTS = ("original", "plan", "actual", "forecast", "variance")
_HEADS = ("budget", "group", "owner", "part_of", "currency", "month", *_AMOUNTS)


@dataclass(frozen=True, slots=True)
class MonthLine:
    """Texts only. ``address``: of the costs behind what was spent, empty where nothing was."""

    month: str
    cells: Sequence[tuple[str, str]]
    address: str
    is_over: bool
    runs: bool


@dataclass(frozen=True, slots=True)
class PlanSection:
    """Texts only. ``depth``: how many budgets it is a part of."""

    place: str
    name: str
    group: str
    owner: str
    address: str
    depth: int
    plan: str
    actual: str
    variance: str
    is_over: bool
    scope: str
    versions: Sequence[str]
    months: Sequence[MonthLine]
    totals: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class BudgetsPage:
    headline: str
    lead: str
    heads: Sequence[str]
    sections: Sequence[PlanSection]
    differences: Sequence[str]
    notes: Sequence[str]
    years: Sequence[tuple[int, str, bool]]
    file: str


def year_of(query: Mapping[str, str]) -> int | None:
    """What an address asks; None: the running year. Raises ``BadArguments``."""
    text = query.get("year", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 2000 <= int(text) <= 2999):
        raise BadArguments(f"'{words.shown(text, 40)}' is not a valid year", where="year", remedy="Write it like 2026")
    return int(text)


def budgets_page(found: BudgetYear) -> BudgetsPage:
    revised = any(plan.revisions for plan in found.plans)
    names = [name for name in _AMOUNTS if revised or name != "original"]
    year = found.year.start.year
    over = sum(_is_over(plan.variance_to_date) for plan in found.plans)
    known = sum(plan.variance_to_date is not None for plan in found.plans)
    return BudgetsPage(
        headline=f"{over} of {count_text(known, 'budget')} {'is' if over == 1 else 'are'} above plan in {_span(found)}"
        if known
        else f"{count_text(len(found.plans), 'budget')} in {_span(found)}",
        lead=_lead(found),
        heads=[name.capitalize() for name in names],
        sections=[_section(found, plan, depth, names) for plan, depth in _in_order(found.plans)],
        differences=[words.shown(one, 300) for one in found.differences],
        notes=[words.sentence(note) for note in found.notes],
        years=[(one, str(one), one == year) for one in range(max(found.today.year, year) + 1, year - 3, -1)],
        file=f"/budgets.xlsx?year={year}",
    )


def _lead(found: BudgetYear) -> str:
    reach = f" Bills reach {words.day(found.reach)}." if found.reach is not None else ""
    return (
        "Variance: the forecast of a month that still runs or is to come, else its cost, against the plan in force."
        f"{reach}"
    )


def _span(found: BudgetYear) -> str:
    start = found.year.start
    return str(start.year) if start.month == 1 else f"the fiscal year from {start:%B %Y}"


def _in_order(plans: Sequence[BudgetPlan]) -> list[tuple[BudgetPlan, int]]:
    """Each budget before its parts, what is most above plan first."""
    names = {plan.policy for plan in plans}
    found: list[tuple[BudgetPlan, int]] = []

    def below(parent: str, depth: int) -> None:
        own = [plan for plan in plans if (plan.parent if plan.parent in names else "") == parent]
        for plan in sorted(own, key=lambda one: (-(one.variance_to_date or Decimal(0)), one.policy, one.group_label)):
            if any(plan is known for known, _ in found):  # parts of each other: a circle has no beginning
                continue
            found.append((plan, depth))
            if not plan.group:
                below(plan.policy, depth + 1)

    below("", 0)
    return found + [(plan, 0) for plan in plans if not any(plan is known for known, _ in found)]


def _section(found: BudgetYear, plan: BudgetPlan, depth: int, names: Sequence[str]) -> PlanSection:
    currency = plan.currency
    variance = plan.variance_to_date
    return PlanSection(
        place=place_of(plan.policy, plan.group),
        name=words.shown(plan.policy),
        group=words.shown(plan.group_label, 120),
        owner=words.shown(plan.owner, 60),
        address=page_of(plan.policy, plan.group),
        depth=depth,
        plan=words.money_of(plan.total("plan"), currency),
        actual=words.money_of(plan.total("actual"), currency),
        variance=words.signed_money_of(variance, currency),
        is_over=_is_over(variance),
        scope=words.shown(plan.scope, 300),
        versions=[
            f"{words.shown(one.by, 80)} revised it from {one.first:%B %Y} on: {words.shown(one.reason, 300)}"
            for one in plan.revisions
        ],
        months=[_month(found, plan, month, names) for month in plan.months],
        totals=[_cell(plan.total(name) if name != "variance" else variance, currency, name) for name in names],
        notes=[words.sentence(note) for note in plan.notes],
    )


def _month(found: BudgetYear, plan: BudgetPlan, month: PlannedMonth, names: Sequence[str]) -> MonthLine:
    scope = scope_of(plan.scope, *(equals(column, value) for column, value in sorted(plan.group.items())))
    costs = CostQuestion(
        month.month, month_start(month.month, 1), ("ServiceName",), costs=(plan.cost,), scope=scope
    ).address
    return MonthLine(
        month=f"{month.month:%B %Y}",
        cells=[(name.capitalize(), _cell(getattr(month, name), plan.currency, name)) for name in names],
        address=costs if month.actual is not None else "",
        is_over=_is_over(month.variance),
        runs=month.month <= found.today < month_start(month.month, 1),
    )


def _is_over(variance: Decimal | None) -> bool:
    return variance is not None and variance > 0


def _cell(amount: Decimal | None, currency: str, name: str) -> str:
    if amount is None:
        return words.UNKNOWN
    return words.signed(amount, currency) if name == "variance" else words.number(amount, currency)


def budgets_workbook(found: BudgetYear, now: datetime) -> bytes:
    """A row a budget and month, then totals by budget. Text is written as text; an unknown amount is an empty cell."""
    out = io.BytesIO()
    with new_workbook(out, f"Budgets {found.year.start.year}", now) as book:
        tables = Tables(book)
        plans = [plan for plan, _ in _in_order(found.plans)]
        currency_at = _HEADS.index("currency")
        by_year = [
            plain_cells([*_labels(plan), *(plan.total(name) for name in _AMOUNTS[:-1]), plan.variance_to_date])
            for plan in plans
        ]
        heads = [head for head in _HEADS if head != "month"]
        heads[-1] = "variance_to_date"
        tables.add("Year", heads, by_year, width=18, currency_at=currency_at)
        months = [
            plain_cells([*_labels(plan), f"{month.month:%Y-%m}", *(getattr(month, name) for name in _AMOUNTS)])
            for plan in plans
            for month in plan.months
        ]
        tables.add("Months", _HEADS, months, width=18, currency_at=currency_at)
        versions = [
            plain_cells([plan.policy, f"{one.first:%Y-%m}", one.by, one.reason])
            for plan in plans
            for one in plan.revisions
        ]
        tables.add("Versions", ("budget", "from", "revised_by", "reason"), versions, width=18)
        notes = [*found.differences, *found.notes]
        notes += [f"{plan.policy} {plan.group_label}: {note}" for plan in plans for note in plan.notes]
        tables.add("Notes", ("note",), [plain_cells([note]) for note in notes], width=100)
        for sheet in book.worksheets():
            for_print(sheet)
    return out.getvalue()


def _labels(plan: BudgetPlan) -> list[str]:
    return [plan.policy, plan.group_label, plan.owner, plan.parent, plan.currency]
