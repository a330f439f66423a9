"""The moment of an evaluation, in the days that people count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from finops.model.calendar import DaysOff
from finops.model.evaluation import Settings
from finops.model.source_freshness import SourceFreshness, last_settled_day

GRACE = timedelta(days=1)
"""How long after ``settling`` a source may take to bring a day before it counts as late: sources deliver daily."""


@dataclass(frozen=True)
class Moment:
    """``as_of`` (aware) under ``settings``; days are days of ``settings.timezone``.

    Every group of every policy asks the same questions: each is answered once.
    """

    as_of: datetime
    settings: Settings

    @cached_property
    def today(self) -> date:
        return self.as_of.astimezone(self.settings.timezone).date()

    @cached_property
    def days_off(self) -> DaysOff:
        """Public holidays of the years around today."""
        return self.settings.calendar.around(self.today)

    def end_of(self, day: date) -> datetime:
        """When ``day`` ends, in UTC."""
        if day not in self._ends:
            self._ends[day] = self._end(day)
        return self._ends[day]

    @cached_property
    def _ends(self) -> dict[date, datetime]:
        return {}

    def _end(self, day: date) -> datetime:
        midnight = datetime.combine(day + timedelta(days=1), time(), self.settings.timezone)
        return midnight.astimezone(UTC)

    def settled_through(self, source: SourceFreshness) -> date | None:
        """The last day that is settled in ``source``; None when there is none."""
        if source not in self._settled:
            self._settled[source] = self._last_settled(source)
        return self._settled[source]

    @cached_property
    def _settled(self) -> dict[SourceFreshness, date | None]:
        return {}

    def _last_settled(self, source: SourceFreshness) -> date | None:
        until = source.settled_until(self.as_of, self.settings.settling)
        return last_settled_day(until.astimezone(self.settings.timezone)) if until is not None else None

    @cached_property
    def last_day_due(self) -> date:
        """The last day that every source must have delivered by now: it ended ``settling`` and a day of grace ago."""
        due = self.as_of - self.settings.settling - GRACE
        return last_settled_day(due.astimezone(self.settings.timezone))

    def reaches(self, source: SourceFreshness, day: date) -> bool:
        """Whether ``source`` has delivered up to the end of ``day``."""
        return source.complete_through is not None and source.complete_through >= self.end_of(day)
