"""Targets of several choices side by side: scopes or selections that came later have numbers of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from finops.evaluate.choosing import Chosen, Target

TUPLES = 2**30
"""Numbers from here on are tuples that several selections share, not targets."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One choice, whose targets are numbered from ``base`` on and whose tuples from ``tuples`` on."""

    chosen: Chosen
    base: int
    tuples: int

    @classmethod
    def after(cls, batches: Sequence[Batch], chosen: Chosen) -> Batch:
        if not batches:
            return cls(chosen, 0, TUPLES)
        last = batches[-1]
        return cls(chosen, last.base + last.chosen.count, last.tuples + last.chosen.tuples)

    def named(self, target: int) -> Target:
        return self.chosen.named(target - self.base)

    def over_cells(self) -> pl.DataFrame:
        number, count = pl.col("target"), self.chosen.count
        own = pl.when(number < count).then(number + self.base).otherwise(number - count + self.tuples)
        return self.chosen.over_cells().with_columns(own.alias("target"))

    def over_tuples(self) -> pl.DataFrame:
        return self.chosen.over_tuples().select(
            pl.col("on") - self.chosen.count + self.tuples, pl.col("target") + self.base, "first"
        )
