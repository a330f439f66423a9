"""The columns that a condition may name, and their values as it writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

ColumnType = Literal["text", "number", "time", "json"]


@dataclass(frozen=True, slots=True)
class Columns:
    """``types``: every column by its exact name. ``aliases``: dropped names and their successors.
    ``dimensions``: those of ``types`` that are configured dimensions. ``moved``: columns that a provider gave up, and
    where their values are now."""

    types: Mapping[str, ColumnType]
    aliases: Mapping[str, str] = field(default_factory=dict)
    dimensions: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)

    def with_dimensions(self, names: tuple[str, ...]) -> Columns:
        """The same columns and one text column for each configured dimension."""
        types: dict[str, ColumnType] = {**self.types, **dict.fromkeys(names, "text")}
        return replace(self, types=types, dimensions=frozenset(names))


def sql_text(value: str) -> str:
    """``value`` as conditions write it: ``'it''s'``."""
    return "'" + value.replace("'", "''") + "'"
