"""What the month comes to: the same as a monthly budget says, and nothing where nothing is known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finops.evaluate.judgement.moment import Moment
from finops.evaluate.totals import month
from finops.evaluate.totals.month import MonthCache, month_costs
from finops.model.month_costs import MonthCosts
from tests.support.lake_view import AS_OF, CURRENT, FakeView, budget, days, findings, settings, standing

FIRST, TODAY = date(2025, 3, 1), AS_OF.date()
MOMENT = Moment(AS_OF, settings())
TWO_TEAMS = FakeView(
    [
        *days(FIRST, TODAY, "10.25", team="checkout", ChargeCategory="Usage"),
        *days(FIRST, TODAY, "5.5", team="search", ChargeCategory="Usage"),
        *days(FIRST, TODAY, "1", ChargeCategory="Usage"),
    ]
)
SPEC = """\
period: month
amount: 100 EUR
alerts: [{when: forecast > 100%, severity: warning}]
"""


def made(view: FakeView, **arguments: object) -> MonthCosts:
    return month_costs(view, MOMENT, [CURRENT], **arguments)  # type: ignore[arg-type] # of the test's own


def test_the_forecast_is_that_of_a_budget_over_the_same_rows() -> None:
    costs = made(TWO_TEAMS)
    [whole] = findings(budget(SPEC), TWO_TEAMS)
    told = {name: whole.amount[name].amount for name in ("spent", "forecast", "forecast_low", "forecast_high")}
    assert costs.forecast is not None
    assert told == {
        "spent": costs.to_date,
        "forecast": costs.forecast.amount,
        "forecast_low": costs.forecast.low,
        "forecast_high": costs.forecast.high,
    }
    by_team = findings(budget(f"group_by: [team]\n{SPEC}"), TWO_TEAMS)
    assert {one.group[0]: one.amount for one in costs.forecasts} == {
        one.group["team"]: one.amount["forecast"].amount for one in by_team
    }


def test_other_months_and_the_share_without_an_owner() -> None:
    costs = made(TWO_TEAMS)
    a_day = Decimal("16.75")
    assert (costs.to_date, costs.last_month, costs.last_year) == (20 * a_day, 28 * a_day, 31 * a_day)
    assert costs.settled_through == date(2026, 3, 17)
    assert (costs.settled, costs.last_month_to_date) == (17 * a_day, 17 * a_day)
    assert costs.unallocated == 20
    assert made(TWO_TEAMS, unowned=["search"]).unallocated == Decimal(20) + 20 * Decimal("5.5")
    assert MonthCosts.from_json(costs.to_json()).to_json() == costs.to_json()


def test_before_the_first_bill_a_month_is_unknown() -> None:
    young = made(FakeView(days(date(2026, 2, 2), TODAY, "1", ChargeCategory="Usage")))
    assert (young.last_month, young.last_year) == (None, None)
    assert young.to_date == 20
    nothing = made(FakeView([]))
    assert (nothing.to_date, nothing.forecast, nothing.unallocated, nothing.forecasts) == (None, None, None, ())
    assert "has never delivered a row" in nothing.note


def test_a_missing_rate_is_said_and_its_amounts_are_unknown() -> None:
    costs = made(FakeView(days(FIRST, TODAY, "1", currency="JPY", ChargeCategory="Usage")))
    assert (costs.to_date, costs.forecast) == (None, None)
    assert "no exchange rate from JPY to EUR" in costs.note


def test_too_many_combinations_are_told_apart_by_fewer_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        row
        for number in range(4)
        for row in days(date(2026, 1, 1), TODAY, "1", team=f"t{number % 2}", product=f"p{number}")
    ]
    assert len(made(FakeView(rows)).forecasts) == 4
    monkeypatch.setattr(month, "MOST_GROUPS", 3)
    folded = made(FakeView(rows))
    assert sorted(one.group for one in folded.forecasts) == [("t0", "", "__other__"), ("t1", "", "__other__")]


def test_what_did_not_change_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = MonthCache(most_rows=1000)
    first = cache.costs(TWO_TEAMS, MOMENT, [CURRENT], unowned=())
    monkeypatch.setattr(month, "build_cases", None)
    assert cache.costs(TWO_TEAMS, MOMENT, [CURRENT], unowned=()) is first


def test_a_month_that_no_data_has_reached_is_unknown_not_zero() -> None:
    """On 2 March with data through February: what March costs is not known, what it will cost is foreseen."""
    as_of = datetime(2026, 3, 2, 6, tzinfo=UTC)
    february = FakeView(days(FIRST, date(2026, 2, 28), "10", team="checkout", ChargeCategory="Usage"))
    reached = standing(through=datetime(2026, 3, 1, tzinfo=UTC), delivered=as_of)
    costs = month_costs(february, Moment(as_of, settings()), [reached])
    assert (costs.to_date, costs.unallocated, costs.settled) == (None, None, None)
    assert "no cost of 2026-03-01 to 2026-03-02 yet: data reach 2026-02-28" in costs.note
    assert (costs.last_month, costs.forecast is not None) == (280, True)

    nothing_spent = standing(through=datetime(2026, 3, 2, tzinfo=UTC), delivered=as_of)
    assert month_costs(february, Moment(as_of, settings()), [nothing_spent]).to_date == 0
