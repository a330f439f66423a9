"""Everything that is collected, and where it goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from finops.documents import did_you_mean
from finops.errors import BadArguments
from finops.model.invoice import Invoice
from finops.model.source_freshness import SourceFreshness
from finops.ports.clock import Clock
from finops.ports.emissions import EmissionsSource
from finops.ports.lake import Lake
from finops.ports.source import DemandSource, DerivedDemand, Source
from finops.ports.state import CollectionLog


@dataclass(frozen=True, slots=True)
class Collectors:
    """What finops.yaml has under ``sources``, ``demand`` and ``emissions``, by name; the lake that takes it, and the
    log of its collections. ``invoices``: those typed into finops.yaml."""

    sources: Mapping[str, Source]
    demand: Mapping[str, DemandSource]
    emissions: Mapping[str, EmissionsSource]
    lake: Lake
    log: CollectionLog
    clock: Clock
    invoices: Sequence[Invoice] = ()

    def is_derived(self, name: str) -> bool:
        """Whether ``name`` is a demand series that is computed from the bills in the lake."""
        return isinstance(self.demand.get(name), DerivedDemand)

    def names(self, wanted: Sequence[str] = ()) -> list[str]:
        """``wanted``, or everything that is collected. Raises ``BadArguments`` for a name that finops.yaml lacks."""
        known = [*self.sources, *self.demand, *self.emissions]
        return _chosen(wanted, known, "source, demand series or source of emissions")

    def source_names(self, wanted: Sequence[str] = ()) -> list[str]:
        """As ``names``, of sources only: demand and emissions have no bill."""
        return _chosen(wanted, self.sources, "source")


def _chosen(wanted: Sequence[str], known: Collection[str], noun: str) -> list[str]:
    for name in wanted:
        if name not in known:
            raise BadArguments(
                f"no {noun} is named '{name}'",
                where="SOURCE",
                remedy=did_you_mean(name, known) if known else "Add one under 'sources:' in finops.yaml",
            )
    return [name for name in known if not wanted or name in wanted]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the data of each configured source reaches. ``kinds``: source -> kind."""

    log: CollectionLog
    kinds: Mapping[str, str]

    def read(self, *, at: datetime | None = None) -> Sequence[SourceFreshness]:
        """Now, or as it was known at a moment."""
        return self.log.freshness(self.kinds, at=at)
