"""Policy files -> policies: every fault of every file at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from finops.documents import Document, Fault, load_documents, parse_documents
from finops.errors import Malformed
from finops.model.columns import Columns
from finops.model.policy import Policy
from finops.policy.document import read_policy
from finops.policy.files import policy_files
from finops.policy.kind import Kinds
from finops.policy.options import Known


def load_policies(
    paths: Iterable[Path | str], *, kinds: Kinds, columns: Columns, demand: Collection[str]
) -> list[Policy]:
    """The policies of files, directories and globs, sorted by name; ``*.test.yaml`` are skipped.

    ``kinds``: policy kinds by name. ``columns``: what conditions may name, dimensions included. ``demand``: names of
    demand series. Raises ``Malformed`` with all faults of all files; a name that two documents share is one.
    """
    files, faults = policy_files(paths)
    documents: list[Document] = []
    for file in files:
        read, file_faults = load_documents(file)
        documents += read
        faults += file_faults
    return _policies(documents, faults, kinds, Known(columns, demand))


def read_policies(text: str, *, shown_as: str, kinds: Kinds, columns: Columns, demand: Collection[str]) -> list[Policy]:
    """The policies of one text, as ``load_policies``: for a policy that was kept with its finding."""
    documents, faults = parse_documents(text, shown_as)
    return _policies(documents, faults, kinds, Known(columns, demand))


def _policies(documents: Sequence[Document], faults: list[Fault], kinds: Kinds, known: Known) -> list[Policy]:
    policies = []
    for document in documents:
        policy, own_faults = read_policy(document, kinds, known)
        faults = [*faults, *own_faults]
        if policy is not None:
            policies.append(policy)
    faults = [*faults, *_same_names(documents)]
    if faults:
        raise Malformed(sorted(set(faults)))
    return sorted(policies, key=lambda policy: policy.name)


def _same_names(documents: Sequence[Document]) -> Iterable[Fault]:
    first: dict[str, str] = {}
    for document in documents:
        metadata = document.data.get("metadata") if isinstance(document.data, dict) else None
        name = metadata.get("name") if isinstance(metadata, dict) else None
        if not isinstance(name, str):
            continue
        line, column = document.place(("metadata", "name"), of_value=True)
        here = f"{document.file}:{line}:{column}"
        if name in first:
            message = f"the name '{name}' is taken by {first[name]}"
            yield document.fault(("metadata", "name"), message, "Give each policy its own name", of_value=True)
        first.setdefault(name, here)
