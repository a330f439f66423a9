"""Targets of several choices side by side: scopes or selections that came later have numbers of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from finops.errors import BrokenStore
from finops.evaluate.choosing import Chosen, Target
from finops.evaluate.frames import HERE, Partition, Runner
from finops.evaluate.summing import MOST_CURRENCIES, MOST_PERIODS, Labels, Lazy, summed, unpacked

_TUPLES = 2**30
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
            return cls(chosen, 0, _TUPLES)
        last = batches[-1]
        shared = last.chosen.over_tuples["on"].max()
        own = int(str(shared)) - last.chosen.count + 1 if shared is not None else 0
        return cls(chosen, last.base + last.chosen.count, last.tuples + own)

    @property
    def targets(self) -> list[int]:
        return [self.base + int(number) for number in self.chosen.held]

    def named(self, target: int) -> Target:
        return self.chosen.named(target - self.base)

    def over_cells(self) -> pl.DataFrame:
        number, count = pl.col("target"), self.chosen.count
        own = pl.when(number < count).then(number + self.base).otherwise(number - count + self.tuples)
        return self.chosen.over_cells.with_columns(own.alias("target"))

    def over_tuples(self) -> pl.DataFrame:
        return self.chosen.over_tuples.select(
            pl.col("on") - self.chosen.count + self.tuples, pl.col("target") + self.base, "first"
        )


def named(batches: Sequence[Batch], target: int) -> Target:
    """Raises ``StopIteration`` for a number that nobody has."""
    return next(batch for batch in reversed(batches) if target >= batch.base).named(target)


def sum_cells(
    engine: Runner, cells: Lazy, on: str, batches: Sequence[Batch], costs: Sequence[str], labels: Labels
) -> pl.DataFrame:
    """``target``, ``billing_period``, ``day``, ``currency``, costs, by target and day.

    ``cells``: see ``finops.evaluate.summing``, in ``engine``.
    """
    pairs = pl.concat([batch.over_cells() for batch in batches]).rename({"on": on})
    found = unpacked(engine.fetch(summed(cells, engine.lend(pairs), on=on, costs=costs, labels=labels)), labels)
    own = found.filter(pl.col("target") < _TUPLES)
    shared = found.filter(pl.col("target") >= _TUPLES).rename({"target": "on"})
    if shared.is_empty():
        return own
    over = pl.concat([batch.over_tuples() for batch in batches])
    rest = unpacked(HERE.fetch(summed(HERE.lend(shared), HERE.lend(over), on="on", costs=costs, labels=labels)), labels)
    return pl.concat([own, rest.select(own.columns)]).sort("target", "day")


def labels_of(currencies: Collection[str], partitions: Collection[Partition], where: str) -> Labels:
    """Raises ``BrokenStore`` for more than any lake of bills has."""
    periods = sorted({period for _, period in partitions})
    for count, most, what in (
        (len(currencies), MOST_CURRENCIES, "currencies"),
        (len(periods), MOST_PERIODS, "billing periods"),
    ):
        if count > most:
            raise BrokenStore(
                f"there are {count} {what}, at most {most} can be summed at once",
                where=where,
                remedy="Look at BillingCurrency and BillingPeriodStart of the newest bills",
            )
    return Labels(sorted(currencies), periods)
