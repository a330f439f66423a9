"""A team's bill as tables for other programs: its lines, and what its policies say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from finops.model.money import plain
from finops.model.team_bill import TeamBill, TeamLine
from finops.model.untrusted import spreadsheet_text

BILL_HEADS = ("part", "allocation", "from", "service", "account", "amount", "before", "currency", "change")
VERDICT_HEADS = (
    *("part", "policy", "group", "from", "to", "state", "severity", "limit", "spent", "forecast"),
    *("forecast_low", "forecast_high", "unit_cost", "unit_cost_before", "per", "demand", "emissions_grams", "currency"),
)
_AMOUNTS = ("limit", "spent", "forecast", "forecast_low", "forecast_high", "unit_cost", "unit_cost_before")
_LONGEST = 1000


def bill_csv(bill: TeamBill) -> str:
    """https://www.rfc-editor.org/rfc/rfc4180; one row a line of the bill, every digit; an unknown amount is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["team", "cost_centre", "month", *BILL_HEADS])
    about = [_text(bill.team.name), _text(bill.team.cost_centre), f"{bill.month:%Y-%m}"]
    for line in bill.lines:
        known = (line.amount, line.before, line.change)
        amount, before, change = (plain(one, bill.currency) if one is not None else "" for one in known)
        writer.writerow([*about, *map(_text, bill_labels(line)), amount, before, bill.currency, change])
    return out.getvalue()


def verdicts_csv(bill: TeamBill) -> str:
    """Budgets, unit costs and emissions: ``VERDICT_HEADS``; what is unknown, or no question of the policy, is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["team", "month", *VERDICT_HEADS])
    for cells in verdict_cells(bill):
        plainly = [plain(cell) if isinstance(cell, Decimal) else _text(cell or "") for cell in cells]
        writer.writerow([_text(bill.team.name), f"{bill.month:%Y-%m}", *plainly])
    return out.getvalue()


def verdict_cells(bill: TeamBill) -> Iterator[list[str | Decimal | None]]:
    """As ``VERDICT_HEADS``; None: unknown, or no question of the policy."""
    for part, findings in (("budget", bill.budgets), ("unit_cost", bill.unit_costs), ("emissions", bill.emissions)):
        for one in findings:
            amounts = [money.amount if (money := one.amount.get(name)) else None for name in _AMOUNTS]
            grams = one.measures.get("emissions")
            yield [
                *(part, one.policy, one.group_label, one.period.start.isoformat(), one.period.end.isoformat()),
                *(one.state.value, one.severity.value if one.severity else ""),
                *amounts,
                one.per if part == "unit_cost" else None,
                one.demand,
                Decimal(repr(grams)) if grams is not None else None,
                one.currency,
            ]


def bill_labels(line: TeamLine) -> list[str]:
    """The first of ``BILL_HEADS``, up to ``account``."""
    part = "allocated" if line.allocation else "direct"
    return [part, line.allocation, line.origin, line.service, line.account]


def _text(value: str) -> str:
    return spreadsheet_text(value, _LONGEST)
