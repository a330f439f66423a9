"""The daily cost series of every policy and group, from one plan for all policies together.

Conditions over columns of ``scopes`` are evaluated on ``scopes`` alone, and all series are summed in one read of
``costs_daily``. Conditions that name other columns (ResourceId, SkuId, a raw tag) share one scan of single rows, summed
by the columns that those conditions name; from there on both are treated alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import narwhals as nw

from finops.evaluate.aggregation.frames import Frames
from finops.evaluate.aggregation.reads import Reads
from finops.evaluate.array_kernel.assignment import SharedSelections
from finops.evaluate.policy_fault import FAULTS, STORES, PolicyFault, failing, scope_fault
from finops.evaluate.selection import Plan, SeriesRequest, Values
from finops.evaluate.series.daily_sums import NOTHING, Daily
from finops.evaluate.series.groups import Group, GroupKey
from finops.evaluate.series.rollup_cache import MOST_ROWS, RollupCache
from finops.evaluate.series.row_cache import RowCache
from finops.model.data_version import DataVersion
from finops.model.period import Period
from finops.policy.envelope import Envelope
from finops.ports.lake import COSTS, Marks

_DAY = timedelta(days=1)


@dataclass(slots=True)
class GroupSeries:
    """``sources``: every source with rows in the group, ever. ``seen``: rows within ``LOOK_BACK``."""

    sources: set[str] = field(default_factory=set)
    seen: bool = False
    daily: Daily = field(default_factory=lambda: NOTHING)
    parts: Mapping[str, Mapping[Values, Daily]] = field(default_factory=dict)


SeriesByPolicy = list[dict[GroupKey, GroupSeries] | PolicyFault]
"""One entry a policy, in the order asked; of one whose rows cannot be selected, why."""


class SeriesCache:
    """The daily series that evaluations of one lake have summed so far. Bounded: above ``most_rows`` everything is
    dropped and read again.

    Not thread-safe.
    """

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self._version = DataVersion()
        self._marks: Marks | None = None
        self._columns: frozenset[str] = frozenset()
        self._rollup = RollupCache(most_rows=most_rows)
        self._rows = RowCache(most_rows=most_rows)
        self.plan = Plan.of([])
        self.by_row: frozenset[int] = frozenset()
        """Places in the plan whose selections needed single rows."""
        self.shared: list[SharedSelections] = []
        """Selections over columns of ``scopes`` that were evaluated together."""
        self.reads = Reads()
        """Of the latest evaluation."""
        self._failed: frozenset[str] = frozenset()
        """The requests that failed in the latest evaluation: they are tried alone before they join the others again."""

    @property
    def marks(self) -> Marks | None:
        """Of the latest evaluation; None before the first."""
        return self._marks

    def _marks_of(self, frames: Frames) -> Marks:
        """The same version of the tables has the same marks: no log has to be read for them."""
        version = frames.version
        if self._marks is None or self._version != version or None in (version.costs, version.costs_daily):
            self._version = version
            return frames.marks()
        return self._marks

    def query(self, frames: Frames, wanted: Sequence[SeriesRequest], *, today: date) -> SeriesByPolicy:
        """Groups of each policy with sources and daily costs up to ``today``, in each row's own currency.

        A request that fails over a lake that can be read is a ``PolicyFault``. Raises what reading the lake raises.
        """

        def alone(some: Sequence[tuple[int, SeriesRequest]]) -> None:
            query_all = SeriesCache()._query  # noqa: SLF001 - of this class; what fails leaves nothing behind
            query_all(frames, [one for _, one in some], today=today)

        numbered = list(enumerate(wanted))
        doubtful = [one for one in numbered if self._failed and repr(one[1]) in self._failed]
        failed = {place: error for one in doubtful for (place, _), error in failing([one], alone)}
        together = [one for one in numbered if one[0] not in failed]
        try:
            found = self._query(frames, [one for _, one in together], today=today)
        except STORES:
            raise
        except FAULTS:
            self._check_lake(frames, today)
            failed |= {place: error for (place, _), error in failing(together, alone)}
            together = [one for one in numbered if one[0] not in failed]
            found = self._query(frames, [one for _, one in together], today=today)
        self._failed = frozenset(repr(wanted[place]) for place in failed)
        sound = iter(found)
        return [scope_fault(failed[place]) if place in failed else next(sound) for place, _ in numbered]

    def _check_lake(self, frames: Frames, today: date) -> None:
        """Raises what reading the tables raises, whoever asks for what."""
        any_row = SeriesRequest(Envelope(None, COSTS[0], (), None, 1, (), ()), Period(today, today + _DAY))
        SeriesCache()._query(frames, [any_row], today=today)  # noqa: SLF001 - of this class
        if self.by_row and self._marks is not None:
            frames.fetch(frames.rows([], [None], self._marks.periods).select(nw.len()))

    def _query(self, frames: Frames, wanted: Sequence[SeriesRequest], *, today: date) -> SeriesByPolicy:
        self.plan, self.reads = plan, reads = Plan.of(wanted), Reads()
        marks = self._marks_of(frames)
        if self._marks is None or self._marks.scopes != marks.scopes:
            self._columns = frozenset(frames.scopes().collect_schema().names())
        self._marks, columns = marks, self._columns
        by_scope = {one: first for one, first in plan.firsts if one.columns <= columns}
        by_row = {one: first for one, first in plan.firsts if one not in by_scope}
        self.by_row = frozenset(place for place, one in enumerate(plan.selections) if one in by_row)
        found = self._rollup.groups(frames, marks, by_scope, plan.costs, today=today, reads=reads) if by_scope else {}
        self.shared = self._rollup.shared
        if by_row:
            found |= self._rows.groups(frames, marks, by_row, plan.costs, today=today, reads=reads)
        return [
            {key: _group_series(group, one, today) for key, group in found[plan.selections[place]].items()}
            for one, place in zip(wanted, plan.of_policy, strict=True)
        ]


def query_series(frames: Frames, wanted: Sequence[SeriesRequest], *, today: date) -> SeriesByPolicy:
    """The series of each request, read without a cache."""
    return SeriesCache().query(frames, wanted, today=today)


def visible_days(window: Period | None, today: date) -> Period | None:
    """The days of ``window`` up to ``today``; None where there are none."""
    if window is None or window.start > today:
        return None
    return Period(window.start, min(window.end, today + _DAY))


def _group_series(group: Group, wanted: SeriesRequest, today: date) -> GroupSeries:
    shown = visible_days(wanted.window, today)
    if shown is None:
        return GroupSeries(group.sources, group.seen)
    costs = tuple(dict.fromkeys((wanted.envelope.cost, *wanted.costs)))
    daily, parts = group.within(shown, costs)
    if not wanted.split_by:
        return GroupSeries(group.sources, group.seen, daily)
    if not wanted.costs:
        return GroupSeries(group.sources, group.seen, daily, parts)
    return GroupSeries(group.sources, group.seen, daily, {cost: parts[cost] for cost in wanted.costs if cost in parts})
