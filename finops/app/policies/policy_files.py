"""The policy files of finops.yaml, read again when one has changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from finops.alert.policy_files import POLICY
from finops.config.plugins import policy_kinds
from finops.documents import Fault, did_you_mean
from finops.errors import BadArguments
from finops.memo import Memo
from finops.model.columns import Columns
from finops.model.policy import Policy
from finops.policy.files import policy_version
from finops.policy.load import Loaded, load_each
from finops.ports.state import PolicyTexts
from finops.state import State
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from finops.documents import load_documents
from finops.policy.files import policy_test_files, policy_version
from finops.model.policy import Policy


@dataclass(frozen=True, slots=True)
class PolicyListing:
    """``policies``: sorted by name; of a file with a fault, those of its last version without one. ``tests``: policy -> files
    that test it. ``faults``: what is wrong with the files now, each as ``file:line:column: message``; paths count from
    the folder of finops.yaml."""

    policies: tuple[Policy, ...] = ()
    tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """``base``: the folder of finops.yaml. ``paths``: files, folders and globs. ``columns``: what a condition may name.
    ``demand``: names of all series; ``values``: of those in money. ``texts``: keeps the files without a fault, and replaces those with one.
    Reading a thousand policies takes seconds, so unchanged files are read once. Safe to use from several threads."""

    base: Path
    paths: Sequence[Path]
    columns: Columns
    demand: Collection[str]
    texts: PolicyTexts
    values: Collection[str] = ()
    _loaded: Memo[Loaded] = field(default_factory=Memo, repr=False)
    _listing: Memo[PolicyListing] = field(default_factory=Memo, repr=False)

    def load(self, names: Sequence[str] = ()) -> list[Policy]:
        """All policies, or those named; no file may have a fault.

        Raises ``Malformed``, ``BadArguments`` for a name that no file has, or what the state raises.
        """
        return named_policies(self.load_each().without_faults(), names)

    def load_each(self) -> Loaded:
        """All policies; a file with a fault is replaced by its kept text. Raises what the state raises."""
        return self._loaded.of(policy_version(self.paths), self._load)

    def shown(self, fault: Fault) -> str:
        """``fault`` with paths from ``base``: installation paths stay private."""
        return str(fault).replace(f"{self.base}/", "")

    def shown_with_substitute(self, fault: Fault, unreplaced: Collection[str]) -> str:
        """``fault``, and what is evaluated instead. ``unreplaced``: files without an earlier valid version."""
        replaced = fault.file not in unreplaced
        instead = "its last valid version is evaluated" if replaced else "its policies are not evaluated"
        return f"{self.shown(fault)} ({instead})"

    def shown_file(self, fault: Fault) -> str:
        """The file of ``fault``, from ``base``."""
        return fault.file.replace(f"{self.base}/", "")

    def listing(self) -> PolicyListing:
        """All policies with the files that test them, and errors; read again when a file has changed.

        Raises what the state raises.
        """
        return self._listing.of(policy_version(self.paths, tests=True), self._list)

    def place(self, file: str) -> str:
        """A file's path from the folder of finops.yaml: installation paths stay private."""
        base = self.base
        try:
            return str(Path(file).resolve().relative_to(base))
        except ValueError:
            return Path(file).name

    def place_of_line(self, place: str) -> str:
        """The same for ``file:line``."""
        file, _, line = place.rpartition(":")
        return f"{self.place(file)}:{line}"

    def _load(self) -> Loaded:
        loaded = load_each(
            self.paths,
            kinds=policy_kinds().load_all(),
            columns=self.columns,
            demand=set(self.demand),
            values=set(self.values),
            kept=self.texts.kept,
        )
        self.texts.keep(loaded.texts)
        return loaded

    def _list(self) -> PolicyListing:
        tested = self._tested(policy_test_files(self.paths))
        loaded = self.load_each()
        return PolicyListing(loaded.policies, tested, tuple(map(self.shown, loaded.faults)))

    def _tested(self, tests: Iterable[Path]) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for file in tests:
            for document in load_documents(file)[0]:
                name = document.data.get("policy") if isinstance(document.data, dict) else None
                if isinstance(name, str):
                    found.setdefault(name, set()).add(self.place(str(file)))
        return {name: tuple(sorted(files)) for name, files in found.items()}


def named_policies(policies: Sequence[Policy], names: Sequence[str]) -> list[Policy]:
    """All of ``policies`` where none is named. Raises ``BadArguments`` for a name that no policy has."""
    known = {policy.name: policy for policy in policies}
    for name in names:
        if name not in known:
            raise BadArguments(
                f"no policy is named '{name}'", where="--policy", remedy=did_you_mean(name, known)
            )
    return [policy for policy in policies if not names or policy.name in names]


def confirm_removals(policies: PolicyFiles, state: State, names: Sequence[str]) -> list[str]:
    """Confirms the removal of ``names``, or of every policy that no file has; returns them, sorted.

    Raises ``BadArguments`` for a name that is not missing, or what the state raises.
    """
    alerting = set(state.alerts.live_policies()) - {POLICY}
    loaded = {policy.name for policy in policies.load_each().policies}
    missing = sorted((set(state.known_policies.read()) | alerting) - loaded)
    for name in names:
        if name not in missing:
            there = f"Missing are: {', '.join(missing)}" if missing else "No policy is missing"
            raise BadArguments(f"the policy '{name}' is not missing", where="POLICY", remedy=there)
    chosen = sorted(names) or missing
    state.known_policies.confirm(chosen)
    return chosen
