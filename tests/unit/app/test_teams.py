"""A bill for every team: together they are the bill, to the last digit, and a signature fixes what was known."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from finops.app.collection.all import collect_all
from finops.app.container import Container, open_container
from finops.app.teams.journal import journal, journal_csv
from finops.errors import BadArguments
from finops.model.audit import Actor, AuditAction, Proof
from finops.model.finding import State
from finops.model.statement import moved, totals
from finops.model.team_table import bill_csv
from finops_exporters.statement import StatementCsv, StatementHtml
from tests.support.bills import StoppedClock

APRIL = date(2026, 4, 1)
CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
sources:
  prod: {kind: focus-files, path: ./bills}
dimensions:
  team:
    - tags: [team]
    - else: unallocated
allocations:
  platform:
    scope: team = 'platform'
    to: team
    by: {weights: {checkout: 40, search: 60}}
teams:
  checkout: {cost_centre: "4711", owners: [anna@example.com]}
  idle: {cost_centre: "4799"}
"""
POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: checkout-monthly, owner: anna}
spec: {scope: team = 'checkout', period: month, amount: 5 EUR, alerts: [{when: spent > 100%, severity: critical}]}
---
apiVersion: finops/v1
kind: Budget
metadata: {name: everybody, owner: anna}
spec: {period: month, amount: 5 EUR, alerts: [{when: spent > 100%, severity: critical}]}
---
apiVersion: finops/v1
kind: Budget
metadata: {name: all-in, owner: anna}
spec:
  cost: AllocatedCost
  group_by: [team]
  period: month
  amount: 80 EUR
  alerts: [{when: spent > 100%, severity: critical}]
