"""The tables of a statement, as page and workbook show them: every column adds up to the statement's total."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from finops.model.finding import Finding
from finops.model.money import Money, added
from finops.model.statement import Past, Statement, StatementBudget, moved, totals
from finops.model.wording import count_text
from finops_exporters.statement import words


@dataclass(frozen=True, slots=True)
class Row:
    """Amounts in the statement's currency. ``last_month`` and ``last_year``: EffectiveCost, None where unknown.
    ``allocated``: AllocatedCost, of which all rows add up to the effective total, too.

    ``change`` and ``change_of_year``: since then; None too where that month is not all there.
    ``key``: the owner or the service as charges have it; None for sums of several.
    """

    name: str
    billed: Decimal
    effective: Decimal
    last_month: Decimal | None
    last_year: Decimal | None
    change: Decimal | None
    change_of_year: Decimal | None
    allocated: Decimal | None = None
    key: str | None = field(default=None, kw_only=True)


_COLUMNS = ("billed", "effective", "last_month", "last_year", "change", "change_of_year", "allocated")


@dataclass(frozen=True, slots=True)
class Late:
    """Charges of another month than the statement's, or corrections, that this month bills."""

    source: str
    whose: str
    service: str
    charged_in: date | None
    correction: bool
    billed: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """``limit``, ``spent``: in the budget's own currency; None where the verdict does not know them."""

    finding: Finding
    whose: str
    limit: Money | None
    spent: Money | None
    scope: str = ""

    @property
    def forecast(self) -> Money | None:
        """Of the whole period; None where the policy does not ask for one, or the period has ended."""
        return self.finding.amount.get("forecast")

    @property
    def remaining(self) -> Money | None:
        return self.limit - self.spent if self.limit is not None and self.spent is not None else None

    @property
    def share(self) -> Decimal | None:
        if self.limit is None or self.spent is None or self.limit.amount <= 0:
            return None
        return self.spent.amount / self.limit.amount

    @property
    def standing(self) -> str:
        remaining = self.remaining
        if remaining is None:
            return "unknown"
        return "over" if remaining.amount < 0 else "within"


def total(statement: Statement) -> Row:
    then = statement.last_month.total, statement.last_year.total
    shares = added(line.moved for line in statement.lines) or Decimal(0)
    return _row(statement, "Total", (statement.billed, statement.effective), then, shares)


def by_owner(statement: Statement) -> list[tuple[str, Row]]:
    """(value, row), largest first; owners that only an earlier month had come last."""
    now = totals(statement.lines, lambda line: line.whose)
    then = (statement.last_month.by_whose, statement.last_year.by_whose)
    shares = moved(statement.lines, lambda line: line.whose)
    return list(_rows(statement, now, then, shares, lambda whose: words.owner(statement, whose)))


def by_service(statement: Statement, whose: str | None = None) -> list[Row]:
    """Every service, or those of one owner."""
    lines = [line for line in statement.lines if whose is None or line.whose == whose]
    now = totals(lines, lambda line: line.service)
    then = _services(statement.last_month, whose), _services(statement.last_year, whose)
    shares = moved(lines, lambda line: line.service)
    return [row for _, row in _rows(statement, now, then, shares, words.service)]


def by_category(statement: Statement) -> list[tuple[str, Decimal, Decimal]]:
    """(ChargeCategory, billed, effective): usage, purchases, taxes, credits, adjustments."""
    found = totals(statement.lines, lambda line: line.category)
    return [(words.category(name), *amounts) for name, amounts in found.items()]


def late(statement: Statement) -> list[Late]:
    billed = [line for line in statement.lines if line.billed or line.effective or not line.moved]
    lines = [line for line in billed if line.correction or line.charged_in is not None]
    key = totals(lines, lambda line: (line.source, line.whose, line.service, line.charged_in, line.correction))
    return [Late(*told, *amounts) for told, amounts in key.items()]


def folded(rows: Sequence[Row], most: int) -> list[Row]:
    """The first ``most`` rows, and one that adds up all the others, so that each column keeps its sum."""
    rest = rows[most:]
    if not rest:
        return list(rows)
    billed, effective, *then = (added(getattr(row, column) for row in rest) for column in _COLUMNS)
    nothing = Decimal(0)
    return [
        *rows[:most],
        Row(f"{count_text(len(rest), 'more service')}", billed or nothing, effective or nothing, *then),
    ]


def budgets(statement: Statement) -> list[BudgetRow]:
    """Worst first: by the share that is spent."""
    rows = [_budget(statement, budget) for budget in statement.budgets]
    return sorted(rows, key=lambda row: (-(row.share or Decimal(0)), row.finding.policy, row.finding.group_label))


def budget_of(statement: Statement, whose: str) -> BudgetRow | None:
    """The one budget of this very month that is about one owner; None where there is none, or several."""
    found = [
        budget
        for budget in statement.budgets
        if budget.whose == whose and budget.finding.period.start == statement.month and budget.finding.period.days <= 31
    ]
    return _budget(statement, found[0]) if len(found) == 1 else None


def _budget(statement: Statement, budget: StatementBudget) -> BudgetRow:
    amount = budget.finding.amount
    whose = words.owner(statement, budget.whose) if budget.whose is not None else ""
    return BudgetRow(budget.finding, whose, amount.get("limit"), amount.get("spent"), budget.scope)


def _services(past: Past, whose: str | None) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for (owner, service), amount in past.by_service.items():
        if whose is None or owner == whose:
            found[service] = found.get(service, Decimal(0)) + amount
    return found


def _rows(
    statement: Statement,
    now: Mapping[str, tuple[Decimal, Decimal]],
    then: tuple[Mapping[str, Decimal], Mapping[str, Decimal]],
    shares: Mapping[str, Decimal],
    name: Callable[[str], str],
) -> Iterator[tuple[str, Row]]:
    gone = sorted({key for past in then for key, amount in past.items() if amount} - now.keys())
    nothing = Decimal(0)
    for key in (*now, *gone):
        before = then[0].get(key, nothing), then[1].get(key, nothing)
        row = _row(statement, name(key), now.get(key, (nothing, nothing)), before, shares.get(key, nothing))
        yield key, replace(row, key=key)


def _row(
    statement: Statement, name: str, now: tuple[Decimal, Decimal], then: tuple[Decimal, Decimal], share: Decimal
) -> Row:
    billed, effective = now
    pasts = tuple(zip((statement.last_month, statement.last_year), then, strict=True))
    known = [None if past.unknown else before for past, before in pasts]
    change = [None if past.unknown or past.incomplete else effective - before for past, before in pasts]
    return Row(name, billed, effective, known[0], known[1], change[0], change[1], effective + share)
