"""What a memory of earlier evaluations says is what a first evaluation says, whatever happened in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.evaluate.cache import EvaluationCache
from finops.evaluate.judgement.group_data import GroupData
from finops.evaluate.judgement.kind import Verdict
from finops.evaluate.kinds.budget import Budget
from finops.model.data_version import DataVersion
from finops.model.policy import Policy
from tests.support.lake_view import AS_OF, FakeView, days, demand, run, standing
from tests.support.lake_view import policy as policy_of

TODAY = date(2026, 3, 20)
SPECS = (
    "period: month\namount: 100 EUR\nalerts: [{when: spent > 50%, severity: warning}]",
    "scope: team = 'a'\nperiod: year\namount: 100 EUR\nalerts: [{when: spent > 90%, severity: info}]",
    "group_by: [team]\nperiod: month\namount: 9 EUR\nalerts: [{when: pace > 110%, severity: info}]",
    (
        "scope: environment <> 'dev'\ngroup_by: [team, environment]\nperiod: quarter\namount: 50 EUR\n"
        "alerts: [{when: spent > 90%, severity: info}]"
    ),
    (
        "scope: ResourceId = 'r-1'\ngroup_by: [team]\nperiod: month\namount: 3 EUR\n"
        "alerts: [{when: spent > 10%, severity: info}]"
    ),
    (
        "scope: tags['app'] = 'x'\ncost: BilledCost\nperiod: year\namount: 30 EUR\n"
        "alerts: [{when: spent > 10%, severity: info}]"
    ),
    "scope: team IN ('a', 'b')\nperiod: month\namount: 40 EUR\nalerts: [{when: forecast > 100%, severity: warning}]",
)
OTHERS = (
    ("Freshness", "scope: team = 'b'\ngroup_by: [source]\nalerts: [{when: age > 3 h, severity: warning}]"),
    ("Allocation", "dimension: team\nalerts: [{when: allocated < 95%, severity: warning}]"),
    ("Anomaly", "group_by: [team]\nalerts: [{when: score > 2, severity: info}]"),
    ("Commitment", "alerts: [{when: utilisation < 90%, severity: info}, {when: coverage < 60%, severity: info}]"),
    ("UnitCost", "demand: orders\nwindow: 28d\nalerts: [{when: unit_cost > 0.05 EUR, severity: warning}]"),
    ("Growth", "demand: orders\nwindow: 42d\nalerts: [{when: elasticity > 1, severity: warning}]"),
    ("Value", "value: revenue\nalerts: [{when: return < 3, severity: warning}]"),
    ("Carbon", "alerts: [{when: emissions > 4 kg, severity: info}]"),
)
ORDERS = [
    *demand("orders", date(2026, 1, 1), date(2026, 4, 3), 70),
    *demand("revenue", date(2026, 1, 1), date(2026, 4, 3), 5),
]
MONTHS = (date(2025, 3, 1), date(2025, 12, 1), date(2026, 2, 1), date(2026, 3, 1))

_rows = st.lists(
    st.builds(
        lambda day, cost, team, environment, resource, app: {
            "day": day,
            "cost": cost,
            "team": team,
            "environment": environment,
            "ResourceId": resource,
            "currency": "EUR",
            **({"tags": {"app": app}} if app else {}),
        },
        st.integers(0, 40),
        st.integers(-3, 20),
        st.sampled_from(["a", "b", "", None]),
        st.sampled_from(["prod", "dev", None]),
        st.sampled_from(["r-1", "r-2", None]),
        st.sampled_from(["x", None]),
    ),
    max_size=6,
)
_replacements = st.tuples(st.sampled_from(["aws", "azure"]), st.sampled_from(MONTHS), _rows)
_steps = st.lists(
    st.tuples(
        st.lists(_replacements, max_size=2),  # a replacement without a row removes the period
        st.sets(st.sampled_from(range(len(SPECS) + len(OTHERS))), min_size=1, max_size=5),
        st.sampled_from([0, 0, 1, 5, 24, 360]),  # hours until the next evaluation
        st.sampled_from([6, 6, 6, 80]),  # hours that the data stays behind
    ),
    min_size=2,
    max_size=5,
)


@cache
def policy(number: int) -> Policy:
    kind, spec = ("Budget", SPECS[number]) if number < len(SPECS) else OTHERS[number - len(SPECS)]
    (read,) = policy_of(kind, spec, name=f"p{number}")
    return read


def policies(chosen: set[int]) -> list[Policy]:
    return [policy(number) for number in sorted(chosen)]


@settings(max_examples=20, deadline=None)
@given(_steps, st.sampled_from([8_000_000, 12]))
def test_remembering_changes_no_verdict(
    steps: list[tuple[list[tuple[str, date, list[dict[str, Any]]]], set[int], int, int]], most_rows: int
) -> None:
    cache, version = EvaluationCache(most_rows=most_rows), count()
    bill: dict[Any, Any] = {}
    at = datetime(2026, 3, 20, 6, tzinfo=UTC)
    for replacements, chosen, later, behind in steps:
        at += timedelta(hours=later)
        bill |= {(source, month): rows for source, month, rows in replacements}
        rows = [
            {**row, "source": source, "billing_period": month, "day": month + timedelta(days=row["day"])}
            for (source, month), of in bill.items()
            for row in of
        ]
        view = FakeView(rows, ORDERS, version=DataVersion(*[next(version)] * 3))
        hours = {"aws": behind, "azure": 6}
        freshness = [standing(name, through=at - timedelta(hours=of), delivered=at) for name, of in hours.items()]
        asked: dict[str, Any] = {"as_of": at, "freshness": freshness}
        remembered = run(policies(chosen), view, cache=cache, **asked)
        assert remembered == run(policies(chosen), view, **asked)


def test_what_did_not_change_is_not_read_again() -> None:
    cache = EvaluationCache()
    bill = {
        (source, month): [
            {**row, "source": source, "billing_period": month}
            for row in days(month, month + timedelta(days=9), 3, team="a", ResourceId="r-1")
        ]
        for source in ("aws", "azure")
        for month in MONTHS
    }

    def evaluated(number: int, chosen: set[int]) -> list[tuple[str, int]]:
        view = FakeView([row for rows in bill.values() for row in rows], version=DataVersion(number, number, number))
        run(policies(chosen), view, cache=cache)
        return [(read.what, read.partitions) for read in cache.reads.made if read.partitions]

    everything = "costs_daily, for what everything costs"
    assert dict(evaluated(1, {1, 4})) == {"costs_daily": 8, "costs": 8, everything: 8}
    assert evaluated(2, {1, 4}) == []
    bill["aws", MONTHS[3]] = bill["aws", MONTHS[3]][:4]
    assert evaluated(3, {1, 4}) == [("costs_daily", 1), ("costs", 1), (everything, 1)]
    assert evaluated(4, {1, 3, 4}) == [("costs_daily", 8)]  # a new policy reads its own series, of every period
    assert evaluated(5, {1, 4}) == []


def test_only_verdicts_that_look_at_something_new_are_made_anew() -> None:
    judged: list[str] = []

    class Counting(Budget):
        def judge(self, data: GroupData) -> Verdict:
            judged.append(data.group["team"])
            return super().judge(data)

    spec = "group_by: [team]\nperiod: month\namount: 9 EUR\nalerts: [{when: spent > 100%, severity: info}]"
    (read,) = policy_of("Budget", spec, name="p")
    asked = [replace(read, spec=Counting(read.spec.envelope, read.spec.options))]
    cache, at = EvaluationCache(), datetime(2026, 3, 20, 6, tzinfo=UTC)

    def teams(cost: int, version: int, at: datetime) -> list[str]:
        judged.clear()
        rows = [
            {**row, "billing_period": MONTHS[3]}
            for team, of in (("a", 3), ("b", cost))
            for row in days(MONTHS[3], TODAY, of, team=team)
        ]
        view = FakeView(rows, version=DataVersion(version, version, version))
        done = run(asked, view, cache=cache, as_of=at, freshness=[standing(through=AS_OF, delivered=AS_OF)])
        assert {finding.as_of for finding in done.findings} == {at}
        assert {finding.data_version for finding in done.findings} == {view.version}
        return list(judged)

    assert teams(5, 1, at) == ["a", "b"]
    assert teams(5, 1, at + timedelta(minutes=7)) == []
    assert teams(6, 2, at + timedelta(minutes=9)) == ["b"]
    assert teams(6, 2, at + timedelta(days=1)) == ["a", "b"]
