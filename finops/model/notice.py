"""What a receiver is told about one change of one alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from finops.model.finding import Finding


class NoticeReason(StrEnum):
    """Why a receiver hears of an alert now."""

    FIRST = "first"
    ESCALATED = "escalated"
    DEESCALATED = "deescalated"
    REPEAT = "repeat"
    RESOLVED = "resolved"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Notice:
    """``alert_id`` names the (policy, group) alert, from firing to resolve. ``since``: when it began to fire."""

    alert_id: str
    reason: NoticeReason
    finding: Finding
    since: datetime
    at: datetime
    link: str = ""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "alert_id": self.alert_id,
            "reason": self.reason.value,
            "since": self.since.isoformat(),
            "at": self.at.isoformat(),
            "link": self.link,
            "note": self.note,
            "finding": self.finding.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Notice:
        return cls(
            alert_id=data["alert_id"],
            reason=NoticeReason(data["reason"]),
            finding=Finding.from_json(data["finding"]),
            since=datetime.fromisoformat(data["since"]),
            at=datetime.fromisoformat(data["at"]),
            link=data["link"],
            note=data["note"],
        )
