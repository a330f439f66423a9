"""What mails and chats of each kind say first, and whole mails as they are sent."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest

from finops.model.finding import Change, Driver, Finding, Severity, State
from finops.model.money import Money
from finops.model.notice import NoticeReason
from finops.model.period import Period
from finops.model.unit import Unit
from finops_exporters.email.compose import compose
from finops_exporters.headline import headline_of
from tests.support.profiles import PROFILES
from tests.support.verdicts import T0, notice, verdict

GOLDEN = Path(__file__).parents[2] / "golden" / "mail"
SEARCH = {"ServiceName": "Amazon EC2", "team": "search"}


def eur(**amounts: str) -> dict[str, Money]:
    return {name: Money(Decimal(amount), "EUR") for name, amount in amounts.items()}


def found(kind: str, measure: str, value: float, **changes: Any) -> Finding:
    unit = PROFILES.of(kind).measures[measure].units[0]
    measures = {measure: value, **changes.pop("measures", {})}
    amount = changes.pop("amount", {})
    return verdict(
        kind=kind, measure=measure, value=value, unit=unit, measures=measures, amount=amount, units={}, **changes
    )


OVER = found(
    "Budget",
    "spent",
    1.2288,
    limit=1.0,
    severity=Severity.CRITICAL,
    reason="spent 123 % > 100 %",
    measures={"pace": 1.31},
    amount=eur(
        spent="14745.60", limit="12000", remaining="-2745.60",
        forecast="15900", forecast_low="15100", forecast_high="16800",
    ),
    drivers=(
        Driver("ServiceName", "Amazon RDS", Decimal("1200.00")),
        Driver("ServiceName", "Amazon EC2", Decimal("400.00")),
        Driver("SubAccountId", "0042", Decimal("1500.00"), name="payments"),
        Driver("RegionId", "eu-west-1", Decimal("1600.00")),
        Driver("ResourceId", "db-17", Decimal("1100.00"), name="orders-db"),
    ),
    change=Change(
        Period(date(2026, 2, 1), date(2026, 2, 18)), Period(date(2026, 3, 1), date(2026, 3, 18)), Decimal(8000),
        Decimal(9600), Decimal(1300), Decimal(300), Decimal(0), Decimal(0), 17, 17,
    ),
)  # fmt: skip

CASES: dict[str, tuple[Finding, str]] = {
    "budget-over": (OVER, "Checkout is 2,746 EUR over its March budget (123 %)"),
    "budget-spent": (
        found("Budget", "spent", 0.85, limit=0.8, amount=eur(spent="10200", limit="12000", remaining="1800")),
        "Checkout has spent 85 % of its March budget",
    ),
    "budget-pace": (
        found("Budget", "pace", 1.29, limit=1.1),
        "Checkout is spending 29 % faster than planned in March",
    ),
    "budget-forecast": (
        found("Budget", "forecast", 1.33, limit=1.0, amount=eur(forecast="15960")),
        "Checkout is forecast to reach 133 % of its March budget (15,960 EUR)",
    ),
    "budget-left": (
        found("Budget", "remaining", 0.05, limit=0.1, amount=eur(remaining="600")),
        "Checkout has 600 EUR of its March budget left",
    ),
    "budget-exhausted-soon": (
        found("Budget", "exhausts_in", 70.0, limit=96.0),
        "Checkout is forecast to exhaust its March budget in 3 days",
    ),
    "budget-of-a-year": (
        found(
            "Budget",
            "spent",
            1.01,
            limit=1.0,
            amount=eur(remaining="-20.456"),
            period=Period(date(2026, 1, 1), date(2027, 1, 1)),
        ),
        "Checkout is 20.46 EUR over its 2026 budget (101 %)",
    ),
    "budget-of-a-quarter-in-yen": (
        found(
            "Budget",
            "spent",
            1.01,
            limit=1.0,
            amount={"remaining": Money(Decimal(-104_500), "JPY")},
            currency="JPY",
            period=Period(date(2026, 1, 1), date(2026, 4, 1)),
            group={"team": ""},
        ),
        "No team (checkout-monthly) is 104,500 JPY over its January to March budget (101 %)",
    ),
    "budget-of-a-span": (
        found(
            "Budget",
            "pace",
            1.34,
            limit=1.1,
            policy="assistant-launch",
            period=Period(date(2025, 9, 1), date(2026, 4, 29)),
        ),
        "Assistant launch is spending 34 % faster than planned",
    ),
    "budget-of-a-span-over": (
        found(
            "Budget",
            "spent",
            1.1,
            limit=1.0,
            policy="assistant-launch",
            amount=eur(remaining="-3000"),
            period=Period(date(2025, 9, 1), date(2026, 4, 29)),
        ),
        "Assistant launch is 3,000 EUR over its budget (110 %)",
    ),
    "growth": (
        found("Growth", "elasticity", 1.46, limit=1.2, demand="orders", policy="search-growth"),
        "Search changes 1.46 times as fast as orders",
    ),
    "growth-in-excess": (
        found(
            "Growth",
            "excess_growth",
            0.28,
            limit=0.2,
            demand="orders",
            policy="search-growth",
            measures={"cost_growth": 0.32, "demand_growth": 0.04},
        ),
        "Search: cost +32 %, orders +4.0 %",
    ),
    "unit-cost": (
        found(
            "UnitCost",
            "unit_cost",
            1.06527,
            limit=0.9,
            demand="tokens",
            policy="assistant-unit-cost",
            amount=eur(unit_cost="1.06527"),
            per=Decimal(1_000_000),
        ),
        "Assistant costs 1.07 EUR per 1,000,000 tokens",
    ),
    "unit-cost-change": (
        found(
            "UnitCost",
            "unit_cost_change",
            0.21,
            limit=0.1,
            demand="orders",
            policy="cost-per-order",
            amount=eur(unit_cost="0.0603"),
        ),
        "Cost per order: unit cost +21 %, now 0.0603 EUR per unit of orders",
    ),
    "value": (
        found("Value", "return", 2.1, limit=3.0, demand="revenue", policy="assistant-value"),
        "Assistant: 2.10 of revenue for each unit of cost",
    ),
    "value-marginal": (
        found("Value", "marginal_return", 0.4, limit=1.0, demand="revenue", policy="assistant-value"),
        "Assistant: 0.40 of revenue for each additional unit of cost",
    ),
    "anomaly": (
        found(
            "Anomaly",
            "score",
            9.2,
            limit=4.0,
            group=SEARCH,
            policy="unusual-days",
            amount=eur(cost="540", excess="450.30", expected="60", expected_low="40", expected_high="89.70"),
        ),
        "Search, Amazon EC2 (unusual-days) cost 540 EUR in a day, 450 EUR above the expected range",
    ),
    "anomaly-drift": (
        found("Anomaly", "drift", 0.34, limit=0.2, group=SEARCH, policy="unusual-days"),
        "Search, Amazon EC2 (unusual-days) has drifted by +34 % in four weeks",
    ),
    "anomaly-absent": (
        found("Anomaly", "absent", 96.0, limit=72.0, group=SEARCH, policy="unusual-days"),
        "Search, Amazon EC2 (unusual-days) has cost nothing for 4 days",
    ),
    "allocation": (
        found("Allocation", "allocated", 0.93, limit=0.95, policy="owners", amount=eur(unallocated="7300")),
        "Owners: 93 % of spend has an owner, 7,300 EUR has none",
    ),
    "commitment-unused": (
        found("Commitment", "utilisation", 0.71, limit=0.9, policy="savings-plans", amount=eur(unused="812.40")),
        "Savings plans: 71 % of commitments is used, 812 EUR is paid for but unused",
    ),
    "commitment-coverage": (
        found("Commitment", "coverage", 0.4, limit=0.6, policy="savings-plans"),
        "Savings plans: commitments cover 40 % of usage",
    ),
    "commitment-ends": (
        found("Commitment", "expires_in", 480.0, limit=720.0, policy="savings-plans"),
        "Savings plans: the next commitment ends in 20 days",
    ),
    "commitment-short": (
        found("Commitment", "shortfall", 0.1, limit=0.05, policy="edp", amount=eur(shortfall="52000")),
        "Edp will fall 52,000 EUR short of its agreed spend",
    ),
    "carbon": (
        found("Carbon", "emissions", 1_250_000.0, limit=1_000_000.0, policy="emissions"),
        "Emissions emitted 1.25 t of CO2e in March",
    ),
    "carbon-per-unit": (
        found("Carbon", "emissions_per_unit", 12.5, limit=10.0, policy="search-carbon", demand="orders"),
        "Search emitted 12.5 g of CO2e for one of orders",
    ),
    "late-data": (
        found("Freshness", "age", 50.0, limit=36.0, policy="data-is-fresh", group={"source": "aws-prod"}),
        "aws-prod (data-is-fresh): the data is 2 days old",
    ),
    "a-kind-without-headlines": (
        verdict(kind="Idle", policy="idle-disks", measure="idle_disks", value=12.0, limit=10.0, unit=Unit.NUMBER),
        "Idle disks: idle disks 12.00, threshold 10.00",
    ),
    "no-verdict": (verdict(State.UNKNOWN), "Checkout has no verdict: no data"),
    "within-budget": (verdict(State.OK), "Checkout is within its March budget (79 % spent)"),
    "up-to-date": (
        verdict(State.OK, kind="Freshness", policy="data-is-fresh", amount={}, measures={}),
        "Data is fresh: the data is up to date",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_headline(name: str) -> None:
    finding, expected = CASES[name]
    assert headline_of(finding, PROFILES.of(finding.kind)) == expected


def test_every_measure_of_every_kind_has_a_headline_of_its_own() -> None:
    told = {(finding.kind, finding.measure) for finding, _ in CASES.values()}
    for kind, profile in PROFILES.by_kind.items():
        for name, measure in profile.measures.items():
            assert measure.headline or profile.headlines, f"{kind}.{name}"
            assert (
                (kind, name) in told
                or not measure.headline
                or measure.headline in {profile.measures[known].headline for of, known in told if of == kind}
            ), f"no case shows the headline of {kind}.{name}"


@pytest.mark.parametrize("name", ["budget-over", "unit-cost", "anomaly", "late-data"])
def test_golden_mails(name: str) -> None:
    """``FINOPS_WRITE_GOLDEN=1`` writes the mails anew."""
    finding, _ = CASES[name]
    one = notice(NoticeReason.FIRST, finding, note="Written once.")
    address = Address("FinOps", "finops", "example.com")
    mail = compose(
        [one], receiver="finance", sender=address, to=[address], idempotency_key="k", sent_at=T0, profiles=PROFILES
    )
    for form, ending in (("plain", "txt"), ("html", "html")):
        part = mail.get_body((form,))
        assert part is not None
        text = f"Subject: {mail['Subject']}\n\n{part.get_content()}".replace("\r\n", "\n")
        golden = GOLDEN / f"{name}.{ending}"
        if os.environ.get("FINOPS_WRITE_GOLDEN"):
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8")