"""
HEAD = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,"
    "BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ServiceName,SubAccountId,Tags\n"
)
ANNA = Actor("Anna Alder", Proof.TERMINAL)


def row(amount: str, team: str, month: int = 4, service: str = "Databases") -> str:
    start, tags = datetime(2026, month, 1 if month == 3 else 30, tzinfo=UTC), f'"{{""team"":""{team}""}}"'
    day = f"{start:%Y-%m-%dT%H:%M:%SZ},{start + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    bill = f"2026-{month:02}-01T00:00:00Z,2026-{month + 1:02}-01T00:00:00Z"
    return f"{f'{amount},' * 4}EUR,{day},{bill},Usage,{service},1,{tags}\n"


def bill(folder: Path, platform: str) -> None:
    april = [row("10", "checkout"), row(platform, "platform"), row("3", "=ops", service="=HYPERLINK(1)")]
    (folder / "april.csv").write_text(HEAD + "".join(april), encoding="utf-8")
    (folder / "march.csv").write_text(HEAD + row("50", "platform", 3) + row("8", "checkout", 3), encoding="utf-8")


@contextmanager
def project(folder: Path) -> Iterator[Container]:
    for name in ("policies", "bills"):
        (folder / name).mkdir()
    (folder / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    (folder / "policies" / "budgets.yaml").write_text(POLICIES, encoding="utf-8")
    bill(folder / "bills", "100.01")
    opened = open_container(folder / "finops.yaml", StoppedClock(datetime(2026, 5, 10, tzinfo=UTC)))
    collect_all(opened.collectors)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    with project(tmp_path_factory.mktemp("teams")) as opened:
        yield opened


def test_the_bills_of_all_teams_are_the_bill(container: Container) -> None:
    listed = container.team_bills.listed(APRIL)
    totals = {one.team.name: (one.direct, one.allocated, one.total, one.before) for one in listed.teams}
    assert totals == {
        "search": (Decimal(0), Decimal("60.006"), Decimal("60.006"), Decimal(30)),
        "checkout": (Decimal(10), Decimal("40.004"), Decimal("50.004"), Decimal(28)),
        "=ops": (Decimal(3), Decimal(0), Decimal(3), Decimal(0)),
        "platform": (Decimal("100.01"), Decimal("-100.01"), Decimal(0), Decimal(0)),
        "idle": (Decimal(0), Decimal(0), Decimal(0), Decimal(0)),
    }
    assert [one.team.cost_centre for one in listed.teams if one.team.name == "checkout"] == ["4711"]
    assert listed.months == [APRIL, date(2026, 3, 1)]


def test_a_bill_tells_its_own_costs_from_shares_of_others(container: Container) -> None:
    bill = container.team_bills.bill("checkout", APRIL)
    assert [(line.allocation, line.origin, line.service, line.amount, line.before) for line in bill.lines] == [
        ("", "", "Databases", Decimal(10), Decimal(8)),
        ("platform", "platform", "Databases", Decimal("40.004"), Decimal(20)),
    ]
    assert (bill.total, bill.before) == (Decimal("50.004"), Decimal(28))
    assert bill.settled
    gave = container.team_bills.bill("platform", APRIL)
    assert [(line.origin, line.amount) for line in gave.allocated] == [("platform", Decimal("-100.01"))]


def test_a_bill_has_the_budgets_of_its_team_as_they_stood_at_the_end_of_the_month(container: Container) -> None:
    bill = container.team_bills.bill("checkout", APRIL)
    assert [(one.policy, one.state, one.amount["spent"].amount) for one in bill.budgets] == [
        ("all-in", State.OK, Decimal("50.004")),
        ("checkout-monthly", State.FIRING, Decimal(10)),
    ]
    assert {one.period.start for one in bill.budgets} == {APRIL}
    assert container.team_bills.bill("idle", APRIL).budgets == ()


def test_drivers_are_the_change_of_the_total(container: Container) -> None:
    bill = container.team_bills.bill("checkout", APRIL)
    assert [(line.allocation, line.change) for line in bill.drivers] == [
        ("platform", Decimal("20.004")),
        ("", Decimal(2)),
    ]
    assert bill.total is not None
    assert bill.before is not None
    assert sum(line.change or Decimal(0) for line in bill.drivers) == bill.total - bill.before


def test_a_lost_file_makes_the_bills_unknown_that_it_may_decide(tmp_path: Path) -> None:
    with project(tmp_path) as container:
        bills = container.team_bills
        before = bills.bill("checkout", APRIL)
        assert before is bills.bill("checkout", APRIL)  # read once
        for path in (tmp_path / "lake" / "costs_daily").glob("source=*/billing_period=2026-04-01/*.parquet"):
            path.unlink()
        container.clock.moment += timedelta(minutes=1)  # type: ignore[attr-defined] # stopped, and set by hand
        for name in ("checkout", "search"):  # the second has no costs of its own
            bill = bills.bill(name, APRIL)
            assert bill.total is None
            assert any("is lost" in note and "finops lake rebuild" in note for note in bill.notes)
            with pytest.raises(BadArguments):
                bills.sign_off(name, APRIL, actor=ANNA, note="")
        assert {one.total for one in bills.listed(APRIL).teams} == {None}


def test_what_changes_after_a_month_was_signed_off_is_a_correction(tmp_path: Path) -> None:
    with project(tmp_path) as container:
        _check_corrections(container, tmp_path)


def _check_corrections(container: Container, tmp_path: Path) -> None:
    bills = container.team_bills
    signed = bills.sign_off("checkout", APRIL, actor=ANNA, note=" as invoiced ")
    assert (signed.total, signed.actor, signed.note) == (Decimal("50.004"), "Anna Alder", "as invoiced")
    assert bills.bill("checkout", APRIL).corrections == ()
    container.clock.moment += timedelta(days=1)  # type: ignore[attr-defined] # stopped, and set by hand
    bill(tmp_path / "bills", "90")
    collect_all(container.collectors)
    again = bills.bill("checkout", APRIL)
    assert [(one.line.allocation, one.signed, one.change) for one in again.corrections] == [
        ("platform", Decimal("40.004"), Decimal("-4.004"))
    ]
    assert again.signed == signed
    (entry,) = container.state.audit.page(limit=5, action=AuditAction.SIGNED_OFF).entries
    assert (entry.actor.name, entry.target, entry.subject, entry.why) == (
        "Anna Alder", "checkout", "2026-04: 50.004 EUR", "as invoiced",
    )  # fmt: skip
    assert [one.signed for one in bills.listed(APRIL).teams if one.team.name == "checkout"] == [signed]


def test_a_month_that_can_still_change_is_not_signed_off(container: Container) -> None:
    with pytest.raises(BadArguments, match="the month can still change"):
        container.team_bills.sign_off("checkout", date(2026, 5, 1), actor=ANNA, note="")
    assert container.state.audit.page(limit=5).total == 0


def test_an_unknown_team_is_named(container: Container) -> None:
    with pytest.raises(BadArguments, match=r"no team 'chekout'.*checkout"):
        container.team_bills.bill("chekout", APRIL)


def test_the_csv_has_every_digit_and_no_formula(container: Container) -> None:
    rows = list(csv.DictReader(io.StringIO(bill_csv(container.team_bills.bill("checkout", APRIL)))))
    assert [(one["cost_centre"], one["part"], one["from"], one["amount"]) for one in rows] == [
        ("4711", "direct", "", "10.00"),
        ("4711", "allocated", "platform", "40.004"),
    ]
    (hostile,) = csv.DictReader(io.StringIO(bill_csv(container.team_bills.bill("=ops", APRIL))))
    assert not hostile["team"].startswith("=")
    assert not hostile["service"].startswith("=")


def test_a_statement_shows_what_was_allocated_beside_what_was_billed(container: Container) -> None:
    statement = container.statements.make(APRIL, by="team")
    sums = {
        whose: (effective, moved(statement.lines, lambda line: line.whose).get(whose))
        for whose, (_, effective) in totals(statement.lines, lambda line: line.whose).items()
    }
    assert sums == {
        "platform": (Decimal("100.01"), Decimal("-100.01")),
        "checkout": (Decimal("10.00"), Decimal("40.00")),
        "=ops": (Decimal("3.00"), None),
        "search": (Decimal("0.00"), Decimal("60.01")),
    }
    assert sum(line.allocated for line in statement.lines) == statement.effective == Decimal("113.01")
    rows = list(csv.DictReader(io.StringIO(StatementCsv().render(statement).body.decode())))
    assert sum(Decimal(row["allocated"]) for row in rows) == Decimal("113.01")
    page = StatementHtml().render(statement).body.decode()
    assert "Allocated" in page
    assert "60.01" in page
    by_service = container.statements.make(APRIL, by="ServiceName")
    assert sum(line.allocated for line in by_service.lines) == Decimal("113.01")


def test_the_journal_debits_cost_centres_with_what_the_bills_credit(container: Container) -> None:
    made = journal(container.statements, container.config.teams, APRIL)
    debits = {one.team.name: one.debit for one in made.entries if one.team is not None}
    assert debits == {"=ops": Decimal("3.00"), "checkout": Decimal("50.00"), "search": Decimal("60.01")}
    assert [one.credit for one in made.entries if one.team is None] == [Decimal("113.01")]
    rows = list(csv.DictReader(io.StringIO(journal_csv(made, ["account", "debit", "credit", "currency"]))))
    assert rows[1] == {"account": "4711", "debit": "50.00", "credit": "", "currency": "EUR"}
    assert not rows[0]["account"].startswith("=")
    with pytest.raises(BadArguments, match=r"unknown column 'amount'"):
        journal_csv(made, ["amount"])
