"""What every kind of column can do."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from finops.focus.observations import BatchNotes


class Mender(Protocol):
    """Knows one conformed column and the type that it has in the part."""

    @property
    def column(self) -> str: ...

    def probe(self, raw: pl.Expr) -> pl.Expr | None:
        """One Boolean for a batch: whether ``mend`` must look closely. None: it always decides by itself."""
        ...

    def mend(self, raw: pl.Series, notes: BatchNotes, *, closely: bool) -> pl.Series:
        """The conformed column; what was mended, noted or not understood goes to ``notes``."""
        ...
