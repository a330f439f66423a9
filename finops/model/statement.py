"""The monthly statement: what one billing month cost, whose it was, and how it agrees with the invoices."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import TypeVar

from finops.model.data_version import DataVersion
from finops.model.finding import Finding
from finops.model.money import EXACT, minor_unit
from finops.model.month_costs import MonthForecast
from finops.model.period import Period
from finops.model.saving import MeasuredSaving

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What is told apart most finely, in whole cents of the statement's currency: lines add up, whatever is summed.

    ``whose``: the value of the dimension that the statement is by, empty where there is none. ``category``:
    ChargeCategory. ``correction``: ChargeClass says so. ``charged_in``: the earlier month whose days were charged, None
    for the month itself and later. ``currency``: the bill's own. ``moved``: what rules of ``allocations:`` moved here;
    negative where they took it away; all of a bill add up to nothing.
    """

    whose: str
    service: str
    source: str
    category: str
    correction: bool
    charged_in: date | None
    currency: str
    billed: Decimal
    effective: Decimal
    moved: Decimal = Decimal(0)

    @property
    def allocated(self) -> Decimal:
        """AllocatedCost."""
        with localcontext(EXACT):
            return self.effective + self.moved


@dataclass(frozen=True, slots=True)
class Past:
    """EffectiveCost of an earlier billing month, in whole cents. ``month``: its first day.

    ``unknown``: why there is nothing to compare with, else empty. ``incomplete``: what the month lacks beside the
    statement's own, a phrase each: a source without a bill then, or whose first bill begins within the month.
    ``through``: while the statement's month runs, the last day of ``month`` that each source's costs were summed
    through, so that the same days are compared; empty: whole months.
    """

    month: date
    by_whose: Mapping[str, Decimal]
    by_service: Mapping[tuple[str, str], Decimal]
    incomplete: tuple[str, ...] = ()
    unknown: str = ""
    through: Mapping[str, date] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        return _sum(self.by_whose.values())


@dataclass(frozen=True, slots=True)
class InvoiceSum:
    """One invoice of a billing month, exact, in ``currency``. ``invoiced``: what its lines add up to, None where the
    issuer delivered none; ``billed``: BilledCost of the charges that carry its number, None where none does."""

    number: str
    issuer: str
    status: str
    issued_on: date | None
    due_on: date | None
    currency: str
    invoiced: Decimal | None
    billed: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """What the charges have more than the invoice; None where one of them is not there."""
        if self.invoiced is None or self.billed is None:
            return None
        with localcontext(EXACT):
            return self.billed - self.invoiced

    @property
    def agrees(self) -> bool | None:
        """To the currency's minor unit; None without both."""
        return abs(self.difference) < minor_unit(self.currency) if self.difference is not None else None


@dataclass(frozen=True, slots=True)
class SourceContracts:
    """What the lake knows of a source beside its costs. ``commitments``: in force or yet to begin, with the day
    on which each ends, None where that is unknown; the first to end comes first. ``invoices``: with their billing
    month, the newest first."""

    source: str
    commitments: tuple[tuple[str, date | None], ...]
    invoices: tuple[tuple[date, InvoiceSum], ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """One source's bill of the month in one of its currencies.

    ``total``: BilledCost in ``currency``, exact. ``billed``: the same in the statement's currency, in whole cents: the
    sum of its lines. ``invoiced``: what invoices say, in ``currency``: the lines that the issuer delivered, else what
    was typed in; None without either. ``invoices``: by number, delivered lines and charges with that number.
    ``complete_through``: the end of the newest charge period that it holds.
    """

    source: str
    currency: str
    rows: int
    delivered_at: datetime
    complete_through: datetime | None
    total: Decimal
    billed: Decimal
    invoiced: Decimal | None
    invoices: tuple[InvoiceSum, ...] = ()

    @property
    def difference(self) -> Decimal | None:
        """What the lake has more than the invoice (or, negative, less), exact; None without an invoice."""
        if self.invoiced is None:
            return None
        with localcontext(EXACT):
            return self.total - self.invoiced

    @property
    def agrees(self) -> bool | None:
        """Whether bill and invoice are the same to the currency's minor unit; None without an invoice."""
        return abs(self.difference) < minor_unit(self.currency) if self.difference is not None else None


@dataclass(frozen=True, slots=True)
class Restated:
    """A closed bill that its provider changed afterwards: the new sums minus those before, in the bill's currency."""

    at: datetime
    source: str
    month: date
    currency: str
    billed: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True)
