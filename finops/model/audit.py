"""What people did: one entry for each acknowledgement, silence and lift, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from finops.model.actor import Actor


class AuditAction(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``target``: the id of the alert or of the silence. ``subject``: what that was, in words. ``why``: the actor's own
    words. ``position``: its place in the log, given when it is written."""

    at: datetime
    action: AuditAction
    actor: Actor
    target: str
    subject: str
    why: str
    position: int = 0

    def to_json(self) -> dict[str, Any]:
        """The form of ``finops alerts audit --format json`` and of the API; times ISO 8601."""
        return {
            "position": self.position,
            "at": self.at.isoformat(),
            "action": self.action.value,
            "actor": self.actor.name,
            "proof": self.actor.proof.value,
            "address": self.actor.address,
            "target": self.target,
            "subject": self.subject,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries of the log, newest first. ``total``: how many match."""

    entries: tuple[AuditEntry, ...]
    total: int
