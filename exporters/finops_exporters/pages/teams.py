"""What each team pays for: the list, one team's bill, and the bill as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from finops.errors import BadArguments, InvalidValue
from finops.model.cost_links import RESOURCES, scope_of_line
from finops.model.cost_question import ALLOCATED_COST, Compare, CostQuestion, Every, equals
from finops.model.finding import Finding
from finops.model.invoice import parse_month
from finops.model.kind_profile import Profiles
from finops.model.money import Money, added
from finops.model.period import month_start
from finops.model.team import TEAM, SignOff
from finops.model.team_bill import TeamBill, TeamLine, TeamList, TeamSum
from finops.model.wording import count_text
from finops_exporters import words
from finops_exporters.headline import figures_in_words

_NO_VALUE = "(none)"
_MOST_LINES = 200
_MOST_DRIVERS = 8
_FILES = (("bill.xlsx", "Workbook"), ("bill.csv", "CSV"), ("verdicts.csv", "Budgets and unit costs as CSV"))
_MOVED = ("Rule", "From", "Service", "Account")


@dataclass(frozen=True, slots=True)
class TeamRow:
    """Texts only."""

    name: str
    address: str
    cost_centre: str
    direct: str
    allocated: str
    total: str
    change: str
    signed: str


@dataclass(frozen=True, slots=True)
class BillRow:
    """``address``: the rows behind it, empty where there are none."""

    names: Sequence[str]
    address: str
    amount: str
    before: str
    change: str


@dataclass(frozen=True, slots=True)
class BillSection:
    title: str
    note: str
    heads: Sequence[str]
    total: str
    rows: Sequence[BillRow]
    more: int


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """Texts only. ``used``: of the budget, in percent, for its bar; None where that is unknown."""

    policy: str
    address: str
    about: str
    limit: str
    spent: str
    share: str
    used: float | None
    forecast: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    policy: str
    address: str
    figures: str
    about: str
    tone: str
    state: str


@dataclass(frozen=True, slots=True)
class TeamPage:
    """``may_sign``: the month can be signed off as it is."""

    name: str
    month: str
    iso: str
    headline: str
    lead: str
    about: Sequence[tuple[str, str]]
    notes: Sequence[str]
    compared: str
    budgets: Sequence[BudgetRow]
    drivers: Sequence[BillRow]
    more_drivers: str
    verdicts: Sequence[VerdictRow]
    sections: Sequence[BillSection]
    links: Sequence[tuple[str, str]]
    files: Sequence[tuple[str, str]]
    signed: str
    corrections: Sequence[tuple[str, str, str, str]]
    corrected_by: str
    may_sign: bool
    action: str


def month_of(query: Mapping[str, str]) -> date | None:
    """What an address asks; None: the running one. Raises ``BadArguments``."""
    text = query.get("month", "")
    try:
        return parse_month(text) if text else None
    except InvalidValue as error:
        raise BadArguments(error.what, where="month", remedy=error.remedy) from error


def _rows(listed: TeamList) -> list[TeamRow]:
    return [
        TeamRow(
            name=words.shown(one.team.name) or _NO_VALUE,
            address=_address(one.team.name, listed.month) if one.team.name else "",
            cost_centre=words.shown(one.team.cost_centre, 60),
            direct=words.money_of(one.direct, listed.currency),
            allocated=words.signed_money_of(one.allocated, listed.currency),
            total=words.money_of(one.total, listed.currency),
            change=_change(one.total, one.before, listed.currency),
            signed=f"{words.shown(one.signed.actor, 60)}, {words.day(one.signed.at.date())}" if one.signed else "",
        )
        for one in listed.teams
    ]


def _largest(amount: Decimal | None) -> Decimal:
    return -amount if amount is not None else Decimal("Infinity")  # unknown comes last


SORTS: Mapping[str, tuple[str, Callable[[TeamSum], Any]]] = {
    "amount": ("Total", lambda one: _largest(one.total)),
    "change": ("Change", lambda one: _largest(added([one.total, -one.before if one.before is not None else None]))),
    "name": ("Name", lambda one: (not one.team.name, one.team.name.lower())),
}


@dataclass(frozen=True, slots=True)
class TeamView:
    """``sorts``: value, text, whether it is chosen. ``shown``: how many teams contain ``text``, empty without one."""

    rows: Sequence[TeamRow]
    sorts: Sequence[tuple[str, str, bool]]
    text: str
    shown: str


def team_view(listed: TeamList, query: Mapping[str, str]) -> TeamView:
    """``query``: ``text``, that a team's name or cost centre contains; ``sort``: one of ``SORTS``."""
    text, sort = query.get("text", "")[:200].strip(), query.get("sort", "")
    sort = sort if sort in SORTS else "amount"
    found = [one for one in listed.teams if text.lower() in f"{one.team.name}\n{one.team.cost_centre}".lower()]
    return TeamView(
        _rows(replace(listed, teams=tuple(sorted(found, key=SORTS[sort][1])))),
        [(value, name, value == sort) for value, (name, _) in SORTS.items()],
        text,
        f"{len(found):,} of {count_text(len(listed.teams), 'team')}" if text else "",
    )


