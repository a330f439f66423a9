"""Outcomes of policy tests as a table for terminals, JSON for programs, JUnit for CI."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from finops.app.policies.run_tests import CaseOutcome
from finops.cli.render.junit import JUnitCase, junit_xml


def tests_as_table(tested: Sequence[CaseOutcome]) -> Group:
    """A line a test, what it expected and did not find below it, and how many there are of each."""
    lines: list[Text] = []
    for one in tested:
        line = Text("passed  " if one.passed else "FAILED  ", style="green" if one.passed else "bold red")
        line.append(f"{one.case.name}", style="default")
        line.append(f"  {one.case.place}", style="dim")
        lines.append(line)
        lines += [Text(f"  {mismatch}", style="red") for mismatch in one.mismatches]
    failed = sum(not one.passed for one in tested)
    lines.append(Text(f"{len(tested) - failed} passed, {failed} failed", style="bold red" if failed else "bold"))
    return Group(*lines)


def tests_as_json(tested: Sequence[CaseOutcome]) -> str:
    """A list: which test, whether it passed, what differs and where, and the findings that came out."""
    rows = [
        {
            "name": one.case.name,
            "policy": one.case.policy.name,
            "place": one.case.place,
            "passed": one.passed,
            "mismatches": [
                {"file": it.file, "line": it.line, "column": it.column, "message": it.message} for it in one.mismatches
            ],
            "findings": [finding.to_json() for finding in one.findings],
        }
        for one in tested
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False)


def tests_as_junit(tested: Sequence[CaseOutcome]) -> str:
    """A test case a test, in one suite; the file is its class."""
    return junit_xml("finops policies test", [_junit_case(one) for one in tested])


def _junit_case(one: CaseOutcome) -> JUnitCase:
    file = one.case.document.file
    if one.passed:
        return JUnitCase(file, one.case.name)
    first, text = one.mismatches[0], "\n".join(map(str, one.mismatches))
    return JUnitCase(file, one.case.name, "failure", "mismatch", first.message, text)
