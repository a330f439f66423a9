"""Policy files and their tests, checked without a lake and without a state."""

from __future__ import annotations
from finops.model.wording import count_text

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finops.documents import Document, Fault, load_documents, parse_documents
from finops.errors import Malformed
from finops.policy.load import load_policies
from finops.policy.files import is_policy_file, policy_files, policy_test_files
from finops.policy.testing import PolicyCase, cases_of
from finops.model.policy import Policy
from finops.app.policies.context import PolicyContext


@dataclass(frozen=True, slots=True)
class Checked:
    """What stands in the files that were asked for."""

    policies: tuple[Policy, ...]
    cases: tuple[PolicyCase, ...]


def counted(checked: Checked) -> str:
    """``1 policy, 2 tests``."""
    policies, tests = len(checked.policies), len(checked.cases)
    return f"{count_text(policies, 'policy', 'policies')}, {count_text(tests, 'test')}"


def doubtful(policies: Sequence[Policy]) -> list[Fault]:
    """A warning for each policy whose verdicts will mostly be unknown, at its alerts, with the line to add."""
    found = []
    for policy in policies:
        for message, hint in policy.spec.check_warnings():
            document = parse_documents(policy.text, policy.file)[0][0]
            line, column = document.place(("spec", "alerts"))
            line += policy.line - document.place(("apiVersion",))[0]
            found.append(Fault(policy.file, line, column, message, hint))
    return sorted(found)


def check_policies(paths: Sequence[Path], policy_context: PolicyContext) -> Checked:
    """The policies and tests of ``paths``. Raises ``Malformed`` with every fault of every file.

    A test finds its policy in ``paths``, else beside the test's file, else in the policies of finops.yaml.
    """
    faults: list[Fault] = []
    policies: list[Policy] | None = None
    try:
        policies = _load(paths, policy_context)
    except Malformed as error:
        faults += error.faults  # type: ignore[arg-type] # policy files have faults of documents only
    documents: list[Document] = []
    for file in policy_test_files(paths):
        read, found = load_documents(file)
        documents += read
        faults += found
    cases: list[PolicyCase] = []
    try:
        known = _with_policies_elsewhere(policies, documents, policy_context) if policies is not None else None
        cases = cases_of(documents, known, policy_context.vocabulary)
    except Malformed as error:
        faults += error.faults  # type: ignore[arg-type] # as above
    if faults or policies is None:
        raise Malformed(sorted(set(faults)))
    return Checked(tuple(policies), tuple(cases))


def _with_policies_elsewhere(
    policies: Iterable[Policy], documents: Sequence[Document], policy_context: PolicyContext
) -> Mapping[str, Policy]:
    known = {policy.name: policy for policy in policies}
    named = {document.data.get("policy"): document for document in documents if isinstance(document.data, dict)}
    searching = [document for name, document in named.items() if isinstance(name, str) and name not in known]
    folders = {Path(document.file).parent: None for document in searching}
    beside = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix in (".yaml", ".yml") and is_policy_file(path)]
    for paths in (policy_files(beside)[0], policy_context.policies if searching else ()):
        known = {policy.name: policy for policy in _load(paths, policy_context)} | known
    return known


def _load(paths: Sequence[Path], policy_context: PolicyContext) -> list[Policy]:
    return load_policies(paths, kinds=policy_context.kinds, columns=policy_context.known.columns, demand=policy_context.known.demand, values=policy_context.known.values)