def teams_headline(listed: TeamList) -> str:
    total = added(one.total for one in listed.teams)
    known = [one for one in listed.teams if one.team.name]
    return f"{words.money_of(total, listed.currency)} for {count_text(len(known), 'team')} in {listed.month:%B %Y}"


def largest_rise(listed: TeamList) -> TeamRow | None:
    """The team whose total rose most, in money; None where none is known to have risen."""
    known = [one for one in listed.teams if one.team.name and one.total is not None and one.before is not None]
    rises = [(one.total - one.before, one) for one in known if one.total is not None and one.before is not None]
    most, grown = max(rises, key=lambda rise: rise[0], default=(Decimal(0), None))
    return _rows(replace(listed, teams=(grown,)))[0] if grown is not None and most > 0 else None


def month_choices(listed: TeamList) -> list[tuple[str, str, bool]]:
    months = sorted({listed.month, *listed.months}, reverse=True)
    return [(f"{month:%Y-%m}", f"{month:%B %Y}", month == listed.month) for month in months]


def team_page(bill: TeamBill, profiles: Profiles) -> TeamPage:
    name, month = bill.team.name, bill.month
    direct, given, received = parts_of(bill)
    sections = [
        _section(bill, "Direct", "What the team's own resources cost.", ("Service", "Account"), direct),
        _section(bill, "Allocated to the team", "Its shares of others' costs.", _MOVED, received),
        _section(bill, "Allocated to others", "Moved to those who use it.", _MOVED, given),
    ]
    own = _question(bill, ("ServiceName",))
    everything = replace(own, costs=(ALLOCATED_COST,))
    resources = resource_question(bill)
    by_day = replace(everything, by=(), every=Every.DAY)
    signed = bill.signed
    change = added(one.change for one in bill.corrections)
    return TeamPage(
        name=words.shown(name),
        month=f"{month:%B %Y}",
        iso=f"{month:%Y-%m}",
        headline=f"{words.shown(name)}: {words.money_of(bill.total, bill.currency)} in {month:%B %Y}",
        lead=lead_of(bill),
        about=about(bill),
        notes=[words.sentence(note) for note in bill.notes],
        compared=words.period(bill.compared),
        budgets=[_budget(one) for one in sorted(bill.budgets, key=_worst_first)],
        drivers=[_row(bill, line) for line in bill.drivers[:_MOST_DRIVERS]],
        more_drivers=_other_drivers(bill),
        verdicts=[_verdict(one, profiles) for one in (*bill.unit_costs, *bill.emissions)],
        sections=[section for section in sections if section.rows],
        links=[
            ("by service, with shares", everything.address),
            ("direct costs by service", own.address),
            ("by resource", resources.address),
            ("by day", by_day.address),
        ],
        files=[(text, f"{_path(name)}/{file}?month={month:%Y-%m}") for file, text in _FILES],
        signed=signature_of(signed, bill.currency) if signed else "",
        corrections=[
            (
                " · ".join(_names(one.line)),
                words.money_of(one.signed, bill.currency),
                words.money_of(one.line.amount, bill.currency),
                words.signed_money_of(one.change, bill.currency),
            )
            for one in bill.corrections
        ],
        corrected_by=words.signed_money_of(change, bill.currency) if bill.corrections else "",
        may_sign=bill.settled and bill.total is not None and (signed is None or bool(bill.corrections)),
        action=f"{_path(name)}/sign-off",
    )


def resource_question(bill: TeamBill) -> CostQuestion:
    """What the team's own resources cost: shares of others' costs have none."""
    return _question(bill, (*RESOURCES, "ServiceName"))


def parts_of(bill: TeamBill) -> tuple[list[TeamLine], list[TeamLine], list[TeamLine]]:
    """Direct, given to others, received: what a line was taken from says which."""
    given = [line for line in bill.allocated if line.origin == bill.team.name]
    received = [line for line in bill.allocated if line.origin != bill.team.name]
    return list(bill.direct), given, received


