"""When a budget is due: evenly or as in the months before, and from the first day of what is new."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.evaluate.cases.case_builder import build_cases
from finops.evaluate.explain import explain
from finops.evaluate.judgement.moment import Moment
from finops.model.finding import Finding, State
from tests.support import lake_view
from tests.support.lake_view import FakeView, budget, days, only, standing

PACE = "period: month\namount: 6000 EUR\nalerts: [{when: pace > 110%, severity: warning}]"
PROFILE = f"due: profile\n{PACE}"
FIRST = date(2025, 11, 1)


def at(settled: date) -> dict[str, Any]:
    """The moment when ``settled`` has just settled."""
    end = datetime.combine(settled + timedelta(days=1), time(), UTC)
    as_of = end + timedelta(hours=54)
    return {"as_of": as_of, "freshness": [standing(through=end, delivered=as_of)]}


def with_fees(settled: date, first: date = FIRST, day: int = 1) -> list[dict[str, Any]]:
    """100 EUR a day, and a fee of 2,900 EUR on one day of each month."""
    rows = days(first, settled, 100)
    return rows + [{"day": row["day"], "cost": 2900} for row in rows if row["day"].day == day]


def pace(spec: str, rows: list[dict[str, Any]], settled: date) -> Finding:
    return only(budget(spec), FakeView(rows), **at(settled))


@pytest.mark.parametrize("day", [1, 15, 28])
@pytest.mark.parametrize("settled", [date(2026, 3, 2), date(2026, 3, 14), date(2026, 3, 28)])
def test_a_fee_is_due_on_its_day(day: int, settled: date) -> None:
    finding = pace(PROFILE, with_fees(settled, day=day), settled)

    assert finding.state is State.OK
    assert finding.value == pytest.approx(1, abs=0.06)  # months differ in length
    assert "due as in the 4 months before" in finding.reason


def test_evenly_the_same_fee_is_a_pace_of_many_times() -> None:
    settled = date(2026, 3, 2)

    assert pace(PACE, with_fees(settled), settled).state is State.FIRING


def test_one_odd_month_does_not_move_the_profile() -> None:
    settled = date(2026, 3, 10)
    odd = [{"day": date(2026, 2, 3), "cost": 50_000}]

    assert pace(PROFILE, with_fees(settled) + odd, settled).value == pytest.approx(1, abs=0.06)


def test_without_a_complete_month_before_it_is_due_evenly_and_says_so() -> None:
    settled = date(2026, 3, 14)
    finding = pace(PROFILE, with_fees(settled, first=date(2026, 2, 20)), settled)

    assert "due evenly: no complete month with costs before" in finding.reason
    assert finding.amount["due"].amount == pytest.approx(Decimal(6000) * 14 / 31)


@pytest.mark.parametrize("spec", [PACE, PROFILE])
def test_what_starts_within_a_period_is_due_from_its_first_day(spec: str) -> None:
    begins, settled = date(2026, 3, 12), date(2026, 3, 21)
    finding = pace(spec, days(begins, settled, 288), settled)

    assert finding.state is State.OK
    assert finding.value == pytest.approx(0.96)  # 20 days x 288 EUR of 6,000 EUR
    assert "due from 2026-03-12 on, its first day with costs" in finding.reason


def test_starts_says_when_a_budget_begins() -> None:
    settled = date(2026, 3, 21)
    rows = [*days(FIRST, date(2026, 3, 11), 1), *days(date(2026, 3, 12), settled, 288)]
    spec = f"starts: 2026-03-12\n{PACE}"

    assert "due from 2026-03-12 on, as the policy says" in pace(spec, rows, settled).reason
    early = pace(spec, rows, date(2026, 3, 9))
    assert (early.state, early.reason) == (State.UNKNOWN, "no pace: nothing is due before 2026-03-12")


def test_a_pace_against_next_to_nothing_says_so() -> None:
    settled = date(2026, 3, 14)
    finding = pace(PACE.replace("6000", "0.01"), days(FIRST, settled, 500), settled)

    assert finding.state is State.FIRING
    assert finding.reason.startswith("pace over 10,000 % > 110 %: 7,000.00 EUR spent in 2026-03-01 to 2026-03-14, ")
    assert "0.00452 EUR due (next to nothing), " in finding.reason


def test_a_profile_is_explained_and_reproduced() -> None:
    settled = date(2026, 3, 14)
    asked, view = budget(PROFILE), FakeView(with_fees(settled))
    finding = only(asked, view, **at(settled))
    explained = explain(finding, asked[0], view, freshness=at(settled)["freshness"], settings=lake_view.settings())

    assert explained.reproduced
    assert any(line.startswith("due as in the 4 months before, medians of what was spent") for line in explained.lines)


@given(st.lists(st.integers(-50, 500), min_size=140, max_size=140), st.sampled_from(["month", "quarter", "year"]))
@settings(max_examples=20, deadline=None)
def test_what_is_due_never_falls_and_comes_to_the_amount(costs: list[int], period: str) -> None:
    settled = FIRST + timedelta(days=len(costs) - 1)
    rows = [{"day": FIRST + timedelta(days=place), "cost": cost} for place, cost in enumerate(costs)]
    (asked,) = budget(PROFILE.replace("month", period, 1))
    moment = at(settled)
    (case,) = build_cases([asked], FakeView(rows), Moment(moment["as_of"], lake_view.settings()), moment["freshness"])
    due = case.rule.judge(case.data).due

    assert all(before <= after for before, after in pairwise(due))
    assert due[-1] == 6000
