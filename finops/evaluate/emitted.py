"""Which emissions belong to which policy and group, by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from finops.evaluate.envelope import Envelope
from finops.evaluate.facts import LOOK_BACK, Emitted
from finops.evaluate.matching import GroupKey
from finops.evaluate.moment import Moment
from finops.model.money import EXACT
from finops.model.period import Period
from finops.ports.lake import LakeView


@dataclass(frozen=True)
class Emissions:
    """The emissions of one data version, read once for all policies."""

    view: LakeView
    moment: Moment

    def groups(self, envelope: Envelope, window: Period) -> Mapping[GroupKey, Emitted]:
        """Groups with emissions within ``LOOK_BACK``, by key in order; ``()`` alone where there is none.

        A configured source that never delivered anything could hold some of every group whose source is not said.
        """
        frame, condition = self._rows, envelope.condition
        missing = envelope.columns - set(frame.columns)
        rows = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(missing))
        if condition is not None:
            rows = rows.filter(condition.expression())
        found: dict[GroupKey, _Sum] = {}
        keys = [pl.col(name).fill_null("").alias(f"group {name}") for name in envelope.group_by]
        sums = rows.group_by(*keys, pl.col("source").alias("of"), "day").agg(pl.col("grams").sum())
        for *key, source, day, grams in sums.iter_rows():
            found.setdefault(tuple(key), _Sum()).add(source, day, grams, window)
        recent = self.moment.today - LOOK_BACK
        kept = {key: one for key, one in sorted(found.items()) if one.newest > recent or not envelope.group_by}
        silent = self._silent(envelope)
        return {key: self._emitted(one, silent) for key, one in (kept or {(): _Sum()}).items()}

    @cached_property
    def _rows(self) -> pl.DataFrame:
        return self.view.emissions().filter(pl.col("day") <= self.moment.today).collect()

    @cached_property
    def _covered(self) -> Mapping[str, frozenset[date]]:
        """source -> every day that it has said something about."""
        days = self._rows.group_by("source").agg(pl.col("day").unique())
        return {source: frozenset(found) for source, found in days.iter_rows()}

    def _silent(self, envelope: Envelope) -> tuple[str, ...]:
        condition = envelope.condition
        return tuple(
            name
            for name in sorted(self.moment.settings.emissions)
            if name not in self._covered and (condition is None or condition.may_hold({"source": name}))
        )

    def _emitted(self, one: _Sum, silent: Sequence[str]) -> Emitted:
        covered = {source: self._covered[source] for source in sorted(one.sources)}
        return Emitted(grams=one.grams, covered=covered, silent=tuple(silent))


@dataclass(slots=True)
class _Sum:
    sources: set[str] = field(default_factory=set)
    newest: date = date.min
    grams: dict[date, Decimal] = field(default_factory=dict)

    def add(self, source: str, day: date, grams: Decimal, window: Period) -> None:
        self.sources.add(source)
        self.newest = max(self.newest, day)
        if day in window:
            self.grams[day] = EXACT.add(self.grams.get(day, Decimal(0)), grams)
