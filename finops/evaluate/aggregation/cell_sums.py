"""Cells of the rollup -> what every target costs a day: added up here where they are read here, else by a plan that
their engine runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from finops.deferred import narwhals as nw
from finops.errors import BrokenStore
from finops.evaluate.aggregation.frames import HERE, Partition, Runner
from finops.evaluate.aggregation.sum_plan import MOST_CURRENCIES, MOST_PERIODS, Labels, Lazy, summed, unpacked
from finops.evaluate.array_kernel.array_sums import add_up
from finops.evaluate.array_kernel.assignment import TUPLES, Batch


def sum_cells(
    engine: Runner,
    cells: Lazy,
    on: str,
    batches: Sequence[Batch],
    costs: Sequence[str],
    partitions: Collection[Partition],
    where: str,
) -> pl.DataFrame:
    """``target``, ``billing_period``, ``day``, ``currency``, costs, by target and day.

    ``cells``: see ``sum_plan``, in ``engine``; all of those of ``partitions``, in the table ``where``.
    """
    if not cells.implementation.is_polars():
        return by_plan(engine, cells, on, batches, costs, partitions, where)
    found = []
    for period in sorted({period for _, period in partitions}):  # all at once would need the memory of all
        of_period = cells.filter(nw.col("billing_period") == nw.lit(period))
        own = engine.fetch(of_period.select(on, "day", "currency", *costs))
        label = pl.lit(period, pl.Date).alias("billing_period")
        sums = add_up(own, on, batches, costs)
        if sums is None:
            labelled = HERE.lend(own.with_columns(label))
            sums = by_plan(HERE, labelled, on, batches, costs, partitions, where)
        found.append(sums.select("target", label, "day", "currency", *costs))
    return pl.concat(found).sort("target", "day")


def by_plan(
    engine: Runner,
    cells: Lazy,
    on: str,
    batches: Sequence[Batch],
    costs: Sequence[str],
    partitions: Collection[Partition],
    where: str,
) -> pl.DataFrame:
    currencies = engine.fetch(cells.select("currency").unique())["currency"].to_list()
    labels = _labels(currencies, partitions, where)
    pairs = pl.concat([batch.over_cells() for batch in batches]).rename({"on": on})
    found = unpacked(engine.fetch(summed(cells, engine.lend(pairs), on=on, costs=costs, labels=labels)), labels)
    own = found.filter(pl.col("target") < TUPLES)
    shared = found.filter(pl.col("target") >= TUPLES).rename({"target": "on"})
    if shared.is_empty():
        return own
    over = pl.concat([batch.over_tuples() for batch in batches])
    rest = unpacked(HERE.fetch(summed(HERE.lend(shared), HERE.lend(over), on="on", costs=costs, labels=labels)), labels)
    return pl.concat([own, rest.select(own.columns)])


def _labels(currencies: Collection[str], partitions: Collection[Partition], where: str) -> Labels:
    """Raises ``BrokenStore`` for more than any lake of bills has."""
    periods = sorted({period for _, period in partitions})
    for count, most, what in (
        (len(currencies), MOST_CURRENCIES, "currencies"),
        (len(periods), MOST_PERIODS, "billing periods"),
    ):
        if count > most:
            raise BrokenStore(
                f"{count} {what} cannot be summed at once; the limit is {most}",
                where=where,
                remedy="Check BillingCurrency and BillingPeriodStart of the latest bills",
            )
    return Labels(sorted(currencies), periods)
