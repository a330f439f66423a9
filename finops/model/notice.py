"""What a receiver is told about one change of one alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from finops.model.evaluation import Track
from finops.model.finding import Finding, Severity


class NoticeReason(StrEnum):
    """Why a receiver hears of an alert now."""

    FIRST = "first"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    REPEAT = "repeat"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    """The policy was removed while the alert fired."""
    EXPIRES = "expires"
    """What keeps the alert quiet (a silence, an exception of the policy) ends within a day or two."""
    TEST = "test"

    @property
    def ends(self) -> bool:
        """Whether the alert is over."""
        return self in {NoticeReason.RESOLVED, NoticeReason.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a notice said that the receiver never got: a newer one of the same alert took its place."""

    at: datetime
    reason: NoticeReason
    severity: Severity | None
    said: str

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "reason": self.reason.value,
            "severity": self.severity.value if self.severity else None,
            "said": self.said,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Earlier:
        severity = Severity(data["severity"]) if data["severity"] else None
        return cls(datetime.fromisoformat(data["at"]), NoticeReason(data["reason"]), severity, data["said"])


@dataclass(frozen=True, slots=True)
class Notice:
    """``alert_id`` names the (policy, group) alert, from firing to resolve. ``since``: when it began to fire.

    ``earlier``: what happened since the receiver was last reached, oldest first. ``track``: the days behind the
    finding, for a chart; only the notices that lead a message have one.
    ``costs``: the address of the costs behind the finding, empty where there is none.
    """

    alert_id: str
    reason: NoticeReason
    finding: Finding
    since: datetime
    at: datetime
    link: str = ""
    note: str = ""
    earlier: tuple[Earlier, ...] = ()
    track: Track | None = None
    costs: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**self._own(), "finding": self.finding.to_json()}

    def _own(self) -> dict[str, Any]:
        return {
            "alert_id": self.alert_id,
            "reason": self.reason.value,
            "since": self.since.isoformat(),
            "at": self.at.isoformat(),
            "link": self.link,
            "note": self.note,
            "earlier": [one.to_json() for one in self.earlier],
        }

    def to_stored(self) -> dict[str, Any]:
        """What stands beside the finding, and the days, which receivers of JSON do not get."""
        return {**self._own(), "costs": self.costs, "track": self.track.to_json() if self.track else None}

    @classmethod
    def from_stored(cls, data: Mapping[str, Any]) -> Notice:
        """The inverse of ``to_stored``, with the finding as ``finding``."""
        return cls(
            alert_id=data["alert_id"],
            reason=NoticeReason(data["reason"]),
            finding=Finding.from_json(data["finding"]),
            since=datetime.fromisoformat(data["since"]),
            at=datetime.fromisoformat(data["at"]),
            link=data["link"],
            note=data["note"],
            earlier=tuple(Earlier.from_json(one) for one in data["earlier"]),
            track=Track.from_json(data["track"]) if data["track"] else None,
            costs=data.get("costs", ""),  # a message that an earlier version wrote has none
        )
