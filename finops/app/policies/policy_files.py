"""The policy files of finops.yaml, read again when one has changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finops.config.plugins import policy_kinds
from finops.errors import BadArguments
from finops.memo import Memo
from finops.model.columns import Columns
from finops.model.policy import Policy
from finops.policy.files import policy_version
from finops.policy.load import Loaded, load_each, load_policies
from finops.ports.state import PolicyTexts


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """``base``: the folder of finops.yaml. ``paths``: files, folders and globs. ``columns``: what a condition may name.
    ``demand``: names of the demand series. Safe to use from several threads."""

    base: Path
    paths: Sequence[Path]
    columns: Columns
    demand: Collection[str]
    _loaded: Memo[list[Policy]] = field(default_factory=Memo, repr=False)
    _each: Memo[Loaded] = field(default_factory=Memo, repr=False)

    def load(self, names: Sequence[str] = ()) -> list[Policy]:
        """All policies, or those named. Reading a thousand takes seconds, so unchanged files are not read again.

        Raises ``Malformed``, or ``BadArguments`` for a name that no file has.
        """
        return named_policies(self._loaded.of(policy_version(self.paths), self._load), names)

    def load_each(self, texts: PolicyTexts) -> Loaded:
        """All policies; a file with a fault is replaced by its text in ``texts``, which keeps those without.

        Raises what the state raises.
        """
        return self._each.of(policy_version(self.paths), lambda: self._load_each(texts))

    def _load_each(self, texts: PolicyTexts) -> Loaded:
        loaded = load_each(
            self.paths,
            kinds=policy_kinds().load_all(),
            columns=self.columns,
            demand=set(self.demand),
            kept=texts.kept,
        )
        texts.keep(loaded.texts)
        return loaded

    def _load(self) -> list[Policy]:
        return load_policies(
            self.paths, kinds=policy_kinds().load_all(), columns=self.columns, demand=set(self.demand)
        )


def named_policies(policies: Sequence[Policy], names: Sequence[str]) -> list[Policy]:
    """All of ``policies`` where none is named. Raises ``BadArguments`` for a name that no policy has."""
    known = {policy.name: policy for policy in policies}
    for name in names:
        if name not in known:
            raise BadArguments(
                f"no policy is called '{name}'", where="--policy", remedy=f"Known are: {', '.join(sorted(known))}"
            )
    return [policy for policy in policies if not names or policy.name in names]
