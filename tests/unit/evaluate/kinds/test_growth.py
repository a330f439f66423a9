"""Growth: elasticity and excess growth with their intervals, and when they cannot be said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from scipy import stats

from benchmarks.cost_and_demand import History, Scenario, history
from finops.evaluate.cases.case_builder import build_cases
from finops.evaluate.judgement.kind import Verdict
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.statistics.student import t90, t99
from finops.model.finding import Finding, Severity, State
from tests.support.lake_view import FakeView, findings, only, policy, run, settings, standing

SPEC = """
demand: orders
window: 60d
alerts:
  - {when: elasticity > 1, severity: warning}
  - {when: excess_growth > 20%, severity: warning}
"""
ELASTICITY_ONLY = "demand: orders\nwindow: 60d\nalerts: [{when: elasticity > 1, severity: warning}]"
STEEP = Scenario("", elasticity=1.8)
FLAT = Scenario("", growth=0.0, noise_demand=0.05)


def view(made: History, *, cost: Callable[[date, Decimal], object] | None = None, **columns: Any) -> FakeView:
    """``cost``: what a day costs instead; None leaves the day out."""
    rows = []
    for day, amount in made.cost.items():
        changed = cost(day, amount) if cost is not None else amount
        if changed is not None:
            rows.append({"day": day, "cost": changed, **columns})
    return FakeView(rows, [("orders", day, value, {}) for day, value in made.demand.items()])


def at(made: History, *, through: date | None = None) -> Mapping[str, Any]:
    """The moment when the history's last day has just settled; ``through``: the last day that was delivered."""
    end = datetime.combine(made.last + timedelta(days=1), time(), UTC)
    as_of = end + timedelta(hours=54)
    reach = datetime.combine(through + timedelta(days=1), time(), UTC) if through else end
    return {"as_of": as_of, "freshness": [standing(through=reach, delivered=as_of)]}


def judged(made: History, spec: str = SPEC, **changes: Any) -> Finding:
    through = changes.pop("through", None)
    return only(policy("Growth", spec, name="g"), view(made, **changes), **at(made, through=through))


def verdict(made: History) -> Verdict:
    moment = at(made)
    asked = policy("Growth", SPEC, name="g")
    (case,) = build_cases(asked, view(made), Moment(moment["as_of"], settings()), moment["freshness"])
    return case.rule.judge(case.data)


def many(scenario: Scenario, windows: int, seed: int) -> list[Finding]:
    """A finding for each of many histories, as the groups of one policy."""
    rows, orders = [], []
    for number in range(windows):
        made = history(scenario, seed + number)
        team = f"t{number:03d}"
        rows += [{"day": day, "cost": cost, "team": team} for day, cost in made.cost.items()]
        orders += [("orders", day, value, {"team": team}) for day, value in made.demand.items()]
    asked = policy("Growth", "group_by: [team]\n" + ELASTICITY_ONLY.replace("60d", f"{scenario.days}d"), name="g")
    return findings(asked, FakeView(rows, orders), **at(made))


def share_that_holds(found: list[Finding], truth: float) -> float:
    known = [one.measures for one in found if "elasticity" in one.measures]
    assert len(known) > 0.8 * len(found)
    return sum(one["elasticity_low"] <= truth <= one["elasticity_high"] for one in known) / len(known)


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("independent noise"),
        Scenario("noise that lasts", persistence=0.6),
        Scenario("two different weeks, and demand is missing", week="own", missing_demand=0.08, noise_demand=0.05),
    ],
    ids=lambda scenario: scenario.name,
)
def test_the_interval_holds_the_truth_and_an_elasticity_of_one_stays_quiet(scenario: Scenario) -> None:
    found = many(scenario, 100, seed=700)

    assert 0.82 <= share_that_holds(found, 1.0) <= 0.98
    assert sum(one.state is State.FIRING for one in found) <= 10


def test_cost_that_grows_faster_than_demand_is_found() -> None:
    found = many(Scenario("", elasticity=1.5), 80, seed=4200)

    assert sum(one.state is State.FIRING for one in found) >= 75
    assert 0.82 <= share_that_holds(found, 1.5) <= 0.98


def test_capacity_that_comes_in_steps_is_not_called_harmless() -> None:
    """From one day to the next cost does not follow demand at all; from week to week it does, and faster."""
    found = many(Scenario("", elasticity=1.5, capacity_step=0.1, noise_cost=0.05, noise_demand=0.1), 30, seed=31)

    assert sum(one.state is State.FIRING for one in found) >= 26


