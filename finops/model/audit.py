"""Who acts, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Proof(StrEnum):
    """How an actor's name was proven."""

    TERMINAL = "terminal"
    """The user of a command line, as the operating system names them."""
    OPEN = "open"
    """Not at all: without ``http.auth``, whoever reaches this machine's loopback may do everything."""
    TOKEN = "token"  # noqa: S105 - a word, no secret
    BASIC = "basic"
    PROXY = "proxy"
    """A header of a trusted proxy."""
    FAILED = "failed"
    """It was not: the name is the one that a failed sign-in gave."""


@dataclass(frozen=True, slots=True)
class Actor:
    """``name``: the person, or what the token is called. ``address``: the peer of the connection, '' at a terminal."""

    name: str
    proof: Proof
    address: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.proof}{f' from {self.address}' if self.address else ''})"


class AuditAction(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    LIFTED = "lifted"
    COLLECTION_REQUESTED = "collection_requested"
    EVALUATION_REQUESTED = "evaluation_requested"
    LEVEL_ACCEPTED = "level_accepted"
    REFUSED = "refused"
    """Something that shows more than the viewer's teams."""
    SIGNED_OFF = "signed_off"
    SAVING_CLAIMED = "saving_claimed"
    SAVING_WITHDRAWN = "saving_withdrawn"
    SIGN_IN_FAILED = "sign_in_failed"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``target``: the id of the alert or of the silence, or the name of the source or team, if any. ``subject``: what
    that was, in words. ``why``: the actor's own words. ``position``: its place in the log, given when it is written."""

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
