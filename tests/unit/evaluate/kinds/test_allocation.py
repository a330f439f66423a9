"""Allocation: how much spend has an owner, and when that can be said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from finops.evaluate.explain import explain
from finops.model.finding import Finding, Severity, State
from finops.model.rates import Rates
from tests.support import lake_view
from tests.support.lake_view import AS_OF, CURRENT, FakeView, days, findings, only, policies, policy, standing
from tests.unit.evaluate.kinds.worked_example import example

SPEC = "dimension: team\nalerts: [{when: allocated < 95%, severity: warning}]"
LONG = (date(2026, 1, 1), date(2026, 3, 19))


def allocation(more: str = "", spec: str = SPEC) -> Any:
    return policy("Allocation", f"{spec}\n{more}", name="owned")


def spending(**teams: object) -> FakeView:
    return FakeView([row for team, cost in teams.items() for row in days(*LONG, cost, team=team or None)])


def test_the_worked_example_is_true() -> None:
    text, rows, reason = example("Allocation")
    finding = only(policies(text), FakeView(rows))

    assert finding.reason == reason
    assert (finding.state, finding.severity, finding.value) == (State.FIRING, Severity.WARNING, 0.93)
    assert finding.measures == {"allocated": 0.93}
    assert {name: money.amount for name, money in finding.amount.items()} == {
        "spent": 3000,
        "allocated": 2790,
        "unallocated": 210,
    }
    assert finding.complete_through == date(2026, 3, 17)


def test_no_value_and_the_values_of_unset_are_nobody() -> None:
    view = FakeView([*days(*LONG, 90, team="a"), *days(*LONG, 4, team="nobody"), *days(*LONG, 6)])

    assert only(allocation(), view).value == 0.94
    assert only(allocation("unset: [nobody]"), view).value == 0.9
    assert only(allocation("unset: []"), view).value == 0.94


def test_the_threshold_is_compared_exactly() -> None:
    view = spending(a="95", unallocated="5")

    assert only(allocation(), view).state == State.OK
    assert only(allocation(), spending(a="94.999999999999999", unallocated="5.000000000000001")).state == State.FIRING


def test_only_settled_days_of_the_window_count() -> None:
    rows = [*days(date(2026, 3, 11), date(2026, 3, 17), 10, team="a"), *days(date(2026, 3, 18), date(2026, 3, 19), 99)]
    finding = only(allocation("window: 7d"), FakeView([*days(date(2026, 2, 1), date(2026, 3, 10), 99), *rows]))

    assert (finding.state, finding.value) == (State.OK, 1.0)
    assert finding.period.start == date(2026, 3, 11)
    assert finding.period.end == date(2026, 3, 18)


def test_every_group_has_its_own_share() -> None:
    view = FakeView(
        [*days(*LONG, 9, team="a", environment="dev"), *days(*LONG, 1, environment="dev"), *days(*LONG, 5, team="b")]
    )
    shares = {
        finding.group["environment"]: finding.value for finding in findings(allocation("group_by: [environment]"), view)
    }

    assert shares == {"dev": 0.9, "": 1.0}


def test_a_short_history_counts_and_is_told() -> None:
    finding = only(allocation(), FakeView(days(date(2026, 3, 10), date(2026, 3, 19), 1, team="a")))

    assert finding.state == State.OK
    assert finding.notes == ("the costs of this group begin on 2026-03-10: 8 of 30 days count",)


@pytest.mark.parametrize(
    ("view", "freshness", "reason"),
    [
        (FakeView([]), [CURRENT], "aws has never delivered a row"),
        (FakeView([]), [], "no data: no row of the last year matches the scope"),
        (spending(a=1), [standing(through=None)], "aws is late: its data reaches nowhere and 2026-03-16 is due"),
        (
            spending(a=1),
            [standing(through=datetime(2026, 2, 10, tzinfo=UTC), delivered=AS_OF)],
            (
                "aws is late: its data reaches 2026-02-10 00:00 UTC and 2026-03-16 is due. The newest bill is "
                "complete through 2026-02-09: finops evaluate --as-of 2026-02-09T23:59:00Z; "
                "the last settled day is 2026-02-09, more than 31 days ago"
            ),
        ),
        (spending(a=-1), [CURRENT], "no share of -30.00 EUR spent 2026-02-16 through 2026-03-17"),
        (
            FakeView(days(*LONG, 1, team="a", currency="USD")),
            [CURRENT],
            (
                "no exchange rate from USD to EUR for 2026-02-16 (Add 'rates: {source: ecb-file, path: ./rates.csv}', "
                "the form of the ECB's reference rates)"
            ),
        ),
        (
            spending(a=1),
            [CURRENT, standing("azure", through=None)],
            "azure has never delivered a row",
        ),
    ],
)
def test_what_cannot_be_said_is_unknown(view: FakeView, freshness: list[Any], reason: str) -> None:
    finding = only(allocation(), view, freshness=freshness)

    assert (finding.state, finding.reason) == (State.UNKNOWN, reason)


def test_currencies_are_converted_with_their_own_days() -> None:
    rates = Rates("EUR", {"USD": {date(2026, 1, 1) + timedelta(days=n): Decimal(2) for n in range(90)}})
    view = FakeView([*days(*LONG, 1, team="a"), *days(*LONG, 2, currency="USD")])
    finding = only(allocation(), view, under=lake_view.settings(rates=rates))

    assert finding.value == 0.5


def test_a_small_group_never_fires() -> None:
    assert only(allocation("minimum: 31 EUR"), spending(unallocated=1)).state == State.OK
    assert only(allocation("minimum: 30 EUR"), spending(unallocated=1)).state == State.FIRING


def test_explain_shows_each_value_and_the_division() -> None:
    asked, view = allocation(), spending(a=3, unallocated=1)
    lines = explain(only(asked, view), asked[0], view, freshness=[CURRENT], settings=lake_view.settings()).lines

    assert "  a  90.00 EUR  allocated" in lines
    assert "  unallocated  30.00 EUR  not allocated" in lines
    assert "allocated = 90.00 EUR ÷ 120.00 EUR = 0.750000" in lines
    assert lines[-1].startswith("reproduced")


rows = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(0, 78).map(lambda n: date(2026, 1, 1) + timedelta(days=n)),
            "cost": st.decimals(0, 1000, places=4),
            "team": st.sampled_from(["a", "unallocated", None]),
            "source": st.sampled_from(["aws", "azure"]),
        }
    ),
    max_size=30,
)


@examples(max_examples=40, deadline=None)
@given(data=rows, cut=st.integers(0, 79))
def test_data_that_stops_coming_never_turns_firing_into_ok_without_a_reason(
    data: list[dict[str, Any]], cut: int
) -> None:
    """Azure stops delivering on some day: the verdict is over earlier days, or unknown, and never a silent ok."""
    last = date(2026, 1, 1) + timedelta(days=cut)
    azure = standing("azure", through=CURRENT.complete_through, delivered=AS_OF)
    stopped = standing("azure", through=datetime(last.year, last.month, last.day, tzinfo=UTC), delivered=AS_OF)
    known = [row for row in data if row["source"] == "aws" or row["day"] < last]
    whole = only(allocation(), FakeView(data), freshness=[CURRENT, azure])
    torn = only(allocation(), FakeView(known), freshness=[CURRENT, stopped])

    assert torn.state != State.UNKNOWN or torn.reason
    if torn.state == State.OK and whole.state == State.FIRING:
        assert last > date(2026, 3, 16), "only what nobody can have delivered yet may be missing from an ok"


@examples(max_examples=40, deadline=None)
@given(data=rows)
def test_the_parts_are_the_whole(data: list[dict[str, Any]]) -> None:
    finding: Finding = only(allocation(), FakeView(data), freshness=[CURRENT])
    if finding.amount:
        whole = sum(row["cost"] for row in data if row["day"] in finding.period)
        assert finding.amount["spent"].amount == whole
        assert finding.amount["allocated"].amount + finding.amount["unallocated"].amount == whole
