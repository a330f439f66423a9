"""Monthly statements: which months there are, what each comes to, and where their files are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from finops.model.money import Money
from finops.model.wording import count_text
from finops.ports.pages import MonthTotals, StatementList
from finops_exporters import words

_FORMS = (("html", "Open"), ("xlsx", "Workbook"), ("csv", "CSV"))


@dataclass(frozen=True, slots=True)
class MonthRow:
    """``files``: what it is called, and its address. ``over``: budgets of the month, as a sentence."""

    month: str
    iso: str
    settled: bool
    sources: str
    total: str
    unknown: str
    change: str
    compared: str
    over: str
    is_over: bool
    invoiced: str
    differs: bool
    files: Sequence[tuple[str, str]]


def month_rows(listed: StatementList, by: str) -> list[MonthRow]:
    """``by``: what the files are made by; empty for the default."""
    query = f"?by={quote(by, safe='')}" if by else ""
    return [_row(one, query) for one in listed.months]


def _row(one: MonthTotals, query: str) -> MonthRow:
    first = one.month.first
    effective, change = one.effective, one.change
    before = effective - change if effective is not None and change is not None else None
    return MonthRow(
        f"{first:%B %Y}",
        f"{first:%Y-%m}",
        one.month.settled,
        words.listed([words.shown(source, 60) for source in one.month.sources]),
        words.money_of(effective, one.currency),
        words.shown(one.unknown),
        words.signed_money_of(change, one.currency),
        f"{words.growth(float(change / before))}{', same days' if one.same_days else ''}" if before and change else "",
        _over(one),
        one.over > 0,
        _invoiced(one),
        one.differing > 0,
        [(name, f"/statements/{first:%Y-%m}.{form}{query}") for form, name in _FORMS],
    )


def _over(one: MonthTotals) -> str:
    if one.over_by is None or not one.budgets:
        return words.UNKNOWN
    if not one.over:
        return f"all {one.budgets} within"
    return f"{one.over} of {one.budgets} over by {words.money(Money(one.over_by, one.currency))}"


def _invoiced(one: MonthTotals) -> str:
    """How the bills compare with their invoices."""
    if one.differing:
        return f"{count_text(one.differing, 'bill')} {'differs' if one.differing == 1 else 'differ'}"
    if not one.agreeing:
        return words.UNKNOWN
    return "agrees" if one.agreeing == one.bills else f"{one.agreeing} of {one.bills} agree"


def statements_headline(listed: StatementList) -> str:
    settled = sum(one.month.settled for one in listed.months)
    if not listed.months:
        return "No billed months yet"
    return f"{count_text(len(listed.months), 'month')} billed, {settled} of them settled"
