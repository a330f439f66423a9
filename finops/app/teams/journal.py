"""A month's bills as a journal: each team's cost centre is debited, each bill credited."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from finops.app.reporting import Statements
from finops.documents import did_you_mean
from finops.errors import BadArguments
from finops.lake.tables.failures import lake_failures
from finops.model.money import minor_unit, plain
from finops.model.period import month_start
from finops.model.team import TEAM, Team
from finops.model.untrusted import spreadsheet_text
from finops.model.wording import exact_text
from finops.ports.lake import LakeView
from finops.publish.statement import in_cents

COLUMNS = ("date", "account", "cost_centre", "team", "source", "text", "debit", "credit", "currency")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One side of the journal, in whole minor units: ``debit`` for a team, ``credit`` for a bill."""

    source: str
    currency: str
    team: Team | None
    debit: Decimal | None
    credit: Decimal | None


@dataclass(frozen=True, slots=True)
class Journal:
    """``entries``: of each bill its debits, then its credit; their sums are equal, in each currency. ``differences``:
    bills that are not what was invoiced, a sentence each."""

    month: date
    entries: tuple[Entry, ...]
    differences: tuple[str, ...]


def journal(statements: Statements, teams: Sequence[Team], month: date) -> Journal:
    """BilledCost of the billing month, in each bill's own currency, after allocation: what is paid is what is booked.

    Raises ``BadArguments`` without the dimension of teams, ``NotFound`` without any bill, what the stores raise.
    """
    statement = statements.make(month, by=TEAM)
    lake = statements.evaluator.lake
    with lake_failures(lake.uri):
        sums = _by_team(lake.at(statement.data_version), month)
    known = {team.name: team for team in teams}
    entries: list[Entry] = []
    for bill in sorted(statement.bills, key=lambda bill: (bill.source, bill.currency)):
        own = sums.get((bill.source, bill.currency), {})
        debits = in_cents(own, bill.currency)
        entries += [
            Entry(bill.source, bill.currency, known.get(name, Team(name)), amount, None)
            for name, amount in sorted(debits.items())
            if amount
        ]
        total = sum(debits.values(), Decimal(0))
        entries.append(Entry(bill.source, bill.currency, None, None, total))
    differences = [
        f"{bill.source}: {exact_text(bill.total, bill.currency)} is booked, {exact_text(bill.invoiced, bill.currency)} "
        "was invoiced"
        for bill in statement.bills
        if bill.invoiced is not None and abs(bill.total - bill.invoiced) >= minor_unit(bill.currency)
    ]
    return Journal(month, tuple(entries), tuple(differences))


def journal_csv(made: Journal, columns: Sequence[str] = COLUMNS) -> str:
    """``columns``: some of ``COLUMNS``, in the order wanted. Raises ``BadArguments`` for another."""
    for name in columns:
        if name not in COLUMNS:
            raise BadArguments(f"unknown column '{name}'", where="--columns", remedy=did_you_mean(name, COLUMNS))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns), extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    last_day = month_start(made.month, 1).toordinal() - 1
    for one in made.entries:
        centre = one.team.cost_centre if one.team is not None else ""
        writer.writerow(
            {
                "date": date.fromordinal(last_day).isoformat(),
                "account": spreadsheet_text(centre or (one.team.name if one.team else one.source), _LONGEST),
                "cost_centre": spreadsheet_text(centre, _LONGEST),
                "team": spreadsheet_text(one.team.name, _LONGEST) if one.team is not None else "",
                "source": one.source,
                "text": f"{one.source} {made.month:%Y-%m}",
                "debit": plain(one.debit, one.currency) if one.debit is not None else "",
                "credit": plain(one.credit, one.currency) if one.credit is not None else "",
                "currency": one.currency,
            }
        )
    return out.getvalue()


def _by_team(view: LakeView, month: date) -> dict[tuple[str, str], dict[str, Decimal]]:
    allocated = view.allocated()
    names = allocated.scopes().select("scope_id", pl.col(TEAM).fill_null(""))
    keys = ("source", "currency", TEAM)
    found = (
        allocated.costs_daily()
        .filter(pl.col("billing_period") == month)
        .join(names, on="scope_id")
        .group_by(keys)
        .agg(pl.col("BilledCost").sum())
        .sort(keys)
        .collect(engine="streaming")
    )
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for source, currency, team, amount in found.iter_rows():
        sums.setdefault((source, currency), {})[team] = amount
    return sums