def _section(bill: TeamBill, title: str, note: str, heads: Sequence[str], lines: Sequence[TeamLine]) -> BillSection:
    return BillSection(
        title=title,
        note=note,
        heads=heads,
        total=words.money_of(added(line.amount for line in lines), bill.currency),
        rows=[_row(bill, line) for line in lines[:_MOST_LINES]],
        more=max(0, len(lines) - _MOST_LINES),
    )


def _row(bill: TeamBill, line: TeamLine) -> BillRow:
    return BillRow(
        names=_names(line),
        address=replace(_question(bill, RESOURCES), scope=scope_of_line(bill, line)).address,
        amount=words.money_of(line.amount, bill.currency),
        before=words.money_of(line.before, bill.currency),
        change=_change(line.amount, line.before, bill.currency),
    )


def _other_drivers(bill: TeamBill) -> str:
    """What the lines that are not shown as drivers changed by."""
    others = bill.drivers[_MOST_DRIVERS:]
    if not others:
        return ""
    change = words.signed_money_of(added(line.change for line in others), bill.currency)
    return f"{count_text(len(others), 'other line')}: {change}"


def _worst_first(finding: Finding) -> tuple[float, str, str]:
    return -finding.measures.get("spent", 0.0), finding.policy, finding.group_label


def _budget(finding: Finding) -> BudgetRow:
    limit, spent, forecast = (finding.amount.get(name) for name in ("limit", "spent", "forecast"))
    used = finding.measures.get("spent")
    return BudgetRow(
        policy=words.shown(finding.policy, 80),
        address=finding.page,
        about=_about_finding(finding),
        limit=words.money(limit) if limit is not None else words.UNKNOWN,
        spent=words.money(spent) if spent is not None else words.UNKNOWN,
        share=words.percent(used) if used is not None else "",
        used=max(used * 100, 0.0) if used is not None else None,
        forecast=words.money(forecast) if forecast is not None else words.UNKNOWN,
        tone=words.tone(finding),
        state=words.state(finding),
    )


def _verdict(finding: Finding, profiles: Profiles) -> VerdictRow:
    return VerdictRow(
        policy=words.shown(finding.policy, 80),
        address=finding.page,
        figures=figures_in_words(finding, profiles.of(finding.kind)),
        about=_about_finding(finding),
        tone=words.tone(finding),
        state=words.state(finding),
    )


def _about_finding(finding: Finding) -> str:
    return " · ".join(filter(None, (words.shown(finding.group_label, 120), words.period(finding.period))))


def _names(line: TeamLine) -> list[str]:
    moved = [line.allocation, line.origin or _NO_VALUE] if line.allocation else []
    return [words.shown(name, 160) for name in (*moved, line.service or _NO_VALUE, line.account or _NO_VALUE)]


def _question(bill: TeamBill, by: tuple[str, ...]) -> CostQuestion:
    start, end = bill.month, month_start(bill.month, 1)
    return CostQuestion(start, end, by, Every.ALL, scope=equals(TEAM, bill.team.name), compare=Compare.MONTH)


def about(bill: TeamBill) -> list[tuple[str, str]]:
    owners = [words.shown(owner, 120) for owner in bill.team.owners]
    return [
        *((("Cost centre", words.shown(bill.team.cost_centre, 60)),) if bill.team.cost_centre else ()),
        *((("Owners", words.listed(owners)),) if owners else ()),
    ]


def lead_of(bill: TeamBill) -> str:
    said = []
    if bill.total is not None and bill.before is not None:
        said.append(
            f"{_change(bill.total, bill.before, bill.currency)} against {words.money_of(bill.before, bill.currency)}, "
            f"{words.period(bill.compared)}."
        )
    if bill.settled:
        said.append("Settled: nothing in it is expected to change.")
    elif bill.settled_through is not None and bill.settled_through >= bill.period.start:
        said.append(f"Settled through {words.day(bill.settled_through)}; later days can still change.")
    else:
        said.append("All days are provisional.")
    return " ".join(said)


def signature_of(signed: SignOff, currency: str) -> str:
    total = words.money(Money(signed.total, currency))
    note = f": {words.shown(signed.note, 300)}" if signed.note else ""
    return f"{words.shown(signed.actor, 80)}, {words.minute(signed.at)}, {total}{note}"


def _address(name: str, month: date) -> str:
    return f"{_path(name)}?month={month:%Y-%m}"


def _path(name: str) -> str:
    return f"/teams/{quote(name, safe='')}"


def _change(amount: Decimal | None, before: Decimal | None, currency: str) -> str:
    if amount is None or before is None:
        return words.UNKNOWN
    growth = f" ({words.growth(float((amount - before) / before))})" if before > 0 else ""
    return f"{words.signed_money_of(amount - before, currency)}{growth}"
