"""What a viewer of some teams may see."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from finops.model.columns import sql_text
from finops.model.finding import Group


@dataclass(frozen=True, slots=True)
class TeamScope:
    """Rows whose value of ``dimension`` is one of ``teams``; nothing where there are none."""

    dimension: str
    teams: frozenset[str]

    @property
    def condition(self) -> str:
        """As policies write it. Never true without teams."""
        names = ", ".join(map(sql_text, sorted(self.teams)))
        return (
            f"{self.dimension} IN ({names})" if names else f"{self.dimension} IS NULL AND {self.dimension} IS NOT NULL"
        )

    def rows(self) -> pl.Expr:
        """Over ``scopes``."""
        return pl.col(self.dimension).is_in(sorted(self.teams)).fill_null(value=False)

    def holds_group(self, group: Group) -> bool:
        return group.get(self.dimension) in self.teams
