"""The page Costs: a question as the address says it, its answer as a chart and tables, and the way to the rows behind
each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from finops.errors import BadArguments
from finops.model.cost_question import (
    DEFAULT_COST,
    Compare,
    Conversion,
    CostQuestion,
    Every,
    columns_of,
    equals,
    scope_of,
)
from finops.model.cost_report import CostReport, CostRow, CostTotal
from finops.model.money import added
from finops.model.period import Period
from finops.model.wording import count_text
from finops_exporters import words
from finops_exporters.charts.costs import Bar

Choice = TypeVar("Choice", Every, Compare, Conversion)
COSTS = ("EffectiveCost", "BilledCost", "ContractedCost", "ListCost", "AllocatedCost")
MOST_GROUPS = 300
"""Groups in the table; the files have all."""
_MOST_ROWS = 400
_NO_VALUE = "(none)"
_DEEPER = (("ServiceName",), ("SubAccountId", "SubAccountName"), ("ResourceId", "ResourceName"))
"""What a group is taken apart by, in this order."""

EVERY = {
    Every.DAY: "Day",
    Every.WEEK: "Week",
    Every.MONTH: "Month",
    Every.QUARTER: "Fiscal quarter",
    Every.YEAR: "Fiscal year",
    Every.ALL: "Whole period",
}
COMPARE = {
    None: "Nothing",
    Compare.PREVIOUS: "Previous period",
    Compare.MONTH: "Same days last month",
    Compare.YEAR: "Same days last year",
}


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Texts only. ``address``: the rows behind it. ``share``: 0 to 100, None where the total or the part is not
    positive."""

    names: Sequence[str]
    address: str
    amount: str
    share: float | None
    share_text: str
    before: str
    change: str
    growth: str


@dataclass(frozen=True, slots=True)
class IntervalLine:
    head: str
    names: Sequence[str]
    amount: str
    before: str
    change: str
    open: bool


@dataclass(frozen=True, slots=True)
class CostsPage:
    """``files``: what a file is called, and its address. ``note``: what the amounts are."""

    headline: str
    lead: str
    notes: Sequence[str]
    drawing: str
    drawing_text: str
    heads: Sequence[str]
    groups: Sequence[GroupLine]
    more_groups: int
    intervals: Sequence[IntervalLine]
    more_intervals: int
    interval_head: str
    compared: str
    files: Sequence[tuple[str, str]]
    restated: Sequence[tuple[str, str, str, str]]
    is_empty: bool
    sources: str
    unit: str


def question_of(query: Mapping[str, str]) -> CostQuestion:
    """What an address asks. ``then``: a second column, as the form sends it. Raises ``BadArguments``."""
    cost = query.get("cost", "") or DEFAULT_COST
    if cost not in COSTS:
        raise BadArguments(f"'{cost}' is not a cost", where="cost", remedy=f"Choose one of: {', '.join(COSTS)}")
    return CostQuestion(
        start=_day(query, "from"),
        end=_day(query, "to"),
        by=tuple(dict.fromkeys(columns_of([query.get("by", ""), query.get("then", "")]))),
        every=_choice(query, "every", Every) or Every.DAY,
        costs=(cost,),
        scope=query.get("scope", "").strip(),
        compare=_choice(query, "compare", Compare),
        conversion=_choice(query, "currency", Conversion) or Conversion.CONVERTED,
    )


@dataclass(frozen=True, slots=True)
class CostsForm:
    """What the form shows: values as texts, choices as (value, text, whether it is chosen)."""

    by: str
    then: str
    start: str
    end: str
    scope: str
    every: Sequence[tuple[str, str, bool]]
    compare: Sequence[tuple[str, str, bool]]
    cost: Sequence[tuple[str, str, bool]]
    currency: Sequence[tuple[str, str, bool]]
    columns: Sequence[str]


