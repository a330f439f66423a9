"""How an evaluation was carried out: which policies shared what, and what was read for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finops.evaluate.aggregation.reads import Read
from finops.evaluate.cache import EvaluationCache
from finops.evaluate.selection import Selection
from finops.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Sharing:
    """Policies whose conditions and groups name the same ``columns``: they are looked at together.

    ``distinct``: so many tuples of the columns there are. ``summed_once``: the rollup was summed up by those columns
    once for all of them, rather than once for each.
    """

    columns: tuple[str, ...]
    policies: tuple[str, ...]
    distinct: int
    summed_once: bool


@dataclass(frozen=True, slots=True)
class PlanReport:
    """``series``: how many different ones the policies ask for. ``twins``: policies that share one series whole.
    ``single_rows``: policies that name columns which the rollup lacks; one scan of ``costs`` serves them all."""

    policies: int
    series: int
    sharing: tuple[Sharing, ...]
    twins: tuple[tuple[str, ...], ...]
    single_rows: tuple[str, ...]
    reads: tuple[Read, ...]
    seconds: float

    @classmethod
    def of(cls, policies: Sequence[Policy], cache: EvaluationCache, seconds: float) -> PlanReport:
        """``policies``: those of the newest evaluation with ``cache``, which took ``seconds``."""
        names: dict[Selection, list[str]] = {}
        in_order = sorted(policies, key=lambda policy: policy.name)
        for policy, place in zip(in_order, cache.series.plan.of_policy, strict=True):
            names.setdefault(cache.series.plan.selections[place], []).append(policy.name)
        together: dict[tuple[str, ...], Sharing] = {}
        for one in cache.series.shared:
            own = sorted(name for selection in one.selections for name in names.get(selection, ()))
            columns = tuple(name for name in one.columns if name != "source") or ("source",)
            if own:
                together[columns] = Sharing(columns, tuple(own), one.tuples, one.once)
        by_row = [cache.series.plan.selections[place] for place in cache.series.by_row]
        return cls(
            policies=len(in_order),
            series=len(cache.series.plan.selections),
            sharing=tuple(sorted(together.values(), key=lambda sharing: sharing.columns)),
            twins=tuple(sorted(tuple(of) for of in names.values() if len(of) > 1)),
            single_rows=tuple(sorted(name for selection in by_row for name in names[selection])),
            reads=tuple(cache.reads.made),
            seconds=seconds,
        )

    def to_json(self) -> Mapping[str, Any]:
        return {
            "policies": self.policies,
            "series": self.series,
            "sharing": [
                {
                    "columns": list(one.columns),
                    "policies": list(one.policies),
                    "distinct": one.distinct,
                    "summed_once": one.summed_once,
                }
                for one in self.sharing
            ],
            "twins": [list(one) for one in self.twins],
            "single_rows": list(self.single_rows),
            "reads": [
                {"what": one.what, "periods": one.partitions, "rows": one.rows, "seconds": round(one.seconds, 4)}
                for one in self.reads
            ],
            "seconds": round(self.seconds, 4),
        }
