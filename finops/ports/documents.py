"""Receivers that take files, and what is remembered of the files sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from finops.model.message import DeliveryOutcome
from finops.model.statement_order import StatementDelivery
from finops.model.team_digest import TeamDigest


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A file: its name, its content type, its bytes."""

    name: str
    content_type: str
    body: bytes


@runtime_checkable
class DocumentReceiver(Protocol):
    """A receiver whose kind can carry files; others are refused when finops.yaml is read."""

    def send_documents(
        self, subject: str, lines: Sequence[str], documents: Sequence[NamedDocument], *, idempotency_key: str
    ) -> str:
        """Delivers the files with a few ``lines`` of text; what it returns and raises is that of ``Receiver.send``."""
        ...


@runtime_checkable
class DigestReceiver(Protocol):
    """A receiver whose kind can write to the owners of a team; others are refused when finops.yaml is read."""

    def send_digest(self, digest: TeamDigest, to: Sequence[str], *, site: str, idempotency_key: str) -> str:
        """Delivers the digest to these addresses. ``site``: the service's own address, for links. What it returns and
        raises is that of ``Receiver.send``."""
        ...


class StatementLog(Protocol):
    """Which statement went to whom. Every call raises ``Unreachable``, ``AccessDenied`` or ``BrokenStore``."""

    def due(self, order: str, month: date, receivers: Sequence[str], *, now: datetime) -> Sequence[StatementDelivery]:
        """Those that have not been delivered or parked, and may be tried now; what is new is remembered."""
        ...

    def ended(
        self,
        delivery: StatementDelivery,
        outcome: DeliveryOutcome,
        *,
        at: datetime,
        answer: str,
        again_at: datetime | None = None,
    ) -> None:
        """Counts an attempt; one that failed is due again at ``again_at``."""
        ...
