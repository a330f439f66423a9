"""A cost that a source does not know is not nothing: it may fire, and is never well."""

from __future__ import annotations

from datetime import date

import pytest

from finops.evaluate.cache import EvaluationCache
from finops.model.data_version import DataVersion
from finops.model.finding import State
from tests.support.lake_view import FakeView, budget, days, findings, only, policy, run

BUDGET = """
scope: team = 'checkout'
cost: {cost}
period: month
amount: 12000 EUR
alerts: [{{when: spent > 80%, severity: warning}}]
"""
MARCH = (date(2026, 3, 1), date(2026, 3, 19))
KNOWN = days(*MARCH, 10, team="checkout")
UNLISTED = days(date(2026, 3, 4), date(2026, 3, 5), 10, team="checkout", ListCost=None, source="azure")


@pytest.mark.parametrize(
    ("cost", "rows", "state"),
    [
        ("ListCost", KNOWN, State.OK),
        ("ListCost", [*KNOWN, *UNLISTED], State.UNKNOWN),
        ("ListCost", [*days(*MARCH, 1000, team="checkout"), *UNLISTED], State.FIRING),
        ("EffectiveCost", [*KNOWN, *UNLISTED], State.OK),
        ("ContractedCost", [*KNOWN, *UNLISTED], State.OK),
        ("ListCost", [*KNOWN, *days(*MARCH, 0, team="checkout", ListCost=None)], State.OK),
        ("ListCost", [*KNOWN, *days(*MARCH, 10, team="search", ListCost=None)], State.OK),
        (
            "ListCost",
            [*KNOWN, *days(date(2026, 2, 1), date(2026, 2, 28), 10, team="checkout", ListCost=None)],
            State.OK,
        ),
    ],
    ids=[
        "known",
        "unknown",
        "over all the same",
        "another cost",
        "known cost",
        "costs nothing",
        "other scope",
        "before",
    ],
)
def test_a_budget_over_a_cost_that_is_not_known(cost: str, rows: list[dict[str, object]], state: State) -> None:
    assert only(budget(BUDGET.format(cost=cost)), FakeView(rows)).state is state


def test_it_says_whose_rows_and_until_when() -> None:
    finding = only(budget(BUDGET.format(cost="ListCost")), FakeView([*KNOWN, *UNLISTED]))
    assert finding.reason == "azure has no ListCost for some rows of this scope, last on 2026-03-05"


def test_only_the_groups_that_it_concerns_are_unknown() -> None:
    asked = budget("cost: ListCost\ngroup_by: [team, source]\n" + BUDGET.format(cost="ListCost").split("ListCost")[1])
    found = findings(asked, FakeView([*KNOWN, *UNLISTED, *days(*MARCH, 1, team=None)]))
    states = {(finding.group["team"], finding.group["source"]): finding.state for finding in found}
    assert states == {("checkout", "aws"): State.OK, ("checkout", "azure"): State.UNKNOWN, ("", "aws"): State.OK}


def test_a_rule_over_settled_days_is_not_well_either() -> None:
    spec = "cost: ListCost\nalerts: [{when: score > 4, severity: warning}]"
    known = days(date(2025, 11, 1), date(2026, 3, 19), 10)
    assert only(policy("Anomaly", spec, name="a"), FakeView(known)).state is State.OK
    assert only(policy("Anomaly", spec, name="a"), FakeView([*known, *UNLISTED])).state is State.UNKNOWN


def test_what_is_known_of_one_version_is_not_said_of_the_next() -> None:
    cache = EvaluationCache()
    for rows, version, state in (
        ([*KNOWN, *UNLISTED], DataVersion(1, 1, 1), State.UNKNOWN),
        (KNOWN, DataVersion(2, 2, 2), State.OK),
    ):
        view = FakeView(rows, version=version)
        (finding,) = run(budget(BUDGET.format(cost="ListCost")), view, cache=cache).findings
        assert finding.state is state
