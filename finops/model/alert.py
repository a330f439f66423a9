"""The life of an alert: one for each (policy, group)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from finops.model.finding import Finding, Group, Severity


class AlertState(StrEnum):
    """``inactive``: was pending and calmed down. ``pending``: fires, but for fewer evaluations than ``for`` asks."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class ChangeReason(StrEnum):
    """Why an evaluation changed an alert, or why it did not."""

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
class AlertRecord:
    """What is known of an alert after an evaluation.

    ``finding``: the newest verdict that is not unknown. ``unknown``: why the newest verdict is unknown, else empty.
    ``change`` counts the entries of the alert's history. ``since``: the first firing verdict of this episode.
    ``pending_evaluations``: firing verdicts in a row before the alert fired. ``told``: by receiver, of this episode.
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

    @property
    def policy(self) -> str:
        return self.finding.policy

    @property
    def group(self) -> Group:
        return self.finding.group


@dataclass(frozen=True, slots=True)
class AlertChange:
    """One line of an alert's history. ``actor``: ``evaluation`` or the name of a person.

    ``told``: the receivers that a notice was written for, sorted.
    """

    alert_id: str
    change: int
    at: datetime
    actor: str
    reason: ChangeReason
    before: AlertState
    after: AlertState
    severity: Severity
    evaluation_id: str
    finding_id: str
    told: tuple[str, ...]
    note: str = ""
