"""Forecasts of a budget: what they are made of, when they fire, and when there is none."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from finops.evaluate.explain import explain
from finops.model.calendar import Calendar
from finops.model.finding import Finding, Severity, State
from finops.model.rates import Rates
from finops.publish.policy_families import policy_families
from tests.support.lake_view import AS_OF, CURRENT, FakeView, budget, days, demand, only, run, settings, standing
from tests.support.profiles import PROFILES

SPEC = """
period: month
amount: 12000 EUR
alerts:
  - {when: forecast > 100%, severity: critical}
  - {when: exhausts_in < 9d, severity: warning}
"""
LAST = date(2026, 3, 19)
USAGE = {"ChargeCategory": "Usage", "ChargeFrequency": "Usage-Based"}
FEE = {"ChargeCategory": "Purchase", "ChargeFrequency": "Recurring"}
ONE_OFF = {"ChargeCategory": "Purchase", "ChargeFrequency": "One-Time"}


def usage(first: date, weekday: float, weekend: float, *, noise: float = 0.0, seed: int = 1) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    rows = days(first, LAST, 0, **USAGE)
    for row in rows:
        level = weekday if row["day"].weekday() < 5 else weekend
        row["cost"] = Decimal(str(round(level * chance.gauss(1, noise), 2)))
    return rows


def amounts(finding: Finding) -> Mapping[str, float]:
    return {name: float(money.amount) for name, money in finding.amount.items()}


def test_weekdays_go_on_as_they_were() -> None:
    finding = only(budget(SPEC), FakeView(usage(date(2026, 1, 1), 420, 280)))

    expected = sum(420 if date(2026, 3, day).weekday() < 5 else 280 for day in range(1, 32))
    assert amounts(finding)["forecast"] == pytest.approx(expected, rel=0.005)
    assert finding.state is State.OK
    assert finding.measures["forecast_low"] <= finding.measures["forecast"] <= finding.measures["forecast_high"]


def test_public_holidays_of_the_calendar_are_foreseen() -> None:
    calendar, today = Calendar("DE", "BY"), date(2026, 3, 31)
    rows = days(date(2025, 3, 1), today, 0, **USAGE)
    for row in rows:
        row["cost"] = Decimal(100 if row["day"] in calendar.around(today) else 300)
    as_of = datetime(2026, 4, 2, 6, tzinfo=UTC)
    current = standing(through=as_of, delivered=as_of)
    known = replace(settings(), calendar=calendar)

    with_calendar, without = (
        amounts(run(budget(SPEC), FakeView(rows), as_of=as_of, freshness=[current], under=under).findings[0])
        for under in (known, settings())
    )
    assert with_calendar["forecast"] == pytest.approx(28 * 300 + 2 * 100, rel=0.005)  # Good Friday, Easter Monday
    assert without["forecast"] > 8800


def test_it_fires_on_its_lower_bound_and_says_both() -> None:
    finding = only(budget(SPEC), FakeView(usage(date(2026, 1, 1), 480, 320, noise=0.1)))

    assert (finding.state, finding.severity, finding.measure) == (State.FIRING, Severity.CRITICAL, "forecast")
    assert finding.reason.startswith("forecast 11")
    assert " to " in finding.reason
    assert "by the end of 2026-03-31, 12,000.00 EUR to spend" in finding.reason
    assert "also exhausts_in" in finding.reason


def test_a_middle_value_above_the_line_is_not_surely_so() -> None:
    rows = usage(date(2026, 1, 1), 400, 300, noise=0.25, seed=4)
    total = amounts(only(budget(SPEC), FakeView(rows)))["forecast"]
    finding = only(budget(SPEC.replace("12000", f"{total * 0.999:.2f}")), FakeView(rows))

    assert finding.measures["forecast"] > 1 > finding.measures["forecast_low"]
    assert finding.state is State.OK
    assert "not significantly > 100 %" in finding.reason


def test_a_purchase_counts_once_and_a_fee_goes_on() -> None:
    plain = usage(date(2026, 1, 1), 300, 300)
    bought = [*plain, *days(date(2026, 3, 5), date(2026, 3, 5), 1000, **ONE_OFF)]
    with_fee = [*plain, *days(date(2026, 1, 1), LAST, 40, **FEE)]
    monthly = [
        *plain,
        *(row for month in (1, 2, 3) for row in days(date(2026, month, 1), date(2026, month, 1), 500, **FEE)),
    ]
    due_later = [
        *plain,
        *(row for month in (1, 2) for row in days(date(2026, month, 25), date(2026, month, 25), 500, **FEE)),
    ]

    assert [round(amounts(only(budget(SPEC), FakeView(rows)))["forecast"]) for rows in (plain, bought)] == [9300, 10300]
    assert amounts(only(budget(SPEC), FakeView(with_fee)))["forecast"] == pytest.approx(31 * 340, rel=0.001)
    for rows in (monthly, due_later):
        assert amounts(only(budget(SPEC), FakeView(rows)))["forecast"] == pytest.approx(9800, rel=0.001)


def test_a_level_shift_is_followed_within_days() -> None:
    rows = usage(date(2025, 12, 1), 300, 300, noise=0.05)
    for row in rows:
        if row["day"] >= date(2026, 3, 13):  # five settled days
            row["cost"] *= 2
    finding = only(budget(SPEC), FakeView(rows))

    assert amounts(finding)["forecast"] == pytest.approx(12 * 300 + 19 * 600, rel=0.05)


def test_a_restated_day_updates_it() -> None:
    rows = usage(date(2026, 1, 1), 300, 300)
    before = amounts(only(budget(SPEC), FakeView(rows)))["forecast"]
    rows[-10]["cost"] += 100

    assert amounts(only(budget(SPEC), FakeView(rows)))["forecast"] == pytest.approx(before + 100, rel=0.002)


def test_young_history_leaves_the_other_alerts_their_say() -> None:
    rows = usage(date(2026, 3, 8), 500, 500)
    alone = only(budget(SPEC), FakeView(rows))
    assert (alone.state, alone.measure) == (State.UNKNOWN, "forecast")
    assert alone.reason == "no forecast: 10 settled days of history, 14 are needed"

    calm = only(budget(SPEC + "  - {when: pace > 110%, severity: warning}"), FakeView(rows))
    assert calm.state is State.OK
    assert "no forecast: 10 settled days of history, 14 are needed" in calm.reason


def test_days_far_beyond_the_history_are_not_foreseen() -> None:
    finding = only(budget(SPEC.replace("month", "year")), FakeView(usage(date(2026, 2, 20), 10, 10)))

    assert finding.reason == "no forecast: 289 days from 26 days of history; at most 3 times as many"


def test_a_rate_that_is_missing_shortens_the_history_or_makes_it_unknown() -> None:
    rows = [{**row, "currency": "USD"} for row in usage(date(2025, 12, 1), 300, 300)]
    every_day = {date(2026, 2, 1) + timedelta(days=at): Decimal("1.25") for at in range(60)}
    finding = only(budget(SPEC), FakeView(rows), under=settings(rates=Rates("EUR", {"USD": every_day})))
    assert amounts(finding)["forecast"] == pytest.approx(31 * 240, rel=0.001)

    late = {day: rate for day, rate in every_day.items() if day > date(2026, 3, 5)}
    unknown = only(budget(SPEC), FakeView(rows), under=settings(rates=Rates("EUR", {"USD": late})))
    assert unknown.state is State.UNKNOWN
    assert "no exchange rate from USD to EUR" in unknown.reason


def test_a_flexed_budget_foresees_demand_too() -> None:
    spec = """
