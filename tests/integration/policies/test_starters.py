"""Starter policies have tests, and pass them under the configuration that the demo writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops.config.plugins import policy_kinds
from finops.demo import write_config
from finops.app.policies.check import Checked, check_policies
from finops.app.policies.run_tests import run_case
from finops.app.policies.context import PolicyContext, read_policy_context

STARTERS = Path(__file__).parents[3] / "policies"


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> PolicyContext:
    return read_policy_context(write_config(tmp_path_factory.mktemp("demo"), port=9700, smtp_port=2525, policies=[STARTERS]))


@pytest.fixture(scope="module")
def starters(around: PolicyContext) -> Checked:
    return check_policies([STARTERS], around)


def test_every_test_passes(starters: Checked, around: PolicyContext) -> None:
    outcomes = [run_case(case, around) for case in starters.cases]
    assert [str(mismatch) for outcome in outcomes for mismatch in outcome.mismatches] == []


def test_every_starter_policy_has_a_test_that_fires(starters: Checked) -> None:
    firing = {case.policy.name for case in starters.cases if any(one.state == "firing" for one in case.expected)}
    tested = {case.policy.name for case in starters.cases}
    names = {policy.name for policy in starters.policies}
    assert tested == names
    assert names - firing <= {"search-monthly", "data-monthly"}, "the budgets of other teams fire alike"


def test_there_is_a_starter_policy_of_every_kind(starters: Checked) -> None:
    assert {policy.kind for policy in starters.policies} == set(policy_kinds().kinds)
