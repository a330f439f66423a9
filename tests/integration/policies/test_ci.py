"""What CI systems get: the commands of the example workflow, and JUnit as their schema has it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

from tests.integration.policies.conftest import Finops

ROOT = Path(__file__).parents[3]
WORKFLOW = ROOT / "docs/examples/github-actions.yml"

SCHEMA = {
    "testsuite": {"name", "tests", "failures", "errors", "time", "timestamp", "hostname", "id", "package", "file"},
    "testcase": {"name", "time", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set[str](),
}
"""Elements and attributes of junit-10.xsd of Jenkins' xUnit plug-in that we could use."""


def valid(text: str) -> ElementTree.Element:
    suite = ElementTree.fromstring(text)
    assert {"name", "tests", "failures", "errors"} <= set(suite.attrib)
    for element in suite.iter():
        assert set(element.attrib) <= SCHEMA[element.tag]
    cases = suite.findall("testcase")
    assert all(case.attrib["name"] for case in cases)
    counts = {name: sum(case.find(name) is not None for case in cases) for name in ("failure", "error")}
    assert [int(suite.attrib[name]) for name in ("tests", "failures", "errors")] == [len(cases), *counts.values()]
    return suite


def steps() -> list[list[str]]:
    jobs = YAML(typ="safe").load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    runs = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    return [shlex.split(line) for run in runs for line in run.splitlines() if line.startswith("finops ")]


def test_the_workflow_runs_commands_that_there_are(folder: Path, finops: Finops) -> None:
    lines = steps()
    assert [line[1:3] for line in lines] == [["config", "check"], ["policies", "check"], ["policies", "test"]]
    for line in lines:
        command = line[1 : line.index(">")] if ">" in line else line[1:]
        out, _ = finops(*command)
        if "junit" in command:
            assert valid(out).attrib["tests"] == "1"


def test_the_page_shows_the_same_commands() -> None:
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    block = re.search(r"same three lines:\n\n```\n(.*?)```", page, re.DOTALL)
    assert block
    assert [shlex.split(line) for line in block[1].splitlines()] == steps()


@pytest.mark.parametrize("value", ["1.29", "1.4"])
def test_junit_is_as_its_schema_says(folder: Path, finops: Finops, value: str) -> None:
    file = folder / "policies" / "checkout.test.yaml"
    odd = "name: \"<a> & \\\"b\\\" \\u0007\"\n"
    file.write_text(odd + file.read_text(encoding="utf-8").replace("1.29 ± 0.01", value), encoding="utf-8")
    suite = valid(finops("policies", "test", "policies", "--format", "junit", status=0 if value == "1.29" else 1)[0])
    assert suite[0].attrib["name"] == '<a> & "b" \ufffd'
    valid(finops("evaluate", "--format", "junit", "--fail-on", "warning", status=3)[0])