period: month
amount: {per: orders, amount: 0.3 EUR}
alerts: [{when: forecast > 100%, severity: warning}]
"""
    rows = usage(date(2026, 1, 1), 400, 400)
    asked = budget(spec)
    orders = demand("orders", date(2026, 1, 1), date(2026, 3, 19), 1000)
    finding = only(asked, FakeView(rows, orders))

    assert amounts(finding)["forecast_limit"] == pytest.approx(31 * 300, rel=0.001)
    assert finding.measures["forecast"] == pytest.approx(4 / 3, rel=0.001)
    assert finding.state is State.FIRING
    young = only(asked, FakeView(rows, demand("orders", date(2026, 3, 10), date(2026, 3, 19), 1000)))
    assert young.state is State.UNKNOWN


def test_exhausts_in_is_the_time_until_the_limit_is_spent() -> None:
    finding = only(budget(SPEC.replace("12000", "6900")), FakeView(usage(date(2026, 1, 1), 300, 300)))

    # 300 a day: 17 settled days are 5,100, so the limit is spent at the end of the 23rd
    hours = (datetime(2026, 3, 24, tzinfo=UTC) - AS_OF) / timedelta(hours=1)
    assert finding.measures["exhausts_in"] == pytest.approx(hours, abs=1)
    assert "also exhausts_in 90 h < 216 h" in finding.reason
    (family,) = (
        one for one in policy_families([finding], PROFILES) if one.name == "finops_budget_exhausts_timestamp_seconds"
    )
    assert family.samples[0].value == pytest.approx(datetime(2026, 3, 24, tzinfo=UTC).timestamp(), abs=3600)


def test_a_budget_that_lasts_is_never_exhausted_and_one_that_is_spent_is_now() -> None:
    lasting = only(budget(SPEC), FakeView(usage(date(2026, 1, 1), 100, 100)))
    assert "exhausts_in" not in lasting.measures
    assert "exhausts_in ∞ ≥ 216 h" in lasting.reason

    spent = only(budget(SPEC.replace("12000", "500")), FakeView(usage(date(2026, 1, 1), 300, 300)))
    assert spent.measures["exhausts_in"] == 0.0


def test_a_closed_period_is_what_it_was() -> None:
    spec = SPEC.replace("month", "{from: 2026-02-01, to: 2026-03-01}")
    finding = only(budget(spec), FakeView(usage(date(2026, 1, 1), 300, 300)))

    assert amounts(finding)["forecast"] == amounts(finding)["forecast_low"] == 28 * 300


def test_the_lines_set_out_from_what_is_settled() -> None:
    view = FakeView(usage(date(2026, 1, 1), 300, 300))
    (track,) = run(budget(SPEC), view).tracks

    line = track.lines["forecast"]
    assert len(line) == 31
    assert line[:16] == (None,) * 16
    assert line[16] == 17 * 300
    assert float(line[-1] or 0) == pytest.approx(9300, rel=0.001)


def test_explain_shows_days_to_come_and_reproduces() -> None:
    asked, view = budget(SPEC), FakeView(usage(date(2026, 1, 1), 480, 320, noise=0.1))
    lines = explain(only(asked, view), asked[0], view, freshness=[CURRENT], settings=settings()).lines

    assert any(line.startswith("  2026-03-31  usage ") for line in lines)
    assert lines[-1].startswith("reproduced: the same as finding ")


def test_a_budget_without_such_an_alert_makes_no_forecast() -> None:
    spec = "period: month\namount: 12000 EUR\nalerts: [{when: spent > 80%, severity: info}]"
    finding = only(budget(spec), FakeView(usage(date(2026, 1, 1), 300, 300)))

    assert "forecast" not in finding.amount
    assert "forecast" not in finding.measures


@hypothesis_settings(max_examples=15, deadline=None)
@given(level=st.integers(300, 500), cut=st.integers(0, 60), seed=st.integers(0, 99))
def test_missing_data_never_makes_a_firing_forecast_ok_in_silence(level: int, cut: int, seed: int) -> None:
    """The source stops, or the history is lost: what fired stays so, is unknown, or says why it knows less."""
    rows = usage(date(2026, 1, 1), level, level * 0.7, noise=0.1, seed=seed)
    spec = SPEC + "  - {when: spent > 300%, severity: info}"
    whole = only(budget(spec), FakeView(rows))
    end = LAST - timedelta(days=cut)
    stopped = standing(through=datetime(end.year, end.month, end.day, tzinfo=UTC), delivered=AS_OF)
    torn = only(budget(spec), FakeView([row for row in rows if row["day"] < end]), freshness=[stopped])
    lost = only(budget(spec), FakeView([row for row in rows if row["day"] > end]))

    for less in (torn, lost):
        if whole.state is State.FIRING and less.state is State.OK:
            assert "no forecast" in less.reason or less.measures["forecast_low"] <= 1
        if less.state is State.UNKNOWN:
            assert less.reason
    if cut > 4:
        assert torn.state is not State.OK, "a source that is late takes ok away"


def test_the_worked_example_of_the_page_is_true() -> None:
    page = (Path(__file__).parents[4] / "docs" / "policies" / "budget.md").read_text(encoding="utf-8")
    table = page[page.index("### Worked example") :].split("```csv\n")[1].split("```")[0]
    names, *lines = [line.split(",") for line in table.strip().splitlines()]
    rows: list[dict[str, Any]] = []
    for line in lines:
        values = dict(zip(names, line, strict=True))
        first, last = (date.fromisoformat(day) for day in values.pop("day").split(".."))
        rows += days(first, last, values.pop("EffectiveCost"), **values)
    finding = only(budget(SPEC), FakeView(rows))

    settled, total = amounts(finding)["settled_spent"], amounts(finding)["forecast"]
    assert (settled, total, finding.state) == (6680, 11440, State.OK)
    assert f"{settled:,.0f} EUR" in page
    assert f"The forecast is {total:,.0f} EUR,\n95 % of the budget" in page
