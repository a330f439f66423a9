"""Policy files -> policies: every fault of every file at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finops.documents import Document, Fault, load_documents, parse_documents
from finops.errors import Malformed
from finops.model.columns import Columns
from finops.model.policy import Policy
from finops.policy.document import read_policy
from finops.policy.files import policy_files
from finops.policy.kind import Kinds
from finops.policy.options import Known


@dataclass(frozen=True, slots=True)
class Loaded:
    """``policies``: of every file without a fault, and of the kept text of those with one, sorted by name. ``faults``:
    of all files. ``unreplaced``: the files with a fault, and no kept text in their place. ``texts``: of the files
    without a fault, to keep."""

    policies: tuple[Policy, ...]
    faults: tuple[Fault, ...] = ()
    unreplaced: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def without_faults(self) -> list[Policy]:
        """The policies. Raises ``Malformed`` with all faults where there is one."""
        if self.faults:
            raise Malformed(self.faults)
        return list(self.policies)


def load_policies(
    paths: Iterable[Path | str],
    *,
    kinds: Kinds,
    columns: Columns,
    demand: Collection[str],
    values: Collection[str] = (),
) -> list[Policy]:
    """The policies of files, directories and globs, sorted by name; ``*.test.yaml`` are skipped.

    ``kinds``: policy kinds by name. ``columns``: what conditions may name, dimensions included. ``demand``: names of
    all series; ``values``: of those in money. Raises ``Malformed`` with all faults of all files; a name that two
    documents share is one.
    """
    return load_each(paths, kinds=kinds, columns=columns, demand=demand, values=values, kept=dict).without_faults()


def load_each(
    paths: Iterable[Path | str],
    *,
    kinds: Kinds,
    columns: Columns,
    demand: Collection[str],
    values: Collection[str] = (),
    kept: Callable[[], Mapping[str, str]],
) -> Loaded:
    """As ``load_policies``, but a fault concerns its own file alone: its kept text stands in for it.

    ``kept``: file -> its text when it last had no fault; asked for only where a file has one. A kept policy whose name
    another file has taken since is left out.
    """
    documents, file_faults = _documents(paths)
    known = Known(columns, demand, values)
    policies, faults = _policies(documents, file_faults, kinds, known)
    faulty = {fault.file for fault in faults}
    found = {policy.name: policy for policy in policies if policy.file not in faulty}
    texts = kept() if faulty else {}
    unreplaced = []
    for file in sorted(faulty):
        replacing, kept_faults = _policies(*parse_documents(texts.get(file, ""), file), kinds, known)
        if not replacing or kept_faults:
            unreplaced.append(file)
            continue
        found = {policy.name: policy for policy in replacing} | found
    return Loaded(
        tuple(sorted(found.values(), key=lambda policy: policy.name)),
        tuple(faults),
        tuple(unreplaced),
        _texts(document for document in documents if document.file not in faulty),
    )


def read_policies(
    text: str, *, shown_as: str, kinds: Kinds, columns: Columns, demand: Collection[str], values: Collection[str] = ()
) -> list[Policy]:
    """The policies of one text, as ``load_policies``: for a policy that was kept with its finding."""
    policies, faults = _policies(*parse_documents(text, shown_as), kinds, Known(columns, demand, values))
    return Loaded(tuple(policies), tuple(faults)).without_faults()


def _documents(paths: Iterable[Path | str]) -> tuple[list[Document], list[Fault]]:
    files, faults = policy_files(paths)
    documents: list[Document] = []
    for file in files:
        read, file_faults = load_documents(file)
        documents += read
        faults += file_faults
    return documents, faults


def _texts(documents: Iterable[Document]) -> dict[str, str]:
    """File -> the text that its documents are read from again."""
    by_file: dict[str, dict[str, None]] = {}
    for document in documents:
        by_file.setdefault(document.file, {})[document.text] = None
    return {file: "---\n".join(texts) for file, texts in by_file.items()}


def _policies(
    documents: Sequence[Document], faults: list[Fault], kinds: Kinds, known: Known
) -> tuple[list[Policy], list[Fault]]:
    policies = []
    for document in documents:
        policy, own_faults = read_policy(document, kinds, known)
        faults = [*faults, *own_faults]
        if policy is not None:
            policies.append(policy)
    faults = [*faults, *_same_names(documents)]
    return sorted(policies, key=lambda policy: policy.name), sorted(set(faults))


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