class StatementBudget:
    """A budget as it stood at the month's end. ``whose``: the one value of the dimension that it is about, or None.
    ``scope``: the condition of its policy, empty for everything."""

    finding: Finding
    whose: str | None
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One billing month. ``month``: its first day. ``by``: the dimension that says whose a cost is; ``unset``: its
    values that mean nobody. ``provisional``: why the month may still change, a sentence each; empty once it is settled.
    ``faults``: where the lake does not add up, a sentence each: such a statement must not be trusted. ``savings``: what
    claims saved on the days of the month. ``unshared``: what of the month's
    shared costs stayed where it was, half a sentence; empty where nothing did. ``forecast``: of the effective total,
    while the month runs; ``no_forecast``: why it is not known then.
    ``site``: the address that its links begin with: of the service, empty within it, None for no links. ``apart``:
    (whose, service) where bills and days of the month do not hold the same charges, with the days that the bills hold.
    ``behind``: id of a budget's or unit cost's finding -> ``/costs?…``, empty where there is none.
    """

    month: date
    by: str
    currency: str
    timezone: str
    made_at: datetime
    data_version: DataVersion
    lines: tuple[StatementLine, ...]
    last_month: Past
    last_year: Past
    bills: tuple[Bill, ...]
    restated: tuple[Restated, ...]
    budgets: tuple[StatementBudget, ...]
    unit_costs: tuple[Finding, ...]
    unset: tuple[str, ...]
    provisional: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    savings: tuple[MeasuredSaving, ...] = ()
    unshared: str = ""
    forecast: MonthForecast | None = None
    no_forecast: str = ""
    site: str | None = None
    apart: Mapping[tuple[str, str], Period] = field(default_factory=dict)
    behind: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_allocated(self) -> bool:
        """Whether rules moved something, so that AllocatedCost is worth a column."""
        return any(line.moved for line in self.lines)

    @property
    def billed(self) -> Decimal:
        return _sum(line.billed for line in self.lines)

    @property
    def effective(self) -> Decimal:
        return _sum(line.effective for line in self.lines)

    def is_nobodys(self, whose: str) -> bool:
        return not whose or whose in self.unset

    @property
    def unallocated_share(self) -> Decimal | None:
        """EffectiveCost that has no owner ÷ all of it, without taxes; None where there is nothing to share."""
        spent = [line for line in self.lines if line.category != "Tax"]
        total = _sum(line.effective for line in spent)
        if total <= 0:
            return None
        with localcontext(EXACT):
            return _sum(line.effective for line in spent if self.is_nobodys(line.whose)) / total


def totals(lines: Iterable[StatementLine], key: Callable[[StatementLine], Key]) -> dict[Key, tuple[Decimal, Decimal]]:
    """key -> (billed, effective), largest effective first, then by key."""
    sums: dict[Key, tuple[Decimal, Decimal]] = {}
    with localcontext(EXACT):
        for line in lines:
            billed, effective = sums.get(key(line), (Decimal(0), Decimal(0)))
            sums[key(line)] = (billed + line.billed, effective + line.effective)
    return dict(sorted(sums.items(), key=lambda item: (-item[1][1], str(item[0]))))


def moved(lines: Iterable[StatementLine], key: Callable[[StatementLine], Key]) -> dict[Key, Decimal]:
    """key -> what rules moved there; only where that is something."""
    sums: dict[Key, Decimal] = {}
    with localcontext(EXACT):
        for line in lines:
            if line.moved:
                sums[key(line)] = sums.get(key(line), Decimal(0)) + line.moved
    return sums


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(amounts, Decimal("0.00"))
