"""Which late providers and accounts of a source belong to a group: the others do not hold its verdict back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from finops.evaluate.series.groups import GroupKey
from finops.model.completeness import PART_COLUMNS
from finops.model.source_freshness import SourceFreshness
from finops.policy.envelope import Envelope
from finops.ports.lake import LakeView

_PART = "\0part"
"""No column of a bill or dimension is called so."""


class LateParts:
    """Of one view. The scopes of a late part are read once, and only where something is late."""

    def __init__(self, view: LakeView) -> None:
        self._view = view
        self._scopes: dict[tuple[tuple[str, str], ...], pl.DataFrame] = {}

    def of(self, envelope: Envelope, freshness: Sequence[SourceFreshness]) -> LateInScope:
        """Raises what reading the lake raises."""
        late = tuple((source.source, part) for source in freshness for part, _ in source.late)
        if not late:
            return LateInScope({})
        if late not in self._scopes:
            self._scopes[late] = self._read(late)
        scopes = self._scopes[late]
        if not envelope.columns <= set(scopes.columns):
            return LateInScope(dict.fromkeys(late))
        if envelope.condition is not None:
            scopes = scopes.filter(envelope.condition.expression())
        keys = [pl.col(name).fill_null("") for name in envelope.group_by]
        found: dict[tuple[str, str], set[GroupKey] | None] = {one: set() for one in late}
        for source, part, *key in scopes.select(pl.col("source").alias("\0source"), _PART, *keys).unique().iter_rows():
            of_part = found[source, part]
            assert of_part is not None  # noqa: S101 - filled above
            of_part.add(tuple(key))
        return LateInScope(found)

    def _read(self, late: Sequence[tuple[str, str]]) -> pl.DataFrame:
        scopes = self._view.scopes()
        present = scopes.collect_schema()
        named = {kind: [pl.col(name) for name in columns if name in present] for kind, columns in PART_COLUMNS.items()}
        names = [pl.format(f"{kind} {{}}", pl.coalesce(columns)) for kind, columns in named.items() if columns]
        parts = [
            scopes.filter(
                (pl.col("source") == source) & pl.any_horizontal(name == part for name in names)
            ).with_columns(pl.lit(part).alias(_PART))
            for source, part in late
        ]
        return pl.concat(parts).collect()


class LateInScope:
    """Of one policy."""

    def __init__(self, groups: Mapping[tuple[str, str], set[GroupKey] | None]) -> None:
        """``groups``: source and late part -> the groups with rows of it; None: it may be any."""
        self._groups = groups

    def narrowed(self, source: SourceFreshness, group: GroupKey) -> SourceFreshness:
        """``source`` as far as its late parts concern this group."""
        held = {part: self._groups[source.source, part] for part, _ in source.late}
        return source.with_late_only([part for part, groups in held.items() if groups is None or group in groups])
