"""Costs that outgrew the demand they serve, found without any policy."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, cast

from finops.model.finding import Driver, Group, group_label
from finops.model.period import Period
from finops.model.wording import count_text


def radar_id(group: Group) -> str:
    """The same in every process, as long as the columns and their values are the same."""
    return "r-" + hashlib.sha256(group_label(group).encode()).hexdigest()[:10]


class Outcome(StrEnum):
    """``beyond``: cost outgrew every series that plausibly drives it. ``explained``: some, but one of them explains it.
    ``growing``: cost grew, and no series plausibly drives it."""

    BEYOND = "beyond"
    EXPLAINED = "explained"
    GROWING = "growing"


@dataclass(frozen=True, slots=True)
class RadarPair:
    """A group held against one ``demand`` series, empty for its cost alone. Growth is that of a mean week of the window
    over one of the window before it; ``low`` and ``high`` are the 90 % interval of ``excess``, None where a positive
    one was never in question. ``relation``: share of the history's variance that the series explains.
    ``per_month``: what the last four weeks cost beyond demand. ``since``: when cost left demand in a step."""

    demand: str
    cost_growth: float
    demand_growth: float
    p: float
    found: bool
    relation: float
    per_month: Decimal
    low: float | None = None
    high: float | None = None
    since: date | None = None

    @property
    def excess(self) -> float:
        return self.cost_growth - self.demand_growth


@dataclass(frozen=True, slots=True)
class RadarGroup:
    """``pairs``: every series it was held against; ``leading`` is the one that the amounts are of. ``cost``: what a
    month costs at the rate of the last four weeks. ``ahead``: what ``pairs[leading].per_month`` adds up to by
    ``Radar.ahead_to``. ``hint``: what to do about a missing series. ``policy``: the text of a Growth policy."""

    group: Group
    outcome: Outcome
    pairs: tuple[RadarPair, ...]
    leading: int
    cost: Decimal
    ahead: Decimal
    settled_through: date
    drivers: tuple[Driver, ...] = ()
    hint: str = ""
    policy: str = ""

    @property
    def lead(self) -> RadarPair:
        return self.pairs[self.leading]

    @property
    def explained_by(self) -> RadarPair | None:
        """The series that cost is in step with, where there is one."""
        rest = [pair for pair in self.pairs if not pair.found]
        return max(rest, key=lambda pair: (pair.p, pair.demand)) if rest else None

    @property
    def id(self) -> str:
        return radar_id(self.group)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """What the radar says nothing about. ``demand`` is empty for a whole group; ``cost`` None where it is unknown."""

    group: Group
    demand: str
    why: str
    detail: str
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Level:
    """``pairs``: judged against a series. ``groups`` with a cost; ``in_step``: those that outgrew nothing. ``cost``: a
    month of all of them at the rate of the last four weeks, None where a rate is missing. All None for who may not see
    all groups."""

    columns: tuple[str, ...]
    groups: int | None = None
    pairs: int | None = None
    in_step: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Radar:
    """``window``: the days compared with as many before them, of a group that is settled through its last day.
    ``found`` is ranked by money a month."""

    as_of: datetime
    currency: str
    window: Period
    ahead_to: date
    series: tuple[str, ...]
    levels: tuple[Level, ...]
    found: tuple[RadarGroup, ...]
    unjudged: tuple[Unjudged, ...]

    @property
    def pairs(self) -> int:
        return sum(level.pairs or 0 for level in self.levels)

    def of_level(self, columns: Sequence[str], outcome: Outcome | None = None) -> list[RadarGroup]:
        return [
            one for one in self.found if set(one.group) == set(columns) and (outcome is None or one.outcome is outcome)
        ]

    def only_of(self, columns: Sequence[str]) -> Radar:
        """One level of it."""
        return replace(
            self,
            levels=tuple(level for level in self.levels if set(level.columns) == set(columns)),
            found=tuple(self.of_level(columns)),
            unjudged=tuple(one for one in self.unjudged if set(one.group) == set(columns)),
        )

    def unjudged_text(self) -> str:
        """``12 pairs were not judged: 10 too short a history, 2 demand is missing``; empty where all were."""
        if not self.unjudged:
            return ""
        reasons = Counter(one.why for one in self.unjudged).most_common()
        was = "was" if len(self.unjudged) == 1 else "were"
        told = ", ".join(f"{number:,} {why}" for why, number in reasons)
        return f"{count_text(len(self.unjudged), 'group or pair', 'groups or pairs')} {was} not judged: {told}"

    def only(self, keep: Callable[[Group], bool], column: str) -> Radar:
        """The groups that ``keep`` takes, by a value of ``column``; without counts and sums that hold others."""
        return replace(
            self,
            levels=tuple(Level(level.columns) for level in self.levels if column in level.columns),
            found=tuple(one for one in self.found if keep(one.group)),
            unjudged=tuple(one for one in self.unjudged if keep(one.group)),
        )

    def to_json(self) -> dict[str, Any]:
        return cast("dict[str, Any]", _adapter().dump_python(self, mode="json"))

    @classmethod
    def from_json(cls, data: object) -> Radar:
        """The inverse of ``to_json``. Raises ``ValueError`` for anything else."""
        return cast("Radar", _adapter().validate_python(data))


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter  # noqa: PLC0415 - most commands read no radar

    return TypeAdapter(Radar)
