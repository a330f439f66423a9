"""Rows that cost something and do not have the cost that a policy sums: null is not nothing.

FOCUS wants ListCost and ContractedCost in every row; some providers do not know them
(https://focus.finops.org/focus-specification/, "ListCost").
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import polars as pl

from finops.conditions import Condition
from finops.deferred import narwhals as nw
from finops.evaluate.aggregation.frames import Frames, Partition
from finops.evaluate.policy_fault import of_scope
from finops.evaluate.series.groups import GroupKey
from finops.model.period import Period
from finops.policy.envelope import Envelope
from finops.ports.lake import MAY_BE_UNKNOWN, LakeView

Unknown = Mapping[GroupKey, str]
"""Group -> what is not known of it, half a sentence."""


class UnknownCosts:
    """Of one data version. Where the collections said that every row has its costs, no row is looked at; elsewhere the
    rows of a scope are looked through once, whatever the number of moments."""

    def __init__(self, view: LakeView, frames: Frames) -> None:
        self._view = view
        self._frames = frames
        self._days: dict[tuple[Condition | None, GroupKey, str], pl.DataFrame] = {}

    @cached_property
    def _partitions(self) -> Mapping[Partition, Mapping[str, int]]:
        return self._view.unknown_costs()

    def of(self, envelope: Envelope, window: Period | None) -> Unknown:
        """Within ``window``, the days whose costs are summed; None: no day."""
        cost = envelope.cost
        if (
            window is None
            or cost not in MAY_BE_UNKNOWN
            or not any(cost in costs for costs in self._partitions.values())
        ):
            return {}
        asked = envelope.condition, envelope.group_by, cost
        if asked not in self._days:
            with of_scope():
                self._days[asked] = self._without(envelope)
        of_group = [_group(name) for name in envelope.group_by]
        within = self._days[asked].filter(pl.col("day").is_between(window.start, window.end, closed="left"))
        newest = within.group_by(*of_group, "of").agg(pl.col("day").max()).sort(*of_group, "of")
        texts: dict[GroupKey, list[str]] = {}
        for *key, source, day in newest.iter_rows():
            said = f"{source} has no {cost} for some rows of this scope, last on {day}"
            texts.setdefault(tuple(key), []).append(said)
        return {key: "; ".join(of) for key, of in texts.items()}

    def _without(self, envelope: Envelope) -> pl.DataFrame:
        """``_group`` of each column of ``group_by``, ``of`` (the source), ``day``: each once."""
        cost, condition = envelope.cost, envelope.condition
        partitions = [one for one, costs in self._partitions.items() if cost in costs]
        keys = sorted({*envelope.columns, "source", "day"})
        columns = list(dict.fromkeys((*sorted(envelope.columns), "source", cost, "BilledCost", "EffectiveCost")))
        rows = self._frames.rows(columns, [condition], partitions)
        something = (nw.col("BilledCost") != 0) | (nw.col("EffectiveCost") != 0)
        found = self._frames.fetch(rows.filter(nw.col(cost).is_null() & something).select(*keys).unique())
        if condition is not None:
            found = found.filter(condition.expression())
        groups = [pl.col(name).fill_null("").alias(_group(name)) for name in envelope.group_by]
        return found.select(*groups, pl.col("source").alias("of"), "day").unique()


def _group(column: str) -> str:
    return f"group {column}"
