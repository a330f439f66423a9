"""A policy kind of another distribution, known by its entry point alone, is shown everywhere as ours are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from email.headerregistry import Address
from importlib import import_module
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from finops.app.policies.check import Checked, check_policies
from finops.app.policies.context import PolicyContext, read_policy_context
from finops.app.policies.run_tests import run_case
from finops.config.plugins import policy_profiles
from finops.errors import BadArguments
from finops.model.evaluation import Evaluation
from finops.model.finding import State
from finops.model.kind_profile import Profiles
from finops.model.notice import Notice, NoticeReason
from finops.model.snapshot import Snapshot
from finops.model.unit import Unit
from finops.policy.schema import policy_schema
from finops.ports.pages import PageRequest
from finops.publish.kinds_page import kinds_page
from finops.publish.snapshot import build_snapshot
from finops_exporters.email.compose import compose
from finops_exporters.grafana import GrafanaExporter
from finops_exporters.pages import PagesExporter
from finops_exporters.prometheus import PrometheusExporter
from finops_exporters.rules import RulesExporter
from tests.support.lake_view import AS_OF, FakeView, days, run, settings
from tests.unit.exporters.pages_read import ANNA, StillFacts

PLUGIN = Path(__file__).parents[2] / "plugins" / "idle"
URL = "https://finops.example.com"
POLICY = """
apiVersion: finops/v1
kind: Idle
metadata: {name: quiet, owner: team-data}
spec:
  days: 5
  alerts: [{when: daily_spend < 10 EUR, severity: warning}]
"""
TEST = """
policy: quiet
now: 2026-03-20T06:00:00Z
costs: |
  day,EffectiveCost
  2026-03-15..2026-03-19,2
expect:
  - {state: firing, severity: warning, measure: daily_spend, value: 2 EUR}
