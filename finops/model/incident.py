"""Incidents of anomalies: days out of line with a group's past, from the first of them until something ends it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from finops.model.finding import Group, group_label
from finops.model.money import EXACT, Money

ACCEPTED_SPAN = timedelta(days=7)
"""A level that was accepted is learnt in so many days: until then none of them begins an incident."""

IncidentKey = tuple[str, tuple[tuple[str, str], ...]]
"""A policy's name and a group."""


def incident_key(policy: str, group: Group) -> IncidentKey:
    return policy, tuple(sorted(group.items()))


class IncidentEnd(StrEnum):
    RETURNED = "returned"
    """A day was like the days before the incident."""
    ACCEPTED = "accepted"
    """Somebody accepted the new level, or the policy's ``accepted`` does."""
    WITHDRAWN = "withdrawn"
    """Nothing says that the cost returned: the policy, the group or the reason to call it an incident is gone."""


@dataclass(frozen=True, slots=True)
class AcceptedLevel:
    """``since``: the first day of a level that is meant to stay. ``by``: who accepted it, and ``on`` which day; empty
    and None for a policy file."""

    since: date
    reason: str
    by: str = ""
    on: date | None = None

    @property
    def learnt(self) -> date:
        """The first day that may begin an incident again: what was seen when it was accepted was accepted."""
        learnt = self.since + ACCEPTED_SPAN
        return max(learnt, self.on + timedelta(days=1)) if self.on else learnt

    def covers(self, first: date) -> bool:
        """Whether an incident that begins on ``first`` is the beginning of this level."""
        return self.since <= first < self.learnt

    def __str__(self) -> str:
        return f"accepted{f' by {self.by}' if self.by else ''} since {self.since}: {self.reason}"


@dataclass(frozen=True, slots=True)
class KnownIncidents:
    """What the state knows of one group: first days of incidents that are open, and accepted levels."""

    open: tuple[date, ...] = ()
    accepted: tuple[AcceptedLevel, ...] = ()


NO_INCIDENTS = KnownIncidents()


@dataclass(frozen=True, slots=True)
class IncidentDay:
    """What a day of an incident cost and was expected to cost."""

    cost: Decimal
    expected: Decimal

    @property
    def excess(self) -> Decimal:
        """Below zero for a drop."""
        return EXACT.subtract(self.cost, self.expected)


@dataclass(frozen=True, slots=True)
class SightedIncident:
    """An incident as one evaluation sees it. ``until``: the first day that was as usual again, None while it is open.
    ``days``: those that were judged; of a long incident some in the middle are not."""

    since: date
    until: date | None
    days: Mapping[date, IncidentDay]


@dataclass(frozen=True, slots=True)
class EndedLevel:
    """How an incident that began on ``since`` ended, where its days do not tell."""

    since: date
    end: IncidentEnd
    reason: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """Everything that an evaluation says of the incidents of one group. ``currency``: of all amounts."""

    currency: str
    incidents: tuple[SightedIncident, ...] = ()
    ended: tuple[EndedLevel, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as the state keeps it. ``alert_id``: of its policy and group. ``seen_at``: when an evaluation first
    saw it. ``until``, ``ended_at``, ``end``: None while it is open; ``until`` where no day was as usual again, too.
    ``actor``: who accepted the level, empty where nobody did. ``reason``: in whose words why it ended."""

    id: str
    policy: str
    kind: str
    policy_digest: str
    group: Group
    owner: str
    alert_id: str
    since: date
    currency: str
    days: Mapping[date, IncidentDay]
    seen_at: datetime
    until: date | None = None
    ended_at: datetime | None = None
    end: IncidentEnd | None = None
    actor: str = ""
    reason: str = ""

    @property
    def key(self) -> IncidentKey:
        return incident_key(self.policy, self.group)

    @property
    def is_open(self) -> bool:
        return self.end is None

    @property
    def group_label(self) -> str:
        return group_label(self.group)

    @property
    def last(self) -> date:
        """The last day that is known to belong to it."""
        return max(self.days)

    @property
    def peak_day(self) -> date:
        return max(sorted(self.days), key=lambda day: abs(self.days[day].excess))

    @property
    def peak(self) -> Money:
        """What the day farthest from its expected cost cost."""
        return Money(self.days[self.peak_day].cost, self.currency)

    @property
    def excess(self) -> Money:
        """Cost above the expected cost, all days together; below zero for a drop."""
        total = Decimal(0)
        for day in self.days.values():
            total = EXACT.add(total, day.excess)
        return Money(total, self.currency)

    def to_json(self) -> dict[str, Any]:
        """The form of the API: days and times ISO 8601, ``until`` exclusive, amounts as decimal text."""
        peak, excess = self.peak, self.excess
        return {
            "id": self.id,
            "policy": self.policy,
            "kind": self.kind,
            "group": dict(self.group),
            "owner": self.owner,
            "alert_id": self.alert_id,
            "since": self.since.isoformat(),
            "last": self.last.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "currency": self.currency,
            "peak": str(peak.amount),
            "peak_day": self.peak_day.isoformat(),
            "excess": str(excess.amount),
            "seen_at": self.seen_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "end": self.end.value if self.end else None,
            "actor": self.actor,
            "reason": self.reason,
        }


def incident_id(policy: str, group: Group, since: date) -> str:
    """Of an incident that is first seen as one that began on ``since``."""
    parts = json.dumps([policy, sorted(group.items()), since.isoformat()])
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
