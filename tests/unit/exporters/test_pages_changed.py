"""What the page says about a change behind a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from finops.model.finding import Change, Driver, Severity, State
from finops.model.period import Period
from tests.unit.exporters.test_pages_overview import html, of, text
from tests.unit.publish.samples import budget

CHANGE = Change(
    before=Period(date(2025, 12, 1), date(2026, 2, 18)),
    after=Period(date(2026, 3, 1), date(2026, 3, 18)),
    before_amount=Decimal(8000),
    after_amount=Decimal(9200),
    volume=Decimal(900),
    price=Decimal(250),
    mix=Decimal("50.001"),
    other=Decimal("-0.001"),
    before_days=51,
    after_days=17,
    explained=Decimal(600),
)
DRIVERS = (
    Driver("ServiceName", "Amazon RDS", Decimal(1000)),
    Driver("SubAccountId", "0042", Decimal(-10), name="payments"),
    Driver("ResourceId", "<script>alert(1)</script>" + "x" * 500, Decimal(3)),
    Driver("ResourceId", "a fourth", Decimal(2)),
)
FIRING = replace(
    budget("a", state=State.FIRING, severity=Severity.WARNING, measure="pace", line=1.1),
    change=CHANGE,
    drivers=DRIVERS,
    demand="orders",
)


def test_a_card_tells_the_change_in_words_and_three_drivers() -> None:
    page = html(of(FIRING))
    seen = text(page).replace("\u00a0", " ")

    assert "What changed +1,200.00 EUR: +900.00 volume, +250.00 price, +50.00 mix" in seen
    assert "+1,000.00 EUR Amazon RDS service −10.00 EUR payments account +3.00 EUR <script>" in seen
    assert "a fourth" not in seen
    assert "Growth of orders explains +600.00 EUR" in seen
    assert "17 days to 17 March 2026, against 51 days from 1 December 2025 to 17 February 2026, scaled to 17" in seen
    assert "<script>alert" not in page
    assert "x" * 100 not in seen


def test_a_check_that_is_no_budget_tells_it_too() -> None:
    change = replace(CHANGE, of="spend without a team", explained=None)
    seen = text(html(of(replace(FIRING, kind="Allocation", change=change)))).replace("\u00a0", " ")

    assert "What changed, in spend without a team +1,200.00 EUR: +900.00 volume" in seen
    assert "explains" not in seen


def test_a_change_without_quantities_has_no_split() -> None:
    zero = Decimal(0)
    change = replace(CHANGE, volume=zero, price=zero, mix=zero, other=Decimal(1200))
    seen = text(html(of(replace(FIRING, change=change)))).replace("\u00a0", " ")

    assert "What changed +1,200.00 EUR +1,000.00 EUR Amazon RDS" in seen


def test_without_a_change_nothing_is_said() -> None:
    assert "What changed" not in html(of(replace(FIRING, change=None, drivers=())))