def form_of(query: Mapping[str, str], question: CostQuestion, columns: Sequence[str]) -> CostsForm:
    """``query``: as typed, faults included."""
    by = columns_of([query.get("by", ""), query.get("then", "")])
    return CostsForm(
        by=words.shown(by[0], 200) if by else "",
        then=words.shown(",".join(by[1:]), 400),
        start=words.shown(query.get("from", ""), 40),
        end=words.shown(query.get("to", ""), 40),
        scope=query.get("scope", "")[:4000],
        every=[(one.value, text, one is question.every) for one, text in EVERY.items()],
        compare=[(one.value if one else "", text, one is question.compare) for one, text in COMPARE.items()],
        cost=[(one, one, one == question.costs[0]) for one in COSTS],
        currency=[
            (Conversion.CONVERTED.value, "Converted", question.conversion is Conversion.CONVERTED),
            (Conversion.BILLING.value, "As billed", question.conversion is Conversion.BILLING),
        ],
        columns=columns,
    )


def costs_page(report: CostReport) -> CostsPage:
    question = replace(report.question, start=report.period.start, end=report.period.end)
    compared = words.period(report.compared_period) if report.compared_period is not None else ""
    rows = [row for row in report.rows if row.span is not None or row.compared is not None]
    return CostsPage(
        headline=_headline(report),
        lead=_lead(report),
        notes=[words.sentence(note) for note in report.notes],
        drawing=f"/costs.svg{question.query}" if len(bars_of(report)) > 1 else "",
        drawing_text=f"{question.costs[0]} by {question.every.value}, {words.period(report.period)}",
        heads=[words.shown(name, 60) for name in report.by],
        groups=[_group(report, question, one) for one in report.totals[:MOST_GROUPS]],
        more_groups=max(0, len(report.totals) - MOST_GROUPS),
        intervals=[_interval(report, row) for row in rows[:_MOST_ROWS]],
        more_intervals=max(0, len(rows) - _MOST_ROWS),
        interval_head=EVERY[question.every],
        compared=compared,
        files=[(name, f"/costs.{form}{question.query}") for form, name in (("xlsx", "Workbook"), ("csv", "CSV"))],
        restated=[_restated(report, at) for at in range(len(report.restated))],
        is_empty=not report.totals,
        sources=words.listed([words.shown(one.source, 60) for one in report.sources]) if report.sources else "",
        unit=report.whole[0].currency if len(report.whole) == 1 else "",
    )


def bars_of(report: CostReport) -> list[Bar]:
    """The whole of each interval, in one currency; none where amounts are of several."""
    if len(report.whole) != 1 or report.question.every is Every.ALL:
        return []
    found: dict[Period, list[CostRow]] = {}
    for row in report.rows:
        if row.span is not None:
            found.setdefault(row.span, []).append(row)
    return [
        Bar(
            span,
            added(row.amounts[0] for row in rows),
            added(row.compared[0] if row.compared else None for row in rows),
            any(row.provisional for row in rows),
        )
        for span, rows in sorted(found.items())
    ]


def deeper(question: CostQuestion, by: Sequence[str], group: Sequence[str]) -> str:
    """The address of what one group is made of, down to single resources; empty where there is nothing below."""
    below = next((columns for columns in _DEEPER if not set(columns) & set(by)), None)
    if by and by[-1] in {column for columns in _DEEPER for column in columns}:
        level = max(at for at, columns in enumerate(_DEEPER) if set(columns) & set(by))
        below = _DEEPER[level + 1] if level + 1 < len(_DEEPER) else None
    if below is None:
        return ""
    conditions = [equals(column, value) for column, value in zip(by, group, strict=True)]
    return replace(question, by=below, scope=scope_of(question.scope, *conditions)).address


def _group(report: CostReport, question: CostQuestion, total: CostTotal) -> GroupLine:
    whole = next((one for one in report.whole if one.currency == total.currency), None)
    share = _share(total.amounts[0], whole.amounts[0] if whole is not None else None)
    return GroupLine(
        names=[words.shown(value, 160) or _NO_VALUE for value in total.group],
        address=deeper(question, report.by, total.group) if report.drillable else "",
        amount=_cell(report, total.amounts[0], total.currency),
        share=min(share * 100, 100.0) if share is not None else None,
        share_text=words.percent(share) if share is not None else words.UNKNOWN,
        before=_cell(report, total.compared[0] if total.compared else None, total.currency),
        change=_signed(total.change, total.currency),
        growth=_growth(total),
    )