def test_a_finding_says_everything_that_stands_behind_it() -> None:
    finding = judged(history(replace(STEEP, noise_demand=0.02), 7))

    assert (finding.state, finding.severity, finding.measure) == (State.FIRING, Severity.WARNING, "elasticity")
    assert finding.reason.startswith("elasticity 1.")
    assert "cost moved +" in finding.reason
    assert "also excess_growth " in finding.reason
    assert finding.demand == "orders"
    assert finding.period.days == 60
    assert set(finding.measures) == {
        f"{name}{end}"
        for name in ("elasticity", "excess_growth", "cost_growth", "demand_growth")
        for end in ("", "_low", "_high")
    }
    for name in ("elasticity", "excess_growth", "cost_growth", "demand_growth"):
        value = finding.measures[name]
        assert finding.measures[f"{name}_low"] < value < finding.measures[f"{name}_high"]
    assert finding.measures["excess_growth"] == pytest.approx(
        finding.measures["cost_growth"] - finding.measures["demand_growth"], abs=1e-5
    )


def test_growth_is_the_ratio_of_sums_where_no_day_is_missing() -> None:
    made = history(replace(STEEP, days=56), 6)
    finding = judged(made, SPEC.replace("60d", "8w"))
    days = sorted(made.cost)

    ratio = sum(made.cost[day] for day in days[56:]) / sum(made.cost[day] for day in days[:56])
    assert finding.measures["cost_growth"] == pytest.approx(float(ratio) - 1, abs=1e-6)


def test_demand_that_stands_still_has_no_elasticity_and_excess_growth_answers() -> None:
    alone = judged(history(FLAT, 1), ELASTICITY_ONLY)
    assert alone.state is State.UNKNOWN
    assert "no more than its own noise: no elasticity; excess_growth says" in alone.reason

    both = judged(history(FLAT, 1))
    assert both.state is State.OK
    assert both.reason.startswith("excess_growth ")
    assert "no more than its own noise" in both.reason

    middle = history(FLAT, 1).last - timedelta(days=59)
    doubled = judged(history(FLAT, 1), cost=lambda day, cost: cost * (2 if day >= middle else 1))
    assert (doubled.state, doubled.measure) == (State.FIRING, "excess_growth")


def test_a_fixed_base_is_told_apart_from_an_error() -> None:
    finding = judged(history(Scenario("", noise_cost=0.02, fixed_share=0.6), 3))

    assert finding.state is State.OK
    assert any("economy of scale: as if 5" in note or "economy of scale: as if 6" in note for note in finding.notes)


def test_a_step_that_demand_did_not_take_widens_the_interval_and_is_told() -> None:
    finding = judged(history(Scenario("", noise_cost=0.03, shift_cost=0.4), 9), ELASTICITY_ONLY)

    assert finding.state is State.OK
    assert "not significantly > 1" in finding.reason
    assert finding.measures["elasticity_low"] < 1.2
    assert any("cost left its trend by +" in note for note in finding.notes)


def test_days_left_out_are_named_with_their_reason() -> None:
    made = history(STEEP, 11)
    days = sorted(made.cost)
    credit, invoice, empty, silent = days[-10], days[-20], days[-30], days[-40]
    changed = {credit: Decimal(-400), invoice: Decimal(9000), empty: None}
    demand = {day: value for day, value in made.demand.items() if day != silent}
    finding = judged(replace(made, demand=demand), cost=changed.get)

    assert finding.state is State.FIRING
    assert f"left out, credits or refunds larger than the day's cost: {credit}" in finding.notes
    assert f"left out, no cost: {empty}" in finding.notes
    assert f"left out, no demand 'orders': {silent}" in finding.notes
    assert any(note.startswith(f"left out, a one-off on {invoice}: cost 9,000.00 EUR, ") for note in finding.notes)
    whole = judged(made)
    assert finding.measures["elasticity"] == pytest.approx(whole.measures["elasticity"], abs=0.15)


def test_a_scope_that_rests_on_weekends_misses_nothing() -> None:
    finding = judged(history(STEEP, 12), cost=lambda day, cost: None if day.weekday() >= 5 else cost)

    assert finding.state is State.FIRING
    assert finding.notes == ()


@pytest.mark.parametrize(
    ("keep", "reason"),
    [
        (lambda day, last: False, "60 of the 60 days of .* cannot be used: no demand 'orders' for "),
        (lambda day, last: (last - day).days % 4 != 0, "15 of the 60 days of .* cannot be used: no demand"),
        (lambda day, last: (last - day).days >= 7, "no day from .* on can be used: no demand 'orders'"),
    ],
    ids=["all of it", "every fourth day", "the last week"],
)
def test_too_much_missing_demand_is_unknown(keep: Callable[[date, date], bool], reason: str) -> None:
    made = history(STEEP, 13)
    demand = {day: value for day, value in made.demand.items() if keep(day, made.last)}
    finding = judged(replace(made, demand=demand))

    assert finding.state is State.UNKNOWN
    assert re.search(reason, finding.reason), finding.reason


def test_a_short_history_has_an_elasticity_and_no_growth() -> None:
    made = history(STEEP, 14)
    since = made.last - timedelta(days=59)
    short = replace(made, cost={day: cost for day, cost in made.cost.items() if day >= since})
    finding = judged(short)

    assert (finding.state, finding.measure) == (State.FIRING, "elasticity")
    assert "excess_growth" not in finding.measures
    compared = verdict(short).compared
    assert compared is not None, "the later half is held against the earlier one"
    days = sorted(short.cost)
    assert (compared.before, compared.after) == (tuple(days[:30]), tuple(days[30:]))


