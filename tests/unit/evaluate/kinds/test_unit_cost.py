"""Unit costs: an exact quotient, its change with an interval, and days without a demand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finops.evaluate.explain import explain
from finops.model.finding import Finding, State
from finops.model.rates import Rates
from tests.support.lake_view import CURRENT, FakeView, days, demand, only, policy, run, settings, standing

SPEC = "demand: orders\nwindow: 28d\nalerts: [{when: unit_cost > 0.05 EUR, severity: warning}]"
CHANGE = "demand: orders\nwindow: 28d\nalerts: [{when: unit_cost_change > 10%, severity: warning}]"
SETTLED = date(2026, 3, 17)
NOW = SETTLED - timedelta(days=27)
BEFORE = NOW - timedelta(days=28)


def unit_cost(spec: str, view: FakeView) -> Finding:
    return only(policy("UnitCost", spec, name="u"), view)


def rows_of(cost: object = 600) -> list[dict[str, Any]]:
    return [*days(BEFORE, NOW - timedelta(days=1), 500), *days(NOW, SETTLED, cost)]


def served(orders: object = 10_000) -> list[Any]:
    return demand("orders", BEFORE, date(2026, 3, 20), orders)


def steady(cost: object = 600, orders: object = 10_000) -> FakeView:
    return FakeView(rows_of(cost), served(orders))


def test_it_is_the_exact_quotient_of_settled_days() -> None:
    later = days(date(2026, 3, 18), date(2026, 3, 20), 99_999)
    finding = unit_cost(SPEC, FakeView([*rows_of("333.333333333333333"), *later], served(7)))

    assert finding.state is State.FIRING
    assert finding.amount["unit_cost"].amount == Decimal("47.619047619047619")
    assert finding.period.end == SETTLED + timedelta(days=1)
    assert finding.demand == "orders"
    assert finding.reason == ("unit_cost 47.62 EUR > 0.05 EUR: 9,333.33 EUR for 196 orders in 2026-02-18 to 2026-03-17")


def test_the_threshold_is_compared_exactly() -> None:
    assert unit_cost(SPEC, steady(cost=500)).state is State.OK
    assert unit_cost(SPEC, steady(cost="500.000001")).state is State.FIRING


def test_a_thousand_units() -> None:
    finding = unit_cost("per: 1000\n" + SPEC.replace("0.05", "59.9"), steady())

    assert finding.amount["unit_cost"].amount == 60
    assert finding.state is State.FIRING


def test_a_change_fires_on_its_lower_bound() -> None:
    noisy = [
        {"day": BEFORE + timedelta(days=i), "cost": (500 if i < 28 else 580) * (1 + (i * 7919 % 41 - 20) / 50)}
        for i in range(56)
    ]
    orders = demand("orders", BEFORE, SETTLED, 10_000)
    calm = unit_cost(CHANGE, FakeView(noisy, orders))
    clear = unit_cost(CHANGE, steady(cost=580))

    assert calm.state is State.OK
    assert "not significantly > 10 % (certain from about " in calm.reason
    assert calm.measures["unit_cost_change_low"] < 0.1 < calm.measures["unit_cost_change"]
    assert clear.state is State.FIRING
    assert clear.measures["unit_cost_change"] == pytest.approx(0.16, abs=1e-6)
    assert clear.reason.endswith(
        ": 0.058 EUR after 0.05 EUR; cost 16,240.00 EUR in 2026-02-18 to 2026-03-17, 14,000.00 EUR in 2026-01-21 to "
        "2026-02-17 before, +2,240.00 EUR (+2,240.00 EUR beyond demand)"
    )


def test_a_day_without_a_demand_leaves_its_cost_out_and_is_named() -> None:
    gone = NOW + timedelta(days=3)
    rows = [{**row, "cost": 1_000_000} if row["day"] == gone else row for row in rows_of()]
    finding = unit_cost(SPEC, FakeView(rows, [row for row in served() if row[1] != gone]))

    assert finding.amount["unit_cost"].amount == Decimal("0.06")
    assert finding.notes == (f"left out, no demand 'orders': {gone}",)


def test_credits_count_and_are_told() -> None:
    refunded = NOW + timedelta(days=3)
    rows = [*rows_of(), {"day": refunded, "cost": -1600}]
    finding = unit_cost(SPEC, FakeView(rows, served()))

    assert finding.amount["unit_cost"].amount == pytest.approx(Decimal((600 * 28 - 1600) / 280_000))
    assert finding.notes == (f"credits count: the cost is negative on {refunded}",)


def test_too_many_days_without_a_demand_are_unknown() -> None:
    kept = [row for row in served() if row[1].day % 3]
    finding = unit_cost(SPEC, FakeView(rows_of(), kept))

    assert finding.state is State.UNKNOWN
    assert "of the 28 days of 2026-02-18 to 2026-03-17 cannot be used: no demand 'orders' for " in finding.reason


def test_a_demand_of_zero_is_unknown_never_a_division() -> None:
    finding = unit_cost(SPEC, steady(orders=0))

    assert finding.state is State.UNKNOWN
    assert finding.reason == "no demand 'orders' in 2026-02-18 to 2026-03-17: its sum is 0"


def test_a_new_service_has_a_unit_cost_and_no_change_yet() -> None:
    view = FakeView(days(NOW, SETTLED, 400), demand("orders", BEFORE, SETTLED, 10_000))

    assert unit_cost(SPEC, view).state is State.OK
    finding = unit_cost(CHANGE, view)
    assert finding.state is State.UNKNOWN
    assert "28 of the 28 days of 2026-01-21 to 2026-02-17 cannot be used: no cost for " in finding.reason


def test_the_currency_is_that_of_the_threshold() -> None:
    rates = Rates("EUR", {"USD": {BEFORE + timedelta(days=n): Decimal("1.25") for n in range(60)}})
    asked = policy("UnitCost", SPEC.replace("0.05 EUR", "0.07 USD"), name="u")
    (finding,) = run(asked, steady(), under=settings(rates=rates)).findings

    assert finding.currency == "USD"
    assert finding.amount["unit_cost"].amount == Decimal("0.075")
    assert finding.state is State.FIRING


def test_the_arithmetic_is_explained() -> None:
    (asked,) = policy("UnitCost", CHANGE, name="u")
    view = steady()
    finding = only([asked], view)
    lines = explain(finding, asked, view, freshness=[CURRENT], settings=settings()).lines

    assert "unit_cost = 16800.00 EUR ÷ 280000 orders × 1 = 0.06 EUR, 28 of 28 days, 2026-02-18 to 2026-03-17" in lines
    assert any(line.startswith("unit_cost_change = 0.200000 (90 % interval ") for line in lines)
    assert lines[-1].startswith("reproduced")


@pytest.mark.parametrize("settled", [date(2026, 3, 17), date(2026, 3, 31), date(2026, 4, 1)])
def test_a_monthly_fee_does_not_change_the_unit_cost_of_a_flat_bill(settled: date) -> None:
    """Whether a window holds no, one or two of it."""
    first = date(2025, 12, 1)
    rows = days(first, settled, 100)
    rows += [
        {"day": day, "cost": 3000}
        for day in (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))
        if day <= settled
    ]
    seen = FakeView(rows, demand("orders", first, settled, 1000))
    as_of = datetime.combine(settled + timedelta(days=3), time(), UTC)
    current = standing(through=as_of, delivered=as_of)
    finding = only(policy("UnitCost", CHANGE, name="u"), seen, as_of=as_of, freshness=[current])

    assert finding.state is State.OK
    assert finding.measures["unit_cost_change"] == pytest.approx(0, abs=0.06)  # months differ in length
    assert float(finding.amount["unit_cost"].amount) == pytest.approx(0.2, rel=0.06)
    assert "spread over the days until the next: 3,000.00 EUR on the 1st of each month" in finding.notes
    explained = explain(
        finding, policy("UnitCost", CHANGE, name="u")[0], seen, freshness=[current], settings=settings()
    )
    assert explained.reproduced


def test_the_day_of_a_new_level_is_explained() -> None:
    since = SETTLED - timedelta(days=9)
    rows = [{**row, "cost": row["cost"] * (2 if row["day"] >= since else 1)} for row in rows_of()]
    (asked,) = policy("UnitCost", CHANGE, name="u")
    view = FakeView(rows, served())
    finding = only([asked], view)

    assert finding.state is State.FIRING
    lines = explain(finding, asked, view, freshness=[CURRENT], settings=settings()).lines
    assert f"new levels, which count as change and not as noise: {NOW} (+20.0 %), {since} (+100.0 %)" in lines
