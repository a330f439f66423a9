"""What the lake knows of the quality of each source: counted at collection, so that asking costs no scan of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

import polars as pl

from finops.memo import Memo
from finops.model.completeness import reach
from finops.model.data_version import DataVersion
from finops.model.money import EXACT
from finops.model.quality import Quality, SourceQuality, Unallocated
from finops.ports.lake import Known, Lake

_NOBODY = ("", "unallocated")
"""No value, and what the ``else`` of a dimension says."""


@dataclass(frozen=True, slots=True)
class QualityReader:
    """``dimensions``: those configured, each of which may say whose a cost is."""

    lake: Lake
    dimensions: Sequence[str]
    _unallocated: Memo[Mapping[str, Mapping[str, Unallocated]]] = field(default_factory=Memo)
    _read: Memo[Sequence[SourceQuality]] = field(default_factory=Memo)

    def read(self, sources: Sequence[str]) -> Sequence[SourceQuality]:
        """Those of ``sources`` that the lake holds rows of, in their order; worked out once a version of the lake.

        Raises what reading the lake raises.
        """
        version = self.lake.version()
        return self._read.of((version, tuple(sources)), lambda: self._qualities(version, sources))

    def _qualities(self, version: DataVersion, sources: Sequence[str]) -> Sequence[SourceQuality]:
        unallocated = self._unallocated.of(version, lambda: self._count_unallocated(version))
        known = {source: self.lake.known(source) for source in sources}
        return [
            _of(
                source,
                list(periods.values()),
                list(self.lake.known_before(source).values()),
                unallocated.get(source, {}),
            )
            for source, periods in known.items()
            if periods
        ]

    def _count_unallocated(self, version: DataVersion) -> Mapping[str, Mapping[str, Unallocated]]:
        """source -> dimension -> what nobody owns, from the rollup."""
        view = self.lake.at(version)
        scopes = view.scopes().select("scope_id", *self.dimensions)
        cells = view.costs_daily().select("source", "scope_id", "currency", "EffectiveCost", "rows")
        by_scope = cells.group_by("source", "scope_id", "currency").agg(pl.col("EffectiveCost", "rows").sum())
        joined = by_scope.join(scopes, on="scope_id").collect()
        found: dict[str, dict[str, Unallocated]] = {}
        for (source,), rows in joined.partition_by("source", as_dict=True).items():
            found[str(source)] = {name: _unallocated(rows, name) for name in self.dimensions}
        return found


def _unallocated(rows: pl.DataFrame, dimension: str) -> Unallocated:
    nobody = rows.filter(pl.col(dimension).fill_null("").is_in(_NOBODY))
    return Unallocated(int(nobody["rows"].sum()), int(rows["rows"].sum()), _by_currency(nobody), _by_currency(rows))


def _by_currency(rows: pl.DataFrame) -> dict[str, Decimal]:
    return dict(rows.group_by("currency").agg(pl.col("EffectiveCost").sum()).sort("currency").iter_rows())


def _of(
    source: str, now: Sequence[Known], before: Sequence[Known], unallocated: Mapping[str, Unallocated]
) -> SourceQuality:
    newest = max(now, key=lambda period: period.costs_version)
    quality, earlier = _sum(now), _sum(before)
    changed = {
        rule: change
        for rule in sorted({*quality.violations, *earlier.violations})
        if (change := _rows(quality, rule) - _rows(earlier, rule))
    }
    return SourceQuality(
        source=source,
        first=min(period.billing_period for period in now),
        last=max(period.billing_period for period in now),
        collected_at=newest.written_at,
        complete_through=reach(period.completeness for period in now).through,
        quality=quality,
        uncounted=tuple(sorted(period.billing_period for period in now if period.quality is None)),
        is_first_delivery=not before,
        changed=changed if before else {},
        delivered=tuple(sorted(one.billing_period for one in now if one.costs_version == newest.costs_version)),
        repaired=newest.repaired,
        unallocated=unallocated,
    )


def _sum(periods: Sequence[Known]) -> Quality:
    with localcontext(EXACT):
        return sum((period.quality for period in periods if period.quality is not None), Quality())


def _rows(quality: Quality, rule: str) -> int:
    found = quality.violations.get(rule)
    return found.rows if found else 0
