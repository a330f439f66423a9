"""How the service itself is doing: what changes between two evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source's last collections, and what its calls cost so far in this process. All times UTC; None = never.

    ``complete_through``: the end of the newest charge period that it has delivered.
    ``restated``: currency -> by how much (EffectiveCost, new minus old) its newest restatement changed periods that
    had been delivered before. ``error``: why it is not up, in one sentence without secrets.
    """

    name: str
    kind: str
    up: bool = True
    last_success_at: datetime | None = None
    complete_through: datetime | None = None
    rows: int = 0
    restated: Mapping[str, Decimal] = field(default_factory=dict)
    requests: int = 0
    throttled: int = 0
    request_cost_usd: float = 0.0
    collect_duration_seconds: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class OutboxFacts:
    """``pending``: receiver -> messages that wait. ``deliveries``: (receiver, outcome) -> attempts so far."""

    pending: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operations:
    """``collecting``: names of sources being collected now. ``leader``: this process schedules and delivers.

    ``evaluation_error``: why the newest evaluation failed; what is shown is older then. Empty when it did not fail.
    """

    sources: tuple[SourceFacts, ...] = ()
    outbox: OutboxFacts = field(default_factory=OutboxFacts)
    leader: bool = True
    collecting: tuple[str, ...] = ()
    evaluation_error: str = ""
