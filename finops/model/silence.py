"""A span in which alerts go on being judged and shown, and nobody is told of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finops.model.finding import Finding, Severity
from finops.model.matcher import Matcher, matcher_label, matches


@dataclass(frozen=True, slots=True)
class Silence:
    """``actor`` made it at ``at``, for ``reason``; it ends at ``until``, or when somebody lifts it before.

    ``warned_at``: when the receivers of its alerts were told that it ends soon; None before that.
    """

    id: str
    matcher: Matcher
    reason: str
    actor: str
    at: datetime
    until: datetime
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lifted_note: str = ""
    warned_at: datetime | None = None

    @property
    def label(self) -> str:
        """``policy=checkout-monthly,severity=warning``."""
        return matcher_label(self.matcher)

    def is_active(self, now: datetime) -> bool:
        return self.lifted_at is None and now < self.until

    def covers(self, finding: Finding, severity: Severity | None = None) -> bool:
        """``severity``: what the alert has when its newest verdict has none."""
        return matches(self.matcher, finding, severity)

    def to_json(self) -> dict[str, Any]:
        """The form of ``finops alerts silences --format json`` and of the API; times ISO 8601."""
        return {
            "id": self.id,
            "matcher": {key: list(values) for key, values in self.matcher.items()},
            "reason": self.reason,
            "actor": self.actor,
            "at": self.at.isoformat(),
            "until": self.until.isoformat(),
            "lifted_at": self.lifted_at.isoformat() if self.lifted_at else None,
            "lifted_by": self.lifted_by,
            "lifted_note": self.lifted_note,
        }


def silence_of(silences: Iterable[Silence], finding: Finding, severity: Severity | None) -> Silence | None:
    """Of the silences that cover an alert the one that lasts longest."""
    covering = (silence for silence in silences if silence.covers(finding, severity))
    return max(covering, key=lambda silence: (silence.until, silence.id), default=None)
