"""Policy tests over the real evaluation: what a test leaves out, and what it says when it fails."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from finops.app.policies.check import check_policies
from finops.app.policies.context import read_policy_context
from finops.app.policies.run_tests import CaseOutcome, run_case
from finops.errors import Malformed

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
timezone: Europe/Zurich
demand: {orders: {kind: csv, path: ./orders.csv, unit: orders}}
dimensions:
  team:
    - tags: [team]
    - when: SubAccountId = '000123456789'
      value: platform
    - else: unallocated
  region: [{tags: [region]}]
"""

BUDGET = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: by-team, owner: o}
spec:
  scope: ChargeCategory <> 'Tax'
  group_by: [team]
  period: month
  amount: 1000 EUR
  alerts: [{when: spent > 80%, severity: warning}, {when: pace > 110%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: per-order, owner: o}
spec:
  scope: team = 'checkout'
  group_by: [region]
  period: month
  amount: {per: orders, amount: 1 USD}
  alerts: [{when: spent > 100%, severity: warning}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "policies" / "budgets.yaml").write_text(BUDGET, encoding="utf-8")
    return tmp_path


def run(folder: Path, text: str) -> CaseOutcome:
    around = read_policy_context(folder / "finops.yaml")
    file = folder / "policies" / "one.test.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    (case,) = check_policies([file], around).cases
    return run_case(case, around)


def messages(tested: CaseOutcome) -> list[str]:
    return [f"{it.line}:{it.column}: {it.message}" for it in tested.mismatches]


def test_dimensions_come_from_the_row_or_from_the_rules(folder: Path) -> None:
    tested = run(
        folder,
        """\
        policy: by-team
        now: 2026-03-20T06:00:00Z
        costs: |
          day,team,Tags,SubAccountId,ChargeCategory,EffectiveCost
          2026-03-01..2026-03-19,checkout,,,,10
          2026-03-01..2026-03-19,,"{""team"": ""search""}",,,20
          2026-03-01..2026-03-19,,,000123456789,,30
          2026-03-01..2026-03-19,,,,,40
          2026-03-01..2026-03-19,,,,Tax,1000
        expect:
          - {group: {team: checkout}, state: ok, amount: {spent: 190 EUR}}
          - {group: {team: search}, state: ok, amount: {spent: 380 EUR}}
          - {group: {team: platform}, state: ok, amount: {spent: 570 EUR}}
          - {group: {team: unallocated}, state: firing, value: 1.24, limit: 110 %, measures: {spent: 76 %}}
        """,
    )
    assert messages(tested) == []


def test_a_test_may_have_an_amount_of_its_own(folder: Path) -> None:
    tested = run(
        folder,
        """\
        policy: by-team
        now: 2026-03-20T06:00:00Z
        spec: {amount: 3100 EUR, group_by: []}
        costs: |
          day,team,EffectiveCost
          2026-03-01..2026-03-19,checkout,129
        expect: [{state: firing, measure: pace, value: 1.29}]
        """,
    )
    assert messages(tested) == []


def test_a_mistake_in_the_own_amount_is_one_of_the_test(folder: Path) -> None:
    with pytest.raises(Malformed) as refusal:
        run(folder, "policy: by-team\nnow: 2026-03-20T06:00:00Z\nspec: {amount: 12, perid: day}\nexpect: []\n")
    assert {(Path(one.file).name, one.line) for one in refusal.value.faults} == {("one.test.yaml", 3)}


def test_a_group_that_is_not_listed_must_be_ok(folder: Path) -> None:
    tested = run(
        folder,
        """\
        policy: by-team
        now: 2026-03-20T06:00:00Z
        costs: |
          day,team,EffectiveCost
          2026-03-01..2026-03-19,checkout,10
          2026-03-01..2026-03-19,search,50
        expect: []
        """,
    )
    (message,) = messages(tested)
    assert message.startswith("7:9: the group team=search is not listed and must be ok, but is firing (critical)")


def test_late_data_is_unknown_and_says_so(folder: Path) -> None:
    tested = run(
        folder,
        """\
        policy: by-team
        now: 2026-03-20T06:00:00Z
        delivered: {aws: 2026-03-10T06:00:00Z, azure: never}
        costs: |
          day,source,team,EffectiveCost
          2026-03-01..2026-03-19,aws,checkout,10
          2026-03-01..2026-03-19,datacentre,search,10
        expect:
          - {group: {team: checkout}, state: unknown, reason: aws is late}
          - {group: {team: search}, state: unknown, reason: [azure has never delivered a row]}
        """,
    )
    assert messages(tested) == []


def test_rows_are_in_the_currency_of_the_policy_and_others_need_a_rate(folder: Path) -> None:
    text = """\
        policy: per-order
        now: 2026-03-20T06:00:00Z
        {rates}
        costs: |
          day,team,region,BillingCurrency,EffectiveCost
          2026-03-01..2026-03-19,checkout,eu,,6
          2026-03-01..2026-03-19,checkout,eu,EUR,5
        demand:
          orders: |
            day,region,value
            2026-03-01..2026-03-19,eu,10
            2026-03-01..2026-03-19,us,99
        expect:
          - {expected}
        """
    known = "{group: {region: eu}, state: firing, amount: {spent: 218.5 USD, limit: 190 USD}}"
    assert messages(run(folder, text.replace("{rates}", "rates: {EUR: 1.10 USD}").replace("{expected}", known))) == []
    unknown = "{group: {region: eu}, state: unknown, reason: no exchange rate from EUR to USD}"
    assert messages(run(folder, text.replace("{rates}", "").replace("{expected}", unknown))) == []


def test_days_are_those_of_the_time_zone(folder: Path) -> None:
    tested = run(
        folder,
        """\
        policy: by-team
        now: 2026-03-01T23:30:00Z
        costs: |
          day,team,EffectiveCost
          2026-03-02,checkout,900
          2026-03-03,checkout,10000
        expect:
          - {group: {team: checkout}, state: firing, severity: warning, measure: spent, value: 0.90}
        """,
    )
    assert messages(tested) == []


def test_no_data_is_the_one_group_without_values(folder: Path) -> None:
    tested = run(
        folder,
        """\
        policy: by-team
        now: 2026-03-20T06:00:00Z
        expect: [{group: {}, state: unknown, reason: no row of the last year matches the scope}]
        """,
    )
    assert messages(tested) == []


def test_what_differs_is_named_at_its_place(folder: Path) -> None:
    tested = run(
        folder,
        """\
        policy: by-team
        now: 2026-03-20T06:00:00Z
        costs: |
          day,team,EffectiveCost
          2026-03-01..2026-03-19,checkout,50
        expect:
          - group: {team: checkout}
            state: firing
            severity: warning
            measure: spent
            value: 1.70 ± 0.01
            amount: {spent: 951 EUR, spend: 1 EUR}
          - {group: {team: search}, state: ok}
        """,
    )
    reason = (
        "pace 155 % > 110 %: 850.00 EUR spent in 2026-03-01 to 2026-03-17, 548.39 EUR due, +301.61 EUR; "
        "also spent 95 % > 80 %"
    )
    assert messages(tested) == [
        f"9:15: severity: expected warning, found critical: {reason}",
        f"10:14: measure: expected spent, found pace: {reason}",
        "11:12: value: expected 1.70 ± 0.01, found 1.55",
        "12:21: amount 'spent': expected 951 EUR, found 950 EUR",
        "12:37: amount 'spend': expected 1 EUR, found nothing. Did you mean 'spent'?",
        "13:13: there is no group team=search. Groups: team=checkout",
    ]


def test_faults_of_policies_and_of_tests_come_at_once(folder: Path) -> None:
    (folder / "policies" / "bad.yaml").write_text("kind: Budgt\n", encoding="utf-8")
    (folder / "policies" / "bad.test.yaml").write_text("policy: nobody\nnow: soon\nexpect: []\n", encoding="utf-8")
    with pytest.raises(Malformed) as refusal:
        check_policies([folder / "policies"], read_policy_context(folder / "finops.yaml"))
    found = str(refusal.value).replace(f"{folder}/policies/", "")
    assert "bad.test.yaml:2:6: 'soon' is not a valid time" in found
    assert "bad.yaml:1:1: the key 'apiVersion' is missing" in found
    assert "no policy is named 'nobody'" not in found, "which policies there are is not known yet"