"""


@pytest.fixture(scope="module")
def installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PLUGIN))
        yield


@pytest.fixture(scope="module")
def profiles(installed: None) -> Profiles:
    return policy_profiles()


@pytest.fixture(scope="module")
def around(installed: None) -> PolicyContext:
    return read_policy_context(None)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory, around: PolicyContext) -> Checked:
    folder = tmp_path_factory.mktemp("policies")
    (folder / "quiet.yaml").write_text(POLICY)
    (folder / "quiet.test.yaml").write_text(TEST)
    return check_policies([folder], around)


@pytest.fixture(scope="module")
def evaluation(checked: Checked) -> Evaluation:
    return run(checked.policies, FakeView(days(date(2026, 3, 1), date(2026, 3, 19), "2.00")))


@pytest.fixture(scope="module")
def snapshot(evaluation: Evaluation, checked: Checked, profiles: Profiles) -> Snapshot:
    return build_snapshot(
        evaluation, settings(), evaluated_seconds=1.0, max_series=100, profiles=profiles, policies=checked.policies
    )


def test_the_schema_knows_its_measures_and_its_question(around: PolicyContext) -> None:
    schema = policy_schema(around.kinds)
    assert "Idle: Did a group stop spending?" in schema["properties"]["kind"]["description"]
    assert schema["$defs"]["IdleAlert"]["properties"]["when"]["examples"] == ["daily_spend > 500 EUR"]


def test_its_policies_are_tested(checked: Checked, around: PolicyContext) -> None:
    (case,) = checked.cases
    assert run_case(case, around).mismatches == ()


def test_its_verdict_knows_its_unit(evaluation: Evaluation) -> None:
    (finding,) = evaluation.findings
    assert (finding.state, finding.reason) == (State.FIRING, "daily_spend 2.00 EUR < 10.00 EUR")
    assert (finding.unit, finding.units) == (Unit.AMOUNT, {"daily_spend": Unit.AMOUNT})


def test_its_metric_is_scraped(snapshot: Snapshot) -> None:
    page = PrometheusExporter().render(snapshot.families).exposition([]).text.plain.decode()
    assert "# TYPE finops_idle_daily_amount gauge" in page
    (series,) = [line for line in page.splitlines() if line.startswith("finops_idle_daily_amount{")]
    assert series == 'finops_idle_daily_amount{currency="EUR",group="",owner="team-data",policy="quiet"} 2.0'


def test_its_page_has_its_words_its_figures_and_its_chart(snapshot: Snapshot, profiles: Profiles) -> None:
    pages = PagesExporter().render(snapshot, profiles)
    document = pages.page(PageRequest("/policies/quiet", {}, ANNA), StillFacts())
    assert document is not None
    page = document.body.decode()
    for wanted in ("Idle spend", "Did a group stop spending?", "Spend by day in", "10.00", "Ask the owner whether"):
        assert wanted in page
    (finding,) = snapshot.findings
    chart = pages.chart(finding.anchor, "by-day", {})
    assert chart is not None
    assert chart.body.startswith(b"<svg")


def test_its_mail_has_its_chart_and_its_unit(evaluation: Evaluation, profiles: Profiles) -> None:
    (finding,), (track,) = evaluation.findings, evaluation.tracks
    notice = Notice("a", NoticeReason.FIRST, finding, AS_OF, AS_OF, track=track)
    message = compose(
        [notice],
        receiver="finance",
        sender=Address("finops", "finops", "example.com"),
        to=[Address("", "anna", "example.com")],
        idempotency_key="key",
        sent_at=datetime(2026, 3, 20, 6, tzinfo=UTC),
        profiles=profiles,
    )
    assert [part.get_content_type() for part in message.walk()].count("image/png") == 1
    plain = message.get_body(("plain",))
    assert plain is not None
    assert "spend a day 2.00 EUR, threshold 10.00" in plain.get_content()
    assert "10.00 EUR" in plain.get_content()


def test_it_has_an_alerting_rule_with_a_runbook_that_there_is(profiles: Profiles) -> None:
    files = RulesExporter().files(URL, profiles)
    rules = YAML(typ="safe").load(files["prometheus/finops-verdicts.rules.yaml"])["groups"][0]["rules"]
    (own,) = [rule for rule in rules if rule["alert"] == "FinopsIdle"]
    assert own["expr"] == 'policy:finops_policy_firing:max{kind="Idle"}'
    assert own["annotations"]["runbook_url"] == f"{URL}/runbooks/FinopsPolicyFiring"
    (rest,) = [rule for rule in rules if rule["alert"] == "FinopsPolicyFiring"]
    assert "Idle" in rest["expr"]


def test_it_has_a_row_on_a_dashboard(profiles: Profiles) -> None:
    files = GrafanaExporter().files(URL, profiles)
    panels = json.loads(files["grafana/dashboards/unit-cost-and-growth.json"])["panels"]
    (own,) = [panel for panel in panels if panel["title"] == "Idle groups"]
    assert "finops_idle_daily_amount" in own["targets"][0]["expr"]


def test_a_dashboard_of_its_own_is_one_more_file(profiles: Profiles) -> None:
    idle = profiles.of("Idle")
    alone = replace(idle, panels=tuple(replace(panel, dashboard="idle-groups") for panel in idle.panels))
    files = GrafanaExporter().files(URL, Profiles({**profiles.by_kind, "Idle": alone}))
    assert json.loads(files["grafana/dashboards/idle-groups.json"])["title"] == "finops: idle groups"


def test_the_documentation_lists_it(profiles: Profiles) -> None:
    row = "| [Idle](https://example.com/idle) | Did a group stop spending? | `daily_spend` (500 EUR) |"
    assert row in kinds_page(profiles)


def test_two_kinds_cannot_declare_one_metric(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    finops_idle = import_module("finops_idle")

    metric = replace(finops_idle.PROFILE.metrics[0], name="finops_emissions_grams")
    monkeypatch.setattr(finops_idle.Idle, "profile", replace(finops_idle.PROFILE, metrics=(metric,)))
    with pytest.raises(BadArguments, match="the policy kinds Carbon and Idle both declare 'finops_emissions_grams'"):
        policy_profiles()
