"""Each file of ``tests/golden/policy_tests/bad`` has the one mistake that it is named after, its message beside it.

``FINOPS_WRITE_GOLDEN=1`` writes the messages anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from finops.documents import load_documents
from finops.errors import Malformed
from finops.evaluate.kinds.budget import Budget
from finops.focus.schema import condition_columns, focus_columns
from finops.policy.load import load_policies
from finops.policy.options import Known
from finops.policy.testing import Vocabulary, cases_of

BAD = Path(__file__).parents[3] / "golden" / "policy_tests" / "bad"
FILES = sorted(BAD.glob("*.test.yaml"))
COLUMNS = condition_columns().with_dimensions(("team", "environment"))
KNOWN = Known(COLUMNS, ["orders", "visitors"])
CHOICES = {name: column.allowed_values for name, column in focus_columns().items() if column.allowed_values}
VOCABULARY = Vocabulary(KNOWN, {"Budget": Budget}, CHOICES, ("team", "environment"))


def faults_of(files: list[Path]) -> str:
    policies = load_policies([BAD / "policy.yaml"], kinds={"Budget": Budget}, columns=COLUMNS, demand=KNOWN.demand)
    documents = [document for file in files for document in load_documents(file)[0]]
    with pytest.raises(Malformed) as refusal:
        cases_of(documents, {policy.name: policy for policy in policies}, VOCABULARY)
    assert refusal.value.exit_status == 2
    return str(refusal.value).replace(f"{BAD}{os.sep}", "") + "\n"


@pytest.mark.parametrize("file", FILES, ids=[file.name.partition(".")[0] for file in FILES])
def test_the_message_names_line_column_fault_and_remedy(file: Path) -> None:
    message = faults_of([file])
    expected = file.with_suffix(".txt")
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        expected.write_text(message, encoding="utf-8")

    assert message == expected.read_text(encoding="utf-8")
    assert message.count("\n") == 1, "one mistake, one message"


def test_all_faults_of_all_files_come_at_once() -> None:
    together = set(faults_of(FILES).splitlines())
    assert together == {file.with_suffix(".txt").read_text(encoding="utf-8").strip() for file in FILES}
