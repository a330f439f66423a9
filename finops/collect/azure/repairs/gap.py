"""One kind of repair."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Gap:
    """``kind``: what a run's tally shows. Where ``where`` holds, ``column`` becomes ``value``."""

    kind: str
    column: str
    where: pl.Expr
    value: pl.Expr
