"""The life of an alert: one for each (policy, group)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from finops.model.finding import Finding, Group, Severity


class AlertState(StrEnum):
    """``inactive``: was pending and calmed down. ``pending``: fires, but for fewer evaluations than ``for`` asks.
    ``withdrawn``: its policy was removed while it fired; whether the cost came down, nobody has looked since."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class AlertStatus(StrEnum):
    """An alert as people see it: its state, and what they or its severity made of a firing one.

    ``escalated``: its severity rose since it began to fire. ``acknowledged``: somebody said that they know.
    ``silenced``: nobody is told of it for a while.
    """

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class ChangeReason(StrEnum):
    """Why an evaluation or a person changed an alert, or why an evaluation did not."""

    PENDING = "pending"
    """A verdict fires, not yet for as many evaluations as ``for`` asks."""
    CLEARED = "cleared"
    """The verdict became ok before the alert fired."""
    FIRED = "fired"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    TOLD_AGAIN = "told_again"
    """It goes on firing, and a receiver is told again or for the first time."""
    RESOLVED = "resolved"
    POLICY_REMOVED = "policy_removed"
    GROUP_GONE = "group_gone"
    ACKNOWLEDGED = "acknowledged"
    """Somebody knows of it: no repeats until it escalates or resolves."""
    SILENCED = "silenced"
    """A silence covers it from now on."""
    SILENCE_LIFTED = "silence_lifted"
    """Somebody ended the silence that covered it."""
    SILENCE_ENDED = "silence_ended"
    """The silence is over, and what still holds is told once."""
    LEVEL_ACCEPTED = "level_accepted"
    """Somebody accepted the new level: the incident is over, and the next evaluation resolves the alert."""
    EXPIRES = "expires"
    """What keeps it quiet (a silence, an exception of the policy) ends soon, and its receivers are told so."""
    COUNTING = "counting"
    """No change: one more evaluation towards ``for``."""
    STILL_FIRING = "still_firing"
    """No change, and nobody's repeat interval is over."""
    UNKNOWN = "unknown"
    """No change: an unknown verdict neither fires nor resolves."""
    CALM = "calm"
    """No change: nothing fires and nothing did."""


def alert_id(policy: str, group: Group) -> str:
    """The same for every verdict of a policy on a group, in every process."""
    parts = json.dumps([policy, sorted(group.items())])
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Told:
    """What a receiver was last told of the running episode."""

    at: datetime
    severity: Severity


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who knows of the running episode since when. It holds up to ``severity``: a higher one ends it."""

    at: datetime
    actor: str
    severity: Severity
    note: str = ""


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """What is known of an alert after an evaluation.

    ``finding``: the newest verdict that is not unknown. ``unknown``: why the newest verdict is unknown, else empty.
    ``change`` counts the entries of the alert's history. ``since``: the first firing verdict of this episode.
    ``pending_evaluations``: firing verdicts in a row before the alert fired. ``told``: by receiver, of this episode.
    ``escalated_at``: when the severity of this episode last rose. ``silence``: the id of the silence that covers it.
    ``untold``: something happened while it was silenced, and who ought to know has not been told yet.
    ``acknowledged`` outlasts a withdrawal: it holds again if the policy returns and fires at once.
    ``warned_of``: the last day of the exception whose end its receivers were told of.
    """

    id: str
    state: AlertState
    severity: Severity
    finding: Finding
    since: datetime
    changed_at: datetime
    change: int = 0
    pending_evaluations: int = 0
    unknown: str = ""
    told: Mapping[str, Told] = field(default_factory=dict)
    escalated_at: datetime | None = None
    acknowledged: Acknowledgement | None = None
    silence: str = ""
    untold: bool = False
    warned_of: date | None = None

    @property
    def status(self) -> AlertStatus:
        if self.state in {AlertState.FIRING, AlertState.PENDING} and self.silence:
            return AlertStatus.SILENCED
        if self.state is not AlertState.FIRING:
            return AlertStatus(self.state.value)
        if self.acknowledged:
            return AlertStatus.ACKNOWLEDGED
        return AlertStatus.ESCALATED if self.escalated_at else AlertStatus.FIRING

    @property
    def is_live(self) -> bool:
        """Whether it fires or is about to."""
        return self.state in {AlertState.FIRING, AlertState.PENDING}

    @property
    def policy(self) -> str:
        return self.finding.policy

    @property
    def group(self) -> Group:
        return self.finding.group

    def to_json(self) -> dict[str, Any]:
        """The form of ``finops alerts list --format json`` and of the API: times ISO 8601, the finding whole."""
        known = self.acknowledged
        return {
            "id": self.id,
            "policy": self.policy,
            "group": dict(self.group),
            "owner": self.finding.owner,
            "status": self.status.value,
            "state": self.state.value,
            "severity": self.severity.value,
            "since": self.since.isoformat(),
            "changed_at": self.changed_at.isoformat(),
            "escalated_at": self.escalated_at.isoformat() if self.escalated_at else None,
            "acknowledged": {"at": known.at.isoformat(), "actor": known.actor, "note": known.note} if known else None,
            "silence": self.silence or None,
            "unknown": self.unknown,
            "told": {
                receiver: {"at": told.at.isoformat(), "severity": told.severity.value}
                for receiver, told in sorted(self.told.items())
            },
            "finding": self.finding.to_json(),
        }


@dataclass(frozen=True, slots=True)
class AlertChange:
    """One line of an alert's history. ``actor``: ``evaluation`` or the name of a person, ``note``: in whose words why.

    ``told``: the receivers that a notice was written for, sorted. What a person did has no ``evaluation_id``.
    """

    alert_id: str
    change: int
    at: datetime
    actor: str
    reason: ChangeReason
    before: AlertStatus
    after: AlertStatus
    severity: Severity
    evaluation_id: str
    finding_id: str
    told: tuple[str, ...]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "alert_id": self.alert_id,
            "change": self.change,
            "at": self.at.isoformat(),
            "actor": self.actor,
            "reason": self.reason.value,
            "before": self.before.value,
            "after": self.after.value,
            "severity": self.severity.value,
            "finding_id": self.finding_id,
            "told": list(self.told),
            "note": self.note,
        }
