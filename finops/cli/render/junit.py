"""JUnit's XML, as CI servers read it (the schema of Jenkins' xUnit plug-in, junit-10.xsd)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree


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
        element = ElementTree.SubElement(root, "testcase", classname=_printable(case.classname))
        element.set("name", _printable(case.name))
        if case.outcome != "passed":
            wrong = ElementTree.SubElement(element, case.outcome, type=case.type, message=_printable(case.message))
            wrong.text = _printable(case.text) or None
        elif case.text:
            ElementTree.SubElement(element, "system-out").text = _printable(case.text)
    root.set("tests", str(len(cases)))
    root.set("failures", str(sum(case.outcome == "failure" for case in cases)))
    root.set("errors", str(sum(case.outcome == "error" for case in cases)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _printable(text: str) -> str:
    """XML 1.0 has no place for control characters, and names from tags may hold any."""
    return "".join(character if character.isprintable() or character == "\n" else "\ufffd" for character in text)
