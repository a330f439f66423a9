"""Tables as templates print them: texts only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """``head`` names it; ``note`` is said beside the head; ``open``: its figures can still change."""

    head: str
    cells: tuple[str, ...]
    note: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``heads``: of the first column and of each cell; cells are amounts, aligned to the right."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
