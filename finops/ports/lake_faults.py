"""What of a data version must not be counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LakeFaults:
    """What of one data version must not be counted. Each fault is a sentence that names the file or the rows, and the
    command that repairs it.

    ``costs``: source -> why its rows are not those that finops wrote. ``costs_daily``: source -> why its sums are not
    all there. ``demand``, ``emissions``: series and sources of emissions; ``commitments``, ``invoices``: sources; the
    empty name stands for all of them.
    """

    costs: Mapping[str, str] = field(default_factory=dict)
    costs_daily: Mapping[str, str] = field(default_factory=dict)
    demand: Mapping[str, str] = field(default_factory=dict)
    emissions: Mapping[str, str] = field(default_factory=dict)
    commitments: Mapping[str, str] = field(default_factory=dict)
    invoices: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> Mapping[str, str]:
        """Source -> why no verdict may count it."""
        return {**self.costs_daily, **self.costs}

    @property
    def sentences(self) -> tuple[str, ...]:
        """Each fault once, with what it concerns."""
        tables = (self.costs, self.costs_daily, self.demand, self.emissions, self.commitments, self.invoices)
        return tuple(f"{name}: {why}" if name else why for table in tables for name, why in table.items())

    def of_demand(self, name: str) -> str:
        return self.demand.get(name) or self.demand.get("", "")

    def of_emissions(self, name: str) -> str:
        return self.emissions.get(name) or self.emissions.get("", "")


NO_FAULTS = LakeFaults()
