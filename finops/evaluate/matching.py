"""Which rows belong to which policy and group, and what they cost: one plan for all policies together.

Conditions over columns of ``scopes`` are looked at on ``scopes`` alone, and all series together are added up in one
read of ``costs_daily``. Conditions that name other columns (ResourceId, SkuId, a raw tag) share one scan of
single rows, which is summed up by what those conditions name; after that they are treated alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from finops.evaluate.choosing import Together
from finops.evaluate.cost_memory import CostMemory
from finops.evaluate.daily_sums import NOTHING
from finops.evaluate.facts import Daily, Values
from finops.evaluate.frames import Frames
from finops.evaluate.groups import Group, GroupKey
from finops.evaluate.judged import Verdicts
from finops.evaluate.newest import Newest
from finops.evaluate.reads import Reads
from finops.evaluate.rollup_memory import MOST_ROWS, RollupMemory
from finops.evaluate.row_memory import RowMemory
from finops.evaluate.selection import Plan, Wanted
from finops.evaluate.unknown_costs import UnknownCosts
from finops.model.data_version import DataVersion
from finops.model.period import Period
from finops.ports.lake import Marks

if TYPE_CHECKING:  # drivers look at what is gathered by this memory
    from finops.evaluate.drivers import Drive

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Matched:
    """``sources``: every source with rows in the group, ever. ``seen``: rows within ``LOOK_BACK``."""

    sources: set[str] = field(default_factory=set)
    seen: bool = False
    daily: Daily = field(default_factory=lambda: NOTHING)
    parts: Mapping[str, Mapping[Values, Daily]] = field(default_factory=dict)


Matches = list[dict[GroupKey, Matched]]
"""One entry a policy, in the order asked."""


class Memory:
    """What evaluations of one lake have read so far. Bounded: what is too much is forgotten, and read again.

    Not for two threads at once.
    """

    def __init__(self, *, most_rows: int = MOST_ROWS) -> None:
        self._version = DataVersion()
        self._marks: Marks | None = None
        self._columns: frozenset[str] = frozenset()
        self.rollup = RollupMemory(most_rows=most_rows)
        self._rows = RowMemory(most_rows=most_rows)
        self.costs = CostMemory(most_rows=most_rows)
        """What everything costs."""
        self.drives: Newest[list[Drive]] = Newest()
        """What drove the verdicts that fire, as long as they are the same ones over the same bills."""
        self.verdicts = Verdicts()
        self.sources: Newest[frozenset[str]] = Newest()
        """Those with a row in the lake."""
        self.unknown_costs: Newest[UnknownCosts] = Newest()
        """Rows that lack the cost that a policy sums."""
        self.plan = Plan.of([])
        self.by_row: frozenset[int] = frozenset()
        """Places in the plan whose selections needed single rows."""
        self.together: list[Together] = []
        """Selections over columns of ``scopes`` that were looked at together."""
        self.reads = Reads()
        """Of the newest evaluation."""

    @property
    def marks(self) -> Marks | None:
        """Of the newest evaluation; None before the first."""
        return self._marks

    def _marks_of(self, frames: Frames) -> Marks:
        """The same version of the tables has the same marks: no log has to be read for them."""
        version = frames.version
        if self._marks is None or self._version != version or None in (version.costs, version.costs_daily):
            self._version = version
            return frames.marks()
        return self._marks

    def match(self, frames: Frames, wanted: Sequence[Wanted], *, today: date) -> Matches:
        """Groups of each policy with sources and daily costs up to ``today``, in each row's own currency."""
        self.plan, self.reads = plan, reads = Plan.of(wanted), Reads()
        marks = self._marks_of(frames)
        if self._marks is None or self._marks.scopes != marks.scopes:
            self._columns = frozenset(frames.scopes().collect_schema().names())
        self._marks, columns = marks, self._columns
        by_scope = {one: first for one, first in plan.firsts if one.columns <= columns}
        by_row = {one: first for one, first in plan.firsts if one not in by_scope}
        self.by_row = frozenset(place for place, one in enumerate(plan.selections) if one in by_row)
        found = self.rollup.groups(frames, marks, by_scope, plan.costs, today=today, reads=reads) if by_scope else {}
        self.together = self.rollup.together
        if by_row:
            found |= self._rows.groups(frames, marks, by_row, plan.costs, today=today, reads=reads)
        return [
            {key: _matched(group, one, today) for key, group in found[plan.selections[place]].items()}
            for one, place in zip(wanted, plan.of_policy, strict=True)
        ]


def match(frames: Frames, wanted: Sequence[Wanted], *, today: date) -> Matches:
    """What a memory says that knows nothing yet."""
    return Memory().match(frames, wanted, today=today)


def shown_of(window: Period | None, today: date) -> Period | None:
    """The days of ``window`` up to ``today``; None where there are none."""
    if window is None or window.start > today:
        return None
    return Period(window.start, min(window.end, today + _DAY))


def _matched(group: Group, wanted: Wanted, today: date) -> Matched:
    shown = shown_of(wanted.window, today)
    if shown is None:
        return Matched(group.sources, group.seen)
    costs = tuple(dict.fromkeys((wanted.envelope.cost, *wanted.costs)))
    daily, parts = group.within(shown, costs)
    if not wanted.split_by:
        return Matched(group.sources, group.seen, daily)
    if not wanted.costs:
        return Matched(group.sources, group.seen, daily, parts)
    return Matched(group.sources, group.seen, daily, {cost: parts[cost] for cost in wanted.costs if cost in parts})
