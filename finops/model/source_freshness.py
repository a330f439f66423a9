"""How far a source's data reaches, and how its last collection went."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from finops.model.untrusted import one_line


@dataclass(frozen=True, slots=True)
class SourceFreshness:
    """What is known about one source at one moment (all times UTC; None = never).

    ``delivered_at``: end of its last successful collection, whether or not it brought anything new.
    ``complete_through``: how far its usage has arrived (``finops.model.completeness``), up to ``delivered_at``.
    ``late``: the providers and accounts in it that hold that up, with how far each reaches; ``on_time_through``: how
    far the others do.
    ``estimated_from``: what it delivered for this UTC day and later ones is the provider's own estimate.
    """

    source: str
    kind: str
    delivered_at: datetime | None
    complete_through: datetime | None
    up: bool = True
    error: str = ""
    estimated_from: date | None = None
    late: tuple[tuple[str, datetime], ...] = ()
    on_time_through: datetime | None = None

    def with_late_only(self, parts: Collection[str]) -> SourceFreshness:
        """The source as a scope sees it that holds only these of the late providers and accounts."""
        late = tuple((name, moment) for name, moment in self.late if name in parts)
        if len(late) == len(self.late) or self.on_time_through is None:
            return self
        through = min([self.on_time_through, *(moment for _, moment in late)])
        return replace(self, complete_through=through, late=late)

    def held_up_by(self) -> str:
        """What stands behind a moment, such as `` (account 4711 reaches 2026-03-09)``; empty where nothing is late."""
        told = [f"{one_line(name, 80)} reaches {moment.astimezone(UTC):%Y-%m-%d}" for name, moment in self.late]
        return f" ({', '.join(told)})" if told else ""

    def settled_until(self, as_of: datetime, settling: timedelta) -> datetime | None:
        """Days that end at or before this moment are settled in this source.

        A day is settled when it ended longer ago than ``settling``, the source delivered after that, and the
        delivered rows reach the day's end (a source that answers with nothing new settles nothing), and the provider
        does not call it an estimate.
        """
        if self.delivered_at is None or self.complete_through is None:
            return None
        settled = min(as_of - settling, self.delivered_at - settling, self.complete_through)
        if self.estimated_from is None:
            return settled
        return min(settled, datetime(*self.estimated_from.timetuple()[:3], tzinfo=UTC))


def last_settled_day(moment: datetime) -> date:
    """The last whole day that ends at or before ``moment``, in the moment's own time zone."""
    return moment.date() - timedelta(days=1)
