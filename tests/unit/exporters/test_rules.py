"""Rules: each alert with its runbook, each metric one that we export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from finops.publish.catalogue import OPERATIONAL
from finops_exporters.rules.exporter import RulesExporter, groups
from finops_exporters.rules.rule import Alerting, Recording
from tests.support.profiles import EVALUATED, PROFILES

RUNBOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
FILES = groups(PROFILES)
RULES = [rule for group, _ in FILES.values() for rule in group.rules]
ALERTS = [rule for rule in RULES if isinstance(rule, Alerting)]
FAMILIES = {family.name for family in (*EVALUATED, *OPERATIONAL)}
RECORDED = {rule.record for rule in RULES if isinstance(rule, Recording)}


def test_each_alert_has_one_page_and_each_page_one_alert() -> None:
    assert sorted(rule.alert for rule in ALERTS) == sorted(path.stem for path in RUNBOOKS.glob("*.md"))


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_a_runbook_says_what_it_means_what_to_look_at_and_what_to_do(path: Path) -> None:
    title, meaning, look, do = re.split(r"^#.*\n", path.read_text(), flags=re.MULTILINE)
    assert (title, path.read_text().splitlines()[0]) == ("", f"# {path.stem}")
    assert meaning.strip()
    assert look.strip().startswith("- ")
    assert do.strip().startswith("- ")


@pytest.mark.parametrize("text", [rule.expr for rule in RULES])
def test_rules_read_only_what_is_exported_or_recorded(text: str) -> None:
    named = set(re.findall(r"(?:\w+:)?finops_\w+(?::\w+)?", text))
    assert named <= FAMILIES | RECORDED


def test_runbooks_name_only_metrics_that_there_are() -> None:
    text = "\n".join(path.read_text() for path in RUNBOOKS.glob("*.md"))
    assert set(re.findall(r"finops_\w+", text)) <= FAMILIES


def test_the_documentation_lists_every_alert() -> None:
    text = (RUNBOOKS.parent / "prometheus.md").read_text()
    listed = re.findall(r"^\| \[(\w+)\]\(runbooks/(\w+)\.md\) \|.*?(\w+)? \|$", text, re.MULTILINE)
    assert [(name, page) for name, page, _ in listed if name != page] == []
    assert sorted(name for name, _, _ in listed) == sorted(rule.alert for rule in ALERTS)
    severities = {
        rule.alert: rule.severity
        for group, _ in FILES.values()
        if group.name == "finops-service"
        for rule in group.rules
        if isinstance(rule, Alerting)
    }
    assert {name: severity for name, _, severity in listed if name in severities} == severities


def test_every_alert_waits_before_it_pages() -> None:
    assert [rule.alert for rule in ALERTS if not re.fullmatch(r"[1-9]\d*[mh]", rule.held_for)] == []


def test_links_lead_to_the_service() -> None:
    text = b"".join(RulesExporter().files("https://finops.example.com/", PROFILES).values()).decode()
    assert set(re.findall(r"https?://\S+", text)) == {
        "https://finops.example.com/",
        "https://finops.example.com/policies/{{",
        *(f"https://finops.example.com/runbooks/{rule.alert}" for rule in ALERTS),
    }
