"""Which versions of the lake's tables a number was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataVersion:
    """Delta versions of the tables that belong together; None where a table does not exist yet.

    ``costs_daily`` at its version was made from ``costs`` and ``scopes`` at theirs.
    """

    costs: int | None = None
    scopes: int | None = None
    costs_daily: int | None = None
    demand: int | None = None
    emissions: int | None = None
    commitments: int | None = None
    invoices: int | None = None

    def to_json(self) -> dict[str, int | None]:
        return {
            "costs": self.costs,
            "scopes": self.scopes,
            "costs_daily": self.costs_daily,
            "demand": self.demand,
            "emissions": self.emissions,
            "commitments": self.commitments,
            "invoices": self.invoices,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, int | None]) -> DataVersion:
        return cls(**data)
