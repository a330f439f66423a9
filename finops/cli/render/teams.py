"""Teams and their bills as tables."""

from __future__ import annotations

from decimal import Decimal

from rich.table import Table

from finops.model.money import added
from finops.model.team_bill import TeamBill, TeamList
from finops.model.untrusted import one_line
from finops.model.wording import NO_VALUE, amount_text, moment_text

_UNKNOWN = "–"


def team_table(listed: TeamList) -> Table:
    table = Table(title=f"Teams, {listed.month:%B %Y}", title_justify="left")
    table.add_column("Team")
    table.add_column("Cost centre")
    for head in ("Direct", "Allocated", "Total", "Same days last month"):
        table.add_column(head, justify="right")
    table.add_column("Signed off")
    for one in listed.teams:
        amounts = (one.direct, one.allocated, one.total, one.before)
        signed = f"{one.signed.actor}, {moment_text(one.signed.at)}" if one.signed else ""
        names = (one_line(one.team.name) or NO_VALUE, one_line(one.team.cost_centre))
        table.add_row(*names, *(_amount(amount, listed.currency) for amount in amounts), one_line(signed))
    totals = (added(of) for of in zip(*((t.direct, t.allocated, t.total, t.before) for t in listed.teams), strict=True))
    table.add_section()
    table.add_row("All", "", *(_amount(amount, listed.currency) for amount in totals), "")
    return table


def bill_table(bill: TeamBill) -> Table:
    state = "settled" if bill.settled else f"settled through {bill.settled_through or 'no day'}"
    table = Table(title=one_line(f"{bill.team.name}, {bill.month:%B %Y}, {state}"), title_justify="left")
    for head in ("Allocation", "From", "Service", "Account"):
        table.add_column(head)
    for head in ("Amount", "Same days last month"):
        table.add_column(head, justify="right")
    for line in bill.lines:
        names = (line.allocation, line.origin, line.service or NO_VALUE, line.account or NO_VALUE)
        amounts = (_amount(line.amount, bill.currency), _amount(line.before, bill.currency))
        table.add_row(*map(one_line, names), *amounts)
    table.add_section()
    table.add_row("Total", "", "", "", _amount(bill.total, bill.currency), _amount(bill.before, bill.currency))
    return table


def verdict_table(bill: TeamBill) -> Table:
    """Budgets, unit costs and emissions of the team."""
    table = Table(title="Budgets, unit costs and emissions", title_justify="left")
    table.add_column("State")
    table.add_column("Policy")
    table.add_column("Why")
    for one in (*bill.budgets, *bill.unit_costs, *bill.emissions):
        state = one.severity.value if one.severity else one.state.value
        table.add_row(state, one_line(" ".join(filter(None, (one.policy, one.group_label)))), one_line(one.reason))
    return table


def corrections_table(bill: TeamBill) -> Table:
    assert bill.signed is not None  # noqa: S101 - asked for only then; tells the type checker
    said = f"Corrections since {moment_text(bill.signed.at)}, signed off by {bill.signed.actor}"
    table = Table(title=one_line(said), title_justify="left")
    for head in ("Allocation", "From", "Service", "Account"):
        table.add_column(head)
    for head in ("Signed off", "Now", "Correction"):
        table.add_column(head, justify="right")
    for one in bill.corrections:
        line = one.line
        names = (line.allocation, line.origin, line.service or NO_VALUE, line.account or NO_VALUE)
        amounts = (one.signed, line.amount, one.change)
        table.add_row(*map(one_line, names), *(_amount(amount, bill.currency) for amount in amounts))
    change = added(one.change for one in bill.corrections)
    table.add_section()
    table.add_row("Total", "", "", "", "", "", _amount(change, bill.currency))
    return table


def _amount(amount: Decimal | None, currency: str) -> str:
    return amount_text(amount, currency) if amount is not None else _UNKNOWN
