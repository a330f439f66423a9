"""Which emissions belong to which policy and group, by day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

import polars as pl

from finops.conditions import Condition
from finops.evaluate.judgement.group_data import GroupEmissions
from finops.evaluate.judgement.moment import Moment
from finops.evaluate.policy_fault import of_scope
from finops.evaluate.series.groups import LOOK_BACK, GroupKey
from finops.model.money import EXACT
from finops.model.period import Period
from finops.policy.envelope import Envelope
from finops.ports.lake import LakeView


class EmissionHistory:
    """All emissions of one data version, read when a policy first asks and added up once for all moments."""

    def __init__(self, view: LakeView) -> None:
        self._view = view
        self._series: dict[tuple[Condition | None, tuple[str, ...]], dict[GroupKey, _Series]] = {}

    def read(self) -> None:
        """Raises what reading the lake raises, so that no policy is blamed for it."""
        _ = self.rows

    @cached_property
    def rows(self) -> pl.DataFrame:
        return self._view.emissions().collect()

    @cached_property
    def days(self) -> Mapping[str, list[date]]:
        """source -> every day that it has said something about, in order."""
        days = self.rows.group_by("source").agg(pl.col("day").unique().sort())
        return dict(days.sort("source").iter_rows())

    def series(self, envelope: Envelope) -> Mapping[GroupKey, _Series]:
        """By key, in order."""
        asked = envelope.condition, envelope.group_by
        if asked not in self._series:
            self._series[asked] = self._summed(envelope)
        return self._series[asked]

    def _summed(self, envelope: Envelope) -> dict[GroupKey, _Series]:
        frame, condition = self.rows, envelope.condition
        missing = envelope.columns - set(frame.columns)
        rows = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(missing))
        if condition is not None:
            with of_scope():
                rows = rows.filter(condition.expression())
        found: dict[GroupKey, _Series] = {}
        keys = [pl.col(name).fill_null("").alias(f"group {name}") for name in envelope.group_by]
        sums = rows.group_by(*keys, pl.col("source").alias("of"), "day").agg(pl.col("grams").sum()).sort("day")
        for *key, source, day, grams in sums.iter_rows():
            found.setdefault(tuple(key), _Series()).add(source, day, grams)
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class Emissions:
    """What had been emitted at one moment; ``every`` is read once for all policies and moments."""

    every: EmissionHistory
    moment: Moment

    def groups(self, envelope: Envelope, window: Period) -> Mapping[GroupKey, GroupEmissions]:
        """Groups with emissions within ``LOOK_BACK``, by key in order; ``()`` alone where there is none.

        A configured source that never delivered anything could hold some of every group whose source is not said.
        """
        today = self.moment.today
        recent = today - LOOK_BACK
        kept = {
            key: one
            for key, one in self.every.series(envelope).items()
            if one.days[0] <= today and (not envelope.group_by or one.newest(today) > recent)
        }
        silent = self._silent(envelope)
        return {key: self._emitted(one, window, silent) for key, one in (kept or {(): _Series()}).items()}

    @cached_property
    def _covered(self) -> Mapping[str, frozenset[date]]:
        """source -> every day that it has said something about."""
        today = self.moment.today
        known = {source: days[: bisect_right(days, today)] for source, days in self.every.days.items()}
        return {source: frozenset(days) for source, days in known.items() if days}

    def _silent(self, envelope: Envelope) -> tuple[str, ...]:
        condition = envelope.condition
        return tuple(
            name
            for name in sorted(self.moment.settings.emissions)
            if name not in self._covered and (condition is None or condition.may_hold({"source": name}))
        )

    def _emitted(self, one: _Series, window: Period, silent: Sequence[str]) -> GroupEmissions:
        today = self.moment.today
        covered = {source: self._covered[source] for source, first in sorted(one.since.items()) if first <= today}
        return GroupEmissions(grams=one.within(window, today), covered=covered, silent=tuple(silent))


@dataclass(slots=True)
class _Series:
    """``since``: each source's first day. ``days``: in order; ``grams``: what all sources say of each."""

    since: dict[str, date] = field(default_factory=dict)
    days: list[date] = field(default_factory=list)
    grams: dict[date, Decimal] = field(default_factory=dict)

    def add(self, source: str, day: date, grams: Decimal) -> None:
        """Day after day."""
        self.since.setdefault(source, day)
        if not self.days or self.days[-1] != day:
            self.days.append(day)
        self.grams[day] = EXACT.add(self.grams.get(day, Decimal(0)), grams)

    def newest(self, today: date) -> date:
        return self.days[bisect_right(self.days, today) - 1]

    def within(self, window: Period, today: date) -> dict[date, Decimal]:
        first, end = bisect_left(self.days, window.start), bisect_right(self.days, today)
        return {day: self.grams[day] for day in self.days[first:end] if day in window}
