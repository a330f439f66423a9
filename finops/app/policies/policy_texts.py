"""The policies as their files say them now, read again when a file has changed."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from finops.app.policies.policy_files import PolicyFiles
from finops.documents import load_documents
from finops.policy.files import policy_test_files, policy_version
from finops.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Shelved:
    """``policies``: sorted by name; of a file with a fault, those of its last version without one. ``tests``: policy -> files
    that test it. ``faults``: what is wrong with the files now, each as ``file:line:column: message``; paths count from
    the folder of finops.yaml."""

    policies: tuple[Policy, ...] = ()
    tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


class PolicyShelf:
    """Safe to use from several threads."""

    def __init__(self, policies: PolicyFiles) -> None:
        self._policies = policies
        self._lock = threading.Lock()
        self._version: object = None
        self._shelved = Shelved()

    def look(self) -> Shelved:
        """What stands on the shelf. The first look at changed files reads them: a second for a thousand policies."""
        with self._lock:
            paths = self._policies.paths
            version = policy_version(paths, tests=True)
            if version != self._version:
                self._shelved, self._version = self._read(policy_test_files(paths)), version
            return self._shelved

    def place(self, file: str) -> str:
        """A file's path from the folder of finops.yaml: where the service was installed is nobody's business."""
        base = self._policies.base
        try:
            return str(Path(file).resolve().relative_to(base))
        except ValueError:
            return Path(file).name

    def place_of_line(self, place: str) -> str:
        """The same for ``file:line``."""
        file, _, line = place.rpartition(":")
        return f"{self.place(file)}:{line}"

    def _read(self, tests: Iterable[Path]) -> Shelved:
        tested = self._tested(tests)
        loaded = self._policies.load_each()
        return Shelved(loaded.policies, tested, tuple(map(self._policies.shown, loaded.faults)))

    def _tested(self, tests: Iterable[Path]) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for file in tests:
            for document in load_documents(file)[0]:
                name = document.data.get("policy") if isinstance(document.data, dict) else None
                if isinstance(name, str):
                    found.setdefault(name, set()).add(self.place(str(file)))
        return {name: tuple(sorted(files)) for name, files in found.items()}
