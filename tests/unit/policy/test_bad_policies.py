"""Each file of ``tests/golden/policies/bad`` has the one mistake that it is named after, its message beside it.

``FINOPS_WRITE_GOLDEN=1`` writes the messages anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from finops.errors import Malformed
from finops.focus.schema import condition_columns
from finops.policy.load import load_policies
from tests.support.lake_view import KINDS

BAD = Path(__file__).parents[2] / "golden" / "policies" / "bad"
FILES = sorted(BAD.glob("*.yaml"))
COLUMNS = condition_columns().with_dimensions(("team", "environment", "product"))


def faults_of(paths: list[Path]) -> str:
    with pytest.raises(Malformed) as refusal:
        load_policies(paths, kinds=KINDS, columns=COLUMNS, demand=["orders", "visitors"], values=["revenue"])
    assert refusal.value.exit_status == 2
    return str(refusal.value).replace(f"{BAD}{os.sep}", "") + "\n"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_message_names_line_column_fault_and_remedy(file: Path) -> None:
    message = faults_of([file])
    expected = file.with_suffix(".txt")
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        expected.write_text(message, encoding="utf-8")

    assert message == expected.read_text(encoding="utf-8")
    assert message.count("\n") == 1, "one mistake, one message"


def test_all_faults_of_all_files_come_at_once() -> None:
    together = faults_of(FILES).splitlines()

    others = [file for file in FILES if file.stem != "same_name_twice"]  # here every file takes the name of the first
    assert {file.with_suffix(".txt").read_text(encoding="utf-8").strip() for file in others} <= set(together)
    assert sum("is taken by amount_for_an_age.yaml" in line for line in together) == 1
    assert sum("the name 'checkout-monthly' is taken by" in line for line in together) > 20


def test_there_are_mistakes_enough() -> None:
    assert len(FILES) >= 20
    assert {file.stem for file in BAD.glob("*.txt")} == {file.stem for file in FILES}


@pytest.mark.parametrize("kind", ["Bugdet", "Thermostat"])
def test_a_wrong_kind_hides_no_other_fault(tmp_path: Path, kind: str) -> None:
    text = (BAD / "unknown_kind.yaml").read_text().replace("Bugdet", kind).replace("team = ", "tema = ")
    (tmp_path / "policy.yaml").write_text(text.replace("severity: warning", "severity: loud"))
    said = faults_of([tmp_path / "policy.yaml"])
    for fault in (f"unknown kind '{kind}'", "unknown column 'tema'", "unknown value 'loud'"):
        assert said.count(fault) == 1
    assert "unknown key" not in said, "what the kind alone knows is not blamed"