def _interval(report: CostReport, row: CostRow) -> IntervalLine:
    head = words.period(row.span) if row.span is not None else ""
    if row.span is None and row.compared_span is not None:
        head = f"({words.period(row.compared_span)})"
    return IntervalLine(
        head=head,
        names=[words.shown(value, 160) or _NO_VALUE for value in row.group],
        amount=_cell(report, row.amounts[0], row.currency) if row.span is not None else words.UNKNOWN,
        before=_cell(report, row.compared[0] if row.compared else None, row.currency),
        change=_signed(row.change, row.currency) if row.span is not None else words.UNKNOWN,
        open=row.provisional,
    )


def _headline(report: CostReport) -> str:
    period = words.period(report.period)
    if not report.totals:
        return f"No costs yet, {period}" if report.unreached else f"No costs, {period}"
    told = words.listed([_money(one.amounts[0], one.currency) for one in report.whole])
    return f"{told}, {period}" if words.UNKNOWN not in told else f"The total is unknown, {period}"


def _lead(report: CostReport) -> str:
    sentences = []
    if report.compared_period is not None and len(report.whole) == 1:
        [whole] = report.whole
        before = _money(whole.compared[0] if whole.compared else None, whole.currency)
        growth = f" ({_growth(whole)})" if _growth(whole) else ""
        change = f"{_signed(whole.change, whole.currency)}{growth} against" if whole.change is not None else "Before:"
        sentences.append(f"{change} {before}, {words.period(report.compared_period)}.")
    unit = f"in {report.currency} at each day's rate" if report.currency else "in the currency of each bill"
    sentences.append(f"{report.question.costs[0]}, {unit}.")
    if report.settled_through is None:
        sentences.append("All days are provisional.")
    elif report.settled_through < report.period.end - timedelta(days=1):
        sentences.append(f"Settled through {words.day(report.settled_through)}; later days can still change.")
    return " ".join(sentences)


def _restated(report: CostReport, at: int) -> tuple[str, str, str, str]:
    one = report.restated[at]
    amounts = ", ".join(words.signed_money_of(amount, currency) for currency, amount in sorted(one.amounts.items()))
    return words.shown(one.source, 60), f"{one.month:%B %Y}", amounts, words.minute(one.at)


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadArguments(
            f"'{words.shown(text, 40)}' is not a valid date", where=name, remedy="Write it like 2026-03-01"
        ) from None


def _choice(query: Mapping[str, str], name: str, kind: type[Choice]) -> Choice | None:
    text = query.get(name, "")
    try:
        return kind(text) if text else None
    except ValueError:
        known = ", ".join(kind)
        raise BadArguments(f"'{words.shown(text, 40)}' is unknown", where=name, remedy=f"Known: {known}") from None


def _share(part: Decimal | None, whole: Decimal | None) -> float | None:
    return float(part / whole) if part is not None and whole is not None and whole > 0 and part >= 0 else None


def _growth(total: CostTotal) -> str:
    before = total.compared[0] if total.compared else None
    return words.growth(float(total.change / before)) if total.change is not None and before and before > 0 else ""


def _cell(report: CostReport, amount: Decimal | None, currency: str) -> str:
    """Without its currency, where all are of one."""
    if amount is None or len(report.whole) != 1:
        return _money(amount, currency)
    return words.number(amount, currency)


def _money(amount: Decimal | None, currency: str) -> str:
    return f"{words.number(amount, currency)}\u00a0{words.shown(currency, 10)}" if amount is not None else words.UNKNOWN


def _signed(amount: Decimal | None, currency: str) -> str:
    return words.signed(amount, currency) if amount is not None else words.UNKNOWN


def waiting(rows: int, seconds: int) -> str:
    return f"Summing {count_text(rows, 'row')}, about {count_text(seconds, 'second')}"
