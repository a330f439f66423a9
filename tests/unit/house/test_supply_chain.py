"""What others make is pinned to its content; a release is what it says it is."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

import finops
from tools.audit import audit
from tools.release import undated

ROOT = Path(__file__).parents[3]
WORKFLOWS = [*sorted((ROOT / ".github/workflows").glob("*.yml")), ROOT / "docs/examples/github-actions.yml"]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit_with_its_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_an_action_has_the_same_commit_everywhere() -> None:
    used = {pin for path in WORKFLOWS for pin in re.findall(r"uses: *(\S+)", path.read_text(encoding="utf-8"))}
    names = [pin.partition("@")[0] for pin in used]
    assert len(names) == len(set(names))


def test_images_are_pinned_by_digest() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^ARG BASE=(.+)$", dockerfile, re.MULTILINE)
    assert bases
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", base) for base in bases)
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${BASE}"}


def test_examples_install_this_version() -> None:
    example = (ROOT / "docs/examples/github-actions.yml").read_text(encoding="utf-8")
    assert f"finops-verdict=={finops.__version__}" in example
    installed = {
        command
        for path in DOCUMENTS
        for command in re.findall(r"pip install [^`\n]*finops-verdict[^`\n]*", path.read_text(encoding="utf-8"))
    }
    assert [command for command in installed if f"=={finops.__version__}" not in command] == []


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("## 1.2.3 – 2027-01-15", ""),
        ("## 1.2.3 – unreleased", "Give version 1.2.3 its date"),
        ("## 1.2.2 – 2027-01-15", "starts with '## 1.2.2"),
        ("## 1.2.34 – 2027-01-15", "Give version 1.2.3 its date"),
    ],
)
def test_a_release_needs_a_dated_entry_of_its_version(heading: str, says: str) -> None:
    why = undated(f"# Changelog\n\n{heading}\n\n## 0.1.0 – 2026-11-30\n", "1.2.3")
    assert says in why
    assert bool(why) == bool(says)


def package(name: str, **found: Any) -> dict[str, Any]:
    return {"name": name, **(found or {"version": "1", "vulns": []})}


VULNERABLE = package("a", version="1", vulns=[{"id": "PYSEC-1", "fix_versions": ["2"]}])
UNKNOWN = package("b", skip_reason="Dependency not found")


@pytest.mark.parametrize(
    ("answer", "says", "fine"),
    [
        ({"dependencies": [package("a"), package("b")]}, "2 packages, 0 known vulnerabilities", True),
        ({"dependencies": [VULNERABLE, package("b")]}, "a 1: PYSEC-1, fixed in 2", False),
        ({"dependencies": [package("a"), UNKNOWN]}, "1 not audited: b", True),
        ({"dependencies": [UNKNOWN]}, "SKIPPED: no advisory source knows any of its 1 packages", True),
        (None, "SKIPPED: no advisory source can be reached (no route to host)", True),
    ],
)
def test_an_audit_tells_a_clean_lock_from_one_that_nobody_looked_at(
    tmp_path: Path, answer: dict[str, Any] | None, says: str, fine: bool
) -> None:
    program = tmp_path / "pip-audit"
    body = f"print({json.dumps(answer)!r})" if answer else "import sys; sys.exit('no route to host')"
    program.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    program.chmod(0o700)
    said, passed = audit(str(program), "lock.txt")
    assert says in said
    assert passed == fine
