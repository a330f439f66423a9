"""JUnit's XML, as CI servers read it (the schema of Jenkins' xUnit plug-in, junit-10.xsd)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from finops.model.untrusted import harmless


@dataclass(frozen=True, slots=True)
class JUnitCase:
    """``outcome``: a failure is what was checked and is not so, an error what could not be checked."""

    classname: str
    name: str
    outcome: Literal["passed", "failure", "error"] = "passed"
    type: str = ""
    message: str = ""
    text: str = ""


def junit_xml(suite: str, cases: Sequence[JUnitCase], *, timestamp: str = "") -> str:
    """One suite. ``text`` of a case that passed is its output."""
    root = ElementTree.Element("testsuite", name=suite)
    if timestamp:
        root.set("timestamp", timestamp)
    for case in cases:
        element = ElementTree.SubElement(root, "testcase", classname=harmless(case.classname))
        element.set("name", harmless(case.name))
        if case.outcome != "passed":
            wrong = ElementTree.SubElement(element, case.outcome, type=case.type, message=harmless(case.message))
            wrong.text = harmless(case.text) or None
        elif case.text:
            ElementTree.SubElement(element, "system-out").text = harmless(case.text)
    root.set("tests", str(len(cases)))
    root.set("failures", str(sum(case.outcome == "failure" for case in cases)))
    root.set("errors", str(sum(case.outcome == "error" for case in cases)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
