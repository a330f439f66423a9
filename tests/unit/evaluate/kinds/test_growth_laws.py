"""Laws of Growth and UnitCost: what is missing never calms an alert in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.cost_and_demand import History, Scenario, history
from finops.model.finding import Finding, State
from tests.support.lake_view import only, policy
from tests.unit.evaluate.kinds.test_growth import at, view

SPECS = {
    "Growth": "demand: orders\nwindow: 60d\nalerts:\n  - {when: elasticity > 1, severity: warning}\n"
    "  - {when: excess_growth > 10%, severity: warning}",
    "UnitCost": "demand: orders\nwindow: 60d\nalerts:\n  - {when: unit_cost_change > 5%, severity: warning}",
}
OVER = history(Scenario("", elasticity=1.8), 77)
CALM = history(Scenario("", elasticity=0.6), 78)
DAYS = sorted(OVER.cost)

which = st.sets(st.sampled_from(DAYS), max_size=60)
stretch = st.tuples(st.sampled_from(DAYS), st.integers(1, 70)).map(
    lambda drawn: {drawn[0] + timedelta(days=offset) for offset in range(drawn[1])}
)


def judged(kind: str, made: History, *, without_cost: set[date], without_demand: set[date]) -> Finding:
    torn = replace(
        made,
        cost={day: value for day, value in made.cost.items() if day not in without_cost},
        demand={day: value for day, value in made.demand.items() if day not in without_demand},
    )
    return only(policy(kind, SPECS[kind], name="p"), view(torn), **at(made))


@pytest.mark.parametrize("kind", sorted(SPECS))
@settings(max_examples=40, deadline=None)
@given(cost=which | stretch, demand=which | stretch)
def test_missing_days_never_turn_firing_into_ok_in_silence(kind: str, cost: set[date], demand: set[date]) -> None:
    finding = judged(kind, OVER, without_cost=cost, without_demand=demand)

    if finding.state is State.UNKNOWN:
        assert finding.reason
    if finding.state is State.OK:
        assert any(note.startswith("left out, no ") for note in finding.notes)
    for day in (cost | demand) & set(DAYS) if finding.state is not State.UNKNOWN else ():
        named = any(str(day) in note or "more days" in note for note in finding.notes)
        assert named or day not in finding.period, "every day that was left out is named or counted"


@pytest.mark.parametrize("kind", sorted(SPECS))
@settings(max_examples=15, deadline=None)
@given(age=st.integers(0, 59))
def test_without_all_demand_from_some_day_on_it_is_never_ok_for_long(kind: str, age: int) -> None:
    """A counter that stopped is noticed within a week."""
    gone = {day for day in DAYS if (DAYS[-1] - day).days <= age}
    finding = judged(kind, CALM, without_cost=set(), without_demand=gone)

    assert judged(kind, CALM, without_cost=set(), without_demand=set()).state is State.OK
    assert finding.state is (State.UNKNOWN if age >= 6 else State.OK)