def test_the_days_that_drivers_explain_are_those_that_were_compared() -> None:
    made = history(STEEP, 5)
    days = sorted(made.cost)
    compared = verdict(made).compared

    assert compared is not None
    assert (compared.before, compared.after) == (tuple(days[:60]), tuple(days[60:]))
    assert compared.demand_growth == pytest.approx(judged(made).measures["demand_growth"], abs=1e-5)


def test_a_late_bill_is_judged_to_where_it_is_settled_and_never_ok() -> None:
    made = history(Scenario("", elasticity=0.7), 15)
    finding = judged(made, through=made.last - timedelta(days=6), cost=lambda day, cost: cost)

    assert finding.period.end == made.last - timedelta(days=5)
    assert finding.state is State.UNKNOWN
    assert "aws is late" in finding.reason

    gone = judged(made, through=made.last - timedelta(days=40))
    assert gone.state is State.UNKNOWN


def test_days_that_are_not_settled_do_not_count() -> None:
    made = history(Scenario("", late_days=2), 16)
    end = made.last
    assert judged(made).measures == judged(made, cost=lambda day, cost: cost * (9 if day > end else 1)).measures


def test_a_missing_rate_is_unknown_and_named() -> None:
    made = history(STEEP, 17)
    finding = judged(made, currency="USD")

    assert finding.state is State.UNKNOWN
    assert "no exchange rate from USD to EUR for " in finding.reason


def test_a_lag_holds_cost_against_earlier_demand() -> None:
    made = history(replace(STEEP, noise_cost=0.02), 18)
    later = {day + timedelta(days=14): cost for day, cost in made.cost.items() if day <= made.last - timedelta(days=14)}
    lagging = judged(replace(made, cost=later), ELASTICITY_ONLY + "\nlag: 2w")
    assert lagging.measures["elasticity"] == pytest.approx(1.8, abs=0.2)
    assert "cost is compared with the demand of 14 days before" in lagging.notes


def test_a_group_below_the_minimum_never_fires() -> None:
    finding = judged(history(STEEP, 19), SPEC + "minimum: 900000 EUR")

    assert finding.state is State.OK
    assert "below the minimum of 900,000.00 EUR" in finding.reason


def test_lines_for_charts_cover_the_window() -> None:
    made = history(STEEP, 20)
    (track,) = run(policy("Growth", SPEC, name="g"), view(made), **at(made), under=settings()).tracks

    assert len(track.lines["demand"]) == len(track.lines["unit_cost"]) == len(track.days) == 60
    day = track.days[5]
    assert track.lines["demand"][5] == made.demand[day]
    unit = track.lines["unit_cost"][5]
    assert unit is not None
    assert unit == pytest.approx(made.cost[day] / made.demand[day])


@pytest.mark.parametrize("freedom", range(1, 31))
def test_the_table_of_t_is_the_real_one(freedom: int) -> None:
    assert t90(freedom) == pytest.approx(stats.t.ppf(0.95, freedom), abs=1e-6)
    assert t99(freedom) == pytest.approx(stats.t.ppf(0.995, freedom), abs=1e-6)


@pytest.mark.parametrize(("elasticity", "says"), [(1.6, "cost moved -"), (-0.6, "cost rose all the same, and ")])
def test_falling_demand_has_no_elasticity_and_says_so(elasticity: float, says: str) -> None:
    finding = judged(history(Scenario("", growth=-0.4, elasticity=elasticity, noise_cost=0.05), 5), ELASTICITY_ONLY)

    assert finding.state is State.UNKNOWN
    assert "demand 'orders' fell" in finding.reason
    assert says in finding.reason
    assert "elasticity" not in finding.measures


def test_cost_that_rises_while_demand_falls_is_excess_growth() -> None:
    rises = judged(history(Scenario("", growth=-0.4, elasticity=-0.6, noise_cost=0.05), 5))
    falls = judged(history(Scenario("", growth=-0.4, elasticity=1.6, noise_cost=0.05), 5))

    assert (rises.state, rises.measure) == (State.FIRING, "excess_growth")
    assert "cost rose although demand fell" in rises.reason
    assert falls.state is State.OK
    assert "Elasticity is a claim about growing demand" in falls.reason


def test_a_reason_names_the_days_the_totals_and_the_money() -> None:
    made = history(Scenario("", growth=-0.4, elasticity=-0.6, noise_cost=0.05), 5)
    first, last = made.last - timedelta(days=59), made.last
    totals = [
        sum(cost for day, cost in made.cost.items() if start <= day <= start + timedelta(days=59))
        for start in (first, first - timedelta(days=60))
    ]

    assert judged(made).reason.endswith(
        f"cost {totals[0]:,.2f} EUR in {first} to {last}, {totals[1]:,.2f} EUR in {first - timedelta(days=60)} to "
        f"{first - timedelta(days=1)} before, +{totals[0] - totals[1]:,.2f} EUR"
    )
