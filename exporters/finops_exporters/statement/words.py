"""How a statement names things: people's text on one line, nothing left blank."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from finops.model.finding import Finding
from finops.model.money import EXACT, Money, minor_unit
from finops.model.statement import InvoiceSum, Past, Statement
from finops_exporters.wording import amount, minute, plain
from finops_exporters.words import units

INTERVAL = "in 8 of 10 cases"

_CATEGORIES = {"": "without a category"}


def owner(statement: Statement, whose: str) -> str:
    """``checkout``; ``no team`` where nobody is named."""
    return plain(whose) or f"no {plain(statement.by)}"


def service(name: str) -> str:
    return plain(name) or "no service named"


def category(name: str) -> str:
    return _CATEGORIES.get(name, plain(name))


def month(first: date) -> str:
    """``October 2026``."""
    return f"{first:%B %Y}"


def group(finding: Finding) -> str:
    return plain(finding.group_label)


def agreement(agrees: bool | None) -> str:
    return {True: "agrees", False: "differs", None: "no invoice typed in"}[agrees]


def numbered(value: Decimal | None, currency: str) -> str:
    """``1,234.56 EUR``; a dash for what is not there."""
    return f"{amount(value, currency)} {currency}" if value is not None else "–"


def number_agreement(invoice: InvoiceSum) -> str:
    """How the charges with an invoice's number agree with its lines."""
    if invoice.agrees is not None:
        return agreement(invoice.agrees)
    return "no charge carries this number" if invoice.billed is None else "no invoice lines"


def share(part: Decimal, whole: Decimal) -> str:
    """``91.2 %``; a dash where there is nothing to be a share of."""
    return f"{part / whole * 100:.1f} %" if whole > 0 else "–"


def standing(statement: Statement) -> Iterator[str]:
    """What a reader has to know before any number, a sentence each."""
    for fault in statement.faults:
        yield f"Do not use this statement: {plain(fault)}."
    if statement.provisional:
        yield f"Provisional: {'; '.join(map(plain, statement.provisional))}."
    else:
        yield "Settled: every source has delivered the whole month."
    yield f"Made {minute(statement.made_at)} from version {statement.data_version.costs} of the costs."


def forecast(statement: Statement) -> tuple[str, str]:
    """The effective total that the running month is expected to come to, and its interval or why there is none; both
    empty for a month that does not run."""
    made, currency = statement.forecast, statement.currency
    if made is None:
        return ("–", plain(statement.no_forecast)) if statement.no_forecast else ("", "")
    return numbered(made.amount, currency), f"{amount(made.low, currency)} to {amount(made.high, currency)} {INTERVAL}"


def link(statement: Statement, address: str) -> str:
    """Empty where the statement has no links, or no costs are known behind this."""
    return f"{statement.site}{address}" if statement.site is not None and address else ""


def past_notes(statement: Statement) -> Iterator[str]:
    if statement.is_allocated:
        yield "Allocated is effective cost after the rules of allocations: have moved shared costs."
    if statement.unshared:
        yield f"Shares are unknown: {plain(statement.unshared)}."
    for past in (statement.last_month, statement.last_year):
        if past.unknown:
            yield f"{month(past.month)}: nothing to compare with, {plain(past.unknown)}."
        elif past.through:
            yield f"{month(past.month)}: {_same_days(past)}."
        if past.incomplete and not past.unknown:
            yield f"{month(past.month)} is not all there: {'; '.join(map(plain, past.incomplete))}."


def _same_days(past: Past) -> str:
    """``only the same days count: to 20 October for aws and azure, to 21 October for office``."""
    by_day: dict[date, list[str]] = {}
    for source, day in sorted(past.through.items()):
        by_day.setdefault(day, []).append(plain(source))
    told = (f"through {day.day} {day:%B} for {', '.join(names)}" for day, names in sorted(by_day.items()))
    return f"the month still runs, so only the same days are compared: {'; '.join(told)}"


def in_month(past: Past) -> str:
    """``October 2026``, or ``October 2026, same days``."""
    return f"{month(past.month)}{', same days' if past.through else ''}"


def rounded(value: Decimal | None, currency: str, *, difference: bool = False) -> Decimal | None:
    """In the minor unit of the currency, as bills and invoices are paid. Of a difference what is below it is cut off:
    two that agree differ by nothing."""
    way = ROUND_DOWN if difference else ROUND_HALF_EVEN
    return value.quantize(minor_unit(currency), rounding=way, context=EXACT) + 0 if value is not None else None


def per(finding: Finding) -> str:
    """``per 1,000,000 tokens``."""
    return f"per {units(finding.per, finding.demand)}"


def basis(statement: Statement) -> Iterator[str]:
    """How the numbers were made, a sentence each."""
    yield (
        "A charge counts in the month that bills it (BillingPeriodStart); charges of earlier months that it bills are "
        "listed as corrections and late charges. Budgets and unit costs count days instead: they may differ."
    )
    if statement.site is not None:
        yield (
            "Links of owners and services lead to the charges behind their effective cost, before allocation: by the "
            "days of the month or, where its bills hold other charges than its days, by BillingPeriodStart."
        )
    yield "Effective is EffectiveCost: commitments and purchases spread over what used them. Billed is BilledCost."
    yield f"Other currencies became {statement.currency} with the rate of each charge's own day."
    yield "Each bill is rounded to the cent, and its lines so that they add up to it: none is off by a cent or more."
    yield f"Days are days of {statement.timezone}."


def change_share(change: Decimal, before: Decimal) -> str:
    """``+12 %``, or empty where there was nothing before."""
    return f"{change / before * 100:+.0f} %".replace("-", "−") if before > 0 else ""


def unit_cost(money: Money) -> str:
    """``0.053888 EUR``: six digits that count, since a unit may cost a fraction of a cent."""
    return f"{amount(money.amount, money.currency, significant=5)} {money.currency}"
