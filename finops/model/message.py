"""What the outbox holds: notices that go to one receiver together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from finops.model.notice import Notice, NoticeReason


class DeliveryOutcome(StrEnum):
    """How an attempt ended: ``failed`` is tried again, ``parked`` is not."""

    DELIVERED = "delivered"
    FAILED = "failed"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class OutgoingNotice:
    """``change``: the entry of the alert's history that the notice tells of. (alert, change, receiver) is unique."""

    change: int
    notice: Notice


@dataclass(frozen=True, slots=True)
class Message:
    """Notices of one evaluation for one receiver and one reason. ``id`` is the idempotency key, the same each time."""

    id: str
    receiver: str
    reason: NoticeReason
    notices: tuple[OutgoingNotice, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that is leased to one deliverer. ``attempt`` counts from 1. ``token`` tells leases apart."""

    message_id: str
    receiver: str
    notices: tuple[Notice, ...]
    attempt: int
    created_at: datetime
    token: str


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that nobody will try again. ``error``: the receiver's last answer, without secrets."""

    message_id: str
    receiver: str
    notices: tuple[Notice, ...]
    attempts: int
    created_at: datetime
    parked_at: datetime
    error: str


DeliveryCounts = Mapping[tuple[str, DeliveryOutcome], int]
"""(receiver, outcome) -> attempts since the state was made; never falls."""
