"""What became of the messages that told of alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from finops.model.notice import NoticeReason


class DeliveryState(StrEnum):
    """``parked``: the receiver refuses it for good, nobody will try again. ``folded``: told in a later digest, which
    the answer names."""

    PENDING = "pending"
    DELIVERED = "delivered"
    PARKED = "parked"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one receiver. ``due_at``: when a pending one is tried next. ``answer``: the receiver's last one,
    without secrets. ``alerts``: the ids of those that it tells of."""

    message_id: str
    receiver: str
    reason: NoticeReason
    state: DeliveryState
    created_at: datetime
    due_at: datetime
    attempts: int
    ended_at: datetime | None
    answer: str
    alerts: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The form of the API; times ISO 8601."""
        return {
            "id": self.message_id,
            "receiver": self.receiver,
            "reason": self.reason.value,
            "state": self.state.value,
            "created_at": self.created_at.isoformat(),
            "due_at": self.due_at.isoformat() if self.state is DeliveryState.PENDING else None,
            "attempts": self.attempts,
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "answer": self.answer,
            "alerts": list(self.alerts),
        }


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Some messages, newest first. ``total``: how many match."""

    deliveries: tuple[Delivery, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ReceiverTrouble:
    """What a receiver has not taken since it last took something. ``messages``: how many, statements too. ``error``:
    its newest answer with what to do about it, without secrets. ``at``: when the newest was refused, or the oldest that
    waits was written. ``again_at``: the next attempt; None where nobody will try again."""

    receiver: str
    messages: int
    error: str
    at: datetime
    again_at: datetime | None = None
