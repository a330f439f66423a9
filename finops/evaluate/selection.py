"""Which rows a policy looks at, and what tells them apart: policies that agree on both share one series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from finops.conditions import Condition
from finops.model.period import Period
from finops.policy.envelope import Envelope

Values = tuple[str, ...]
"""Values of the columns that tell groups, or parts of a group, apart, in their order; the empty text is no value."""


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """What one policy asks of the lake. ``window``: days whose costs it sums; None: only who matches.

    ``split_by`` and ``costs``: see ``Needs``.
    """

    envelope: Envelope
    window: Period | None
    split_by: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()

    @property
    def selection(self) -> Selection:
        return Selection(self.envelope.condition, self.envelope.group_by, self.split_by)


@dataclass(frozen=True, slots=True)
class Selection:
    """``condition``: None takes every row. ``group_by`` and ``split_by``: text columns whose values make a group, and
    the parts of a group."""

    condition: Condition | None
    group_by: tuple[str, ...]
    split_by: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.group_by, *self.split_by)

    @property
    def columns(self) -> frozenset[str]:
        named = self.condition.required_columns if self.condition is not None else frozenset()
        return named | set(self.keys)


@dataclass(frozen=True, slots=True)
class Plan:
    """``selections``: each once. ``of_policy``: the place of each policy's selection. ``first``: the first day whose
    costs are needed of each selection; None: only who matches. ``costs``: the cost columns that anyone sums."""

    selections: tuple[Selection, ...]
    of_policy: tuple[int, ...]
    first: tuple[date | None, ...]
    costs: tuple[str, ...]

    @property
    def firsts(self) -> Iterator[tuple[Selection, date | None]]:
        return zip(self.selections, self.first, strict=True)

    @classmethod
    def of(cls, wanted: Sequence[SeriesRequest]) -> Plan:
        places: dict[Selection, int] = {}
        of_policy = tuple(places.setdefault(one.selection, len(places)) for one in wanted)
        first: list[date | None] = [None] * len(places)
        for one, place in zip(wanted, of_policy, strict=True):
            if one.window is not None:
                first[place] = min(one.window.start, first[place] or date.max)
        costs = {cost for one in wanted if one.window for cost in (one.envelope.cost, *one.costs)}
        return cls(tuple(places), of_policy, tuple(first), tuple(sorted(costs)))
