"""The policy files of finops.yaml, read again when one has changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finops.alert.policy_files import POLICY
from finops.config.plugins import policy_kinds
from finops.documents import Fault
from finops.errors import BadArguments
from finops.memo import Memo
from finops.model.columns import Columns
from finops.model.policy import Policy
from finops.policy.files import policy_version
from finops.policy.load import Loaded, load_each
from finops.ports.state import PolicyTexts
from finops.state import State


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """``base``: the folder of finops.yaml. ``paths``: files, folders and globs. ``columns``: what a condition may name.
    ``demand``: names of the demand series. ``texts``: keeps the files without a fault, and replaces those with one.
    Reading a thousand policies takes seconds, so unchanged files are read once. Safe to use from several threads."""

    base: Path
    paths: Sequence[Path]
    columns: Columns
    demand: Collection[str]
    texts: PolicyTexts
    _loaded: Memo[Loaded] = field(default_factory=Memo, repr=False)

    def load(self, names: Sequence[str] = ()) -> list[Policy]:
        """All policies, or those named; no file may have a fault.

        Raises ``Malformed``, ``BadArguments`` for a name that no file has, or what the state raises.
        """
        return named_policies(self.load_each().without_faults(), names)

    def load_each(self) -> Loaded:
        """All policies; a file with a fault is replaced by its kept text. Raises what the state raises."""
        return self._loaded.of(policy_version(self.paths), self._load)

    def shown(self, fault: Fault) -> str:
        """``fault`` with paths from ``base``: where the service was installed is nobody's business."""
        return str(fault).replace(f"{self.base}/", "")

    def shown_file(self, fault: Fault) -> str:
        """The file of ``fault``, from ``base``."""
        return fault.file.replace(f"{self.base}/", "")

    def _load(self) -> Loaded:
        loaded = load_each(
            self.paths,
            kinds=policy_kinds().load_all(),
            columns=self.columns,
            demand=set(self.demand),
            kept=self.texts.kept,
        )
        self.texts.keep(loaded.texts)
        return loaded


def named_policies(policies: Sequence[Policy], names: Sequence[str]) -> list[Policy]:
    """All of ``policies`` where none is named. Raises ``BadArguments`` for a name that no policy has."""
    known = {policy.name: policy for policy in policies}
    for name in names:
        if name not in known:
            raise BadArguments(
                f"no policy is named '{name}'", where="--policy", remedy=f"Known: {', '.join(sorted(known))}"
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
