"""How far a source's bills have arrived: the rule behind ``complete_through``.

Only usage tells how far usage has arrived. A purchase, tax, credit or recurring fee may be dated weeks ahead, and what
is derived (the unused part of a commitment, a split cost) says nothing of its own. So, wherever a source has usage:

1. Rows of ordinary usage over a day or less count, by the UTC day on which they start. Nothing that starts after the
   collection counts, and no day ends after it.
2. A day counts as arrived where it has at least a twentieth of the rows of a usual day, and at least two where usual
   days have two. So no single misdated row moves the end. Where days have one row each, the newest may not lie further
   from the others than twice their widest gap.
3. The end is that of the newest day that has arrived.
4. Where a source holds several providers or accounts, and one of them that has a tenth of its usage falls further
   behind than it ever paused before, the source is complete only as far as that one; a scope without it is complete as
   far as the others. After ``SILENT_AFTER`` it is taken to have ended.

A source without such usage reaches as far as its charges do, of those that have begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import median

_DAY = timedelta(days=1)
_SHARE_OF_A_USUAL_DAY = 0.05
_RECENT = 14
"""Days with usage before a day, which tell what is usual."""

_FEW = 3
"""Gaps between days that are too few to tell what is usual."""

PART_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "provider": ("ServiceProviderName",),
    "account": ("SubAccountId", "BillingAccountId"),
}
"""The parts of a source, which may lag each by itself; each is named by the first of its columns that has a value."""

SILENT_AFTER = timedelta(days=14)
"""A provider or an account that has been silent for longer than this has ended; until then it is late."""


@dataclass(frozen=True, slots=True)
class UsageDay:
    """Rows of usage that start on one UTC day; ``end``: of their charge periods."""

    rows: int
    end: datetime


@dataclass(frozen=True, slots=True)
class PartReach:
    """How far the usage of one provider or account reaches. ``pause_days``: the longest from one of its days to the
    next."""

    through: datetime
    pause_days: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """Of one billing period of one source.

    ``usage``: by UTC day. ``charges_through``: the end of the newest charge that had begun when it was collected.
    ``parts``: the providers and accounts that have a tenth of the period's usage, by a name such as ``account 4711``;
    none where there is only one.
    """

    usage: Mapping[date, UsageDay] = field(default_factory=dict)
    charges_through: datetime | None = None
    parts: Mapping[str, PartReach] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reach:
    """``through``: how far all of a source has arrived, exclusive. ``late``: what holds it up, by name;
    ``on_time_through``: how far everything else reaches, None where nothing is late."""

    through: datetime | None
    late: Mapping[str, datetime] = field(default_factory=dict)
    on_time_through: datetime | None = None


def reach(periods: Iterable[Completeness]) -> Reach:
    """Of a source, from all its billing periods."""
    known = list(periods)
    usage: dict[date, UsageDay] = {}
    for period in known:
        for day, found in period.usage.items():
            other = usage.get(day)
            usage[day] = UsageDay(found.rows + other.rows, max(found.end, other.end)) if other else found
    newest = arrived(usage)
    if newest is None:
        return Reach(max((period.charges_through for period in known if period.charges_through), default=None))
    through = usage[newest].end
    parts: dict[str, PartReach] = {}
    for period in known:
        for name, part in period.parts.items():
            before = parts.get(name, part)
            parts[name] = PartReach(max(part.through, before.through), max(part.pause_days, before.pause_days))
    late = {name: part.through for name, part in sorted(parts.items()) if _is_late(part, through)}
    return Reach(min(late.values()), late, through) if late else Reach(through)


def arrived(usage: Mapping[date, UsageDay]) -> date | None:
    """The newest day whose usage has arrived (point 2 of the rule); None without any."""
    days = sorted(usage)
    while len(days) > 1 and not _has_arrived(usage, days):
        days.pop()
    return days[-1] if days else None


def _has_arrived(usage: Mapping[date, UsageDay], days: Sequence[date]) -> bool:
    """Whether the last of ``days`` is like those before it."""
    usual = median(usage[day].rows for day in days[-_RECENT - 1 : -1])
    if usage[days[-1]].rows < max(min(usual, 2), usual * _SHARE_OF_A_USUAL_DAY):
        return False
    return usual >= 2 or not _stands_apart(days[-_RECENT - 1 :])


def _stands_apart(days: Sequence[date]) -> bool:
    """Whether the last of single days lies far from all others."""
    gaps = pauses(days)
    return len(gaps) > _FEW and gaps[-1] > 2 * max(gaps[:-1])


def pauses(days: Sequence[date]) -> list[int]:
    """Days from each of ``days`` to the next."""
    return [(after - before).days for before, after in pairwise(days)]


def _is_late(part: PartReach, through: datetime) -> bool:
    behind = through - part.through
    return max(1, part.pause_days) * _DAY < behind <= SILENT_AFTER


def end_of(day: date) -> datetime:
    """Midnight UTC after ``day``."""
    return datetime.combine(day + _DAY, time(), UTC)
