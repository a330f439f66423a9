"""A statement made by hand: two owners, a credit, a correction, two bills, a budget, a unit cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from finops.model.data_version import DataVersion
from finops.model.finding import Finding, Severity, State
from finops.model.money import Money
from finops.model.period import Period
from finops.model.statement import Bill, Past, Restated, Statement, StatementBudget, StatementLine

OCTOBER, SEPTEMBER, LAST_YEAR = date(2026, 10, 1), date(2026, 9, 1), date(2025, 10, 1)
MADE = datetime(2026, 11, 5, 6, 0, tzinfo=UTC)
VERSION = DataVersion(costs=42, scopes=3, costs_daily=40, demand=7, emissions=None)


def cost_line(whose: str, service: str, billed: str, effective: str, **more: object) -> StatementLine:
    plain = StatementLine(whose, service, "aws", "Usage", False, None, "USD", Decimal(billed), Decimal(effective))
    return replace(plain, **more)  # type: ignore[arg-type]  # the fields of a line, by name


def finding(kind: str, policy: str, **more: object) -> Finding:
    plain = Finding(
        policy=policy,
        kind=kind,
        owner="team-checkout",
        group={},
        state=State.OK,
        severity=None,
        reason="all within",
        measure="spent",
        value=0.8,
        limit=1.0,
        amount={},
        currency="EUR",
        period=Period(OCTOBER, date(2026, 11, 1)),
        as_of=MADE,
        complete_through=date(2026, 10, 31),
        data_version=VERSION,
        policy_digest="sha256:0",
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # the fields of a finding, by name


def statement(name: str = "checkout", service: str = "Amazon RDS") -> Statement:
    """``name`` and ``service`` stand wherever other people's text can stand."""
    lines = (
        cost_line(name, service, "1000.10", "900.05"),
        cost_line(name, "Amazon EC2", "500.00", "550.00"),
        cost_line(name, "Amazon EC2", "-20.00", "-20.00", category="Credit"),
        cost_line("search", "Amazon EC2", "300.01", "300.01", charged_in=SEPTEMBER, correction=True),
        cost_line("", "Virtual Machines", "99.99", "99.99", source="azure", currency="EUR"),
    )
    return Statement(
        month=OCTOBER,
        by="team",
        currency="EUR",
        timezone="UTC",
        made_at=MADE,
        data_version=VERSION,
        lines=lines,
        last_month=Past(
            SEPTEMBER,
            {name: Decimal("1200.00"), "gone": Decimal("40.00")},
            {(name, service): Decimal("1200.00"), ("gone", "Amazon SQS"): Decimal("40.00")},
        ),
        last_year=Past(LAST_YEAR, {}, {}, unknown="there is no bill of 2025-10"),
        bills=(
            Bill("aws", "USD", 12, MADE, MADE, Decimal("1958.121"), Decimal("1780.11"), Decimal("1958.12")),
            Bill("azure", "EUR", 3, MADE, MADE, Decimal("99.99"), Decimal("99.99"), Decimal("109.99")),
        ),
        restated=(Restated(MADE, "aws", SEPTEMBER, "USD", Decimal("-254.38"), Decimal("-254.38")),),
        budgets=(
            StatementBudget(
                finding(
                    "Budget",
                    name,
                    state=State.FIRING,
                    severity=Severity.CRITICAL,
                    amount={"spent": Money(Decimal("1430.05"), "EUR"), "limit": Money(Decimal("1200.00"), "EUR")},
                ),
                name,
            ),
            StatementBudget(finding("Budget", "nothing-known", state=State.UNKNOWN, reason="no data"), None),
        ),
        unit_costs=(
            finding(
                "UnitCost",
                "cost-per-order",
                demand="orders",
                amount={"unit_cost": Money(Decimal("0.053888193949797"), "EUR")},
            ),
        ),
        unset=("unallocated",),
    )
