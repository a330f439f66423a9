"""Kinds of sources, demand, receivers and policies, found by entry point."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from finops.errors import BadArguments
from finops.model.kind_profile import Profiles
from finops.model.untrusted import one_line


@lru_cache(maxsize=1)
def _installed(path: tuple[str, ...]) -> Any:  # noqa: ARG001 - what is installed depends on it
    """Every entry point: finding them reads the metadata of all distributions, whatever group is wanted."""
    return entry_points()


class Plugins:
    """The kinds of one group. A class is imported when it is asked for, not before."""

    def __init__(self, group: str) -> None:
        self._found: dict[str, EntryPoint] = {
            entry.name: entry for entry in _installed(tuple(sys.path)).select(group=group)
        }

    def __contains__(self, kind: str) -> bool:
        return kind in self._found

    @property
    def kinds(self) -> list[str]:
        return sorted(self._found)

    def load(self, kind: str) -> Any:
        """Raises ``BadArguments`` for what another distribution offers and cannot be imported."""
        entry = self._found[kind]
        try:
            return entry.load()
        except Exception as error:
            distribution = entry.dist.name if entry.dist else "its distribution"
            raise BadArguments(
                f"the kind {kind} cannot be imported ({type(error).__name__}: {one_line(str(error), 200)})",
                where=f"entry point {entry.group}",
                remedy=f"Install a version of {distribution} that fits, or uninstall it",
            ) from error

    def load_all(self) -> Mapping[str, Any]:
        return {kind: self.load(kind) for kind in self.kinds}


def source_kinds() -> Plugins:
    return Plugins("finops.sources")


def demand_kinds() -> Plugins:
    return Plugins("finops.demand")


def emissions_kinds() -> Plugins:
    return Plugins("finops.emissions")


def receiver_kinds() -> Plugins:
    return Plugins("finops.receivers")


def policy_kinds() -> Plugins:
    return Plugins("finops.policy_kinds")


def policy_profiles() -> Profiles:
    """What the installed policy kinds declare. Raises ``BadArguments`` where two declare one metric or one alert."""
    profiles = Profiles({name: kind.profile for name, kind in policy_kinds().load_all().items()})
    owners: dict[str, str] = {}
    for profile in profiles.in_order:
        for name in (*(metric.name for metric in profile.metrics), *(rule.alert for rule in profile.rules)):
            owner = owners.setdefault(name, profile.kind)
            if owner != profile.kind:
                raise BadArguments(
                    f"the policy kinds {owner} and {profile.kind} both declare '{name}'",
                    where="entry points finops.policy_kinds",
                    remedy=f"Uninstall the distribution of one of them, or ask its author to rename '{name}'",
                )
    return profiles
