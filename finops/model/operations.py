"""How the service itself is doing: what changes between two evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finops.model.collection import SourceHistory
from finops.model.delivery import ReceiverTrouble
from finops.model.message import DeliveryCounts, DeliveryOutcome
from finops.model.quality import SourceQuality
from finops.model.source_freshness import SourceFreshness

EVALUATE = "evaluate"
"""The job that evaluates all policies."""


def source_job(name: str) -> str:
    return f"source {name}"


def demand_job(name: str) -> str:
    return f"demand {name}"


def emissions_job(name: str) -> str:
    return f"emissions {name}"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source's last collections, and what its calls cost so far. All times UTC; None = never.

    ``complete_through``: how far its usage has arrived; ``late``: what in it holds that up, with how far each reaches;
    ``on_time_through``: how far everything else does.
    ``restated``: currency -> by how much (new minus old) its newest delivery changed periods delivered before.
    ``requests``, ``throttled``, ``request_cost_usd``: totals that never fall.
    ``error``: why it is not up, in one sentence without secrets.
    ``every``: how often it is collected, None = not known. ``quality``: of its rows in the lake, None = it has none.
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
    every: timedelta | None = None
    late: tuple[tuple[str, datetime], ...] = ()
    on_time_through: datetime | None = None
    quality: SourceQuality | None = None

    @classmethod
    def of(
        cls,
        source: SourceFreshness,
        history: SourceHistory | None,
        *,
        rows: int,
        every: timedelta | None = None,
        quality: SourceQuality | None = None,
    ) -> SourceFacts:
        """``history`` is None for a source that never ran; ``rows`` is what the lake holds of it."""
        facts = cls(
            name=source.source,
            kind=source.kind,
            up=source.up,
            last_success_at=source.delivered_at,
            complete_through=source.complete_through,
            rows=rows,
            error=source.error,
            every=every,
            late=source.late,
            on_time_through=source.on_time_through,
            quality=quality,
        )
        if history is None:
            return facts
        return replace(
            facts,
            restated=history.latest_delivery.restated if history.latest_delivery else {},
            requests=history.requests,
            throttled=history.throttled,
            request_cost_usd=float(history.request_cost_usd),
            collect_duration_seconds=history.latest.duration_seconds,
        )


@dataclass(frozen=True, slots=True)
class OutboxFacts:
    """``pending``: receiver -> messages that wait. ``deliveries``: (receiver, outcome) -> attempts so far.
    ``troubles``: receivers that refuse or fail now."""

    pending: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[tuple[str, str], int] = field(default_factory=dict)
    troubles: tuple[ReceiverTrouble, ...] = ()

    @classmethod
    def of(
        cls,
        receivers: Iterable[str],
        pending: Mapping[str, int],
        deliveries: DeliveryCounts,
        troubles: Iterable[ReceiverTrouble] = (),
    ) -> OutboxFacts:
        """Every configured receiver has its counts from the start: a counter that appears at 1 shows no increase.
        What a receiver refused that is not configured any more troubles nobody."""
        names = set(receivers)
        return cls(
            pending={name: pending.get(name, 0) for name in names | set(pending)},
            deliveries={
                **{(name, outcome.value): 0 for name in names for outcome in DeliveryOutcome},
                **{(name, outcome.value): count for (name, outcome), count in deliveries.items()},
            },
            troubles=tuple(one for one in troubles if one.again_at or one.receiver in names),
        )


@dataclass(frozen=True, slots=True)
class Operations:
    """``collecting``: names of sources being collected now. ``leader``: this process schedules and delivers.

    ``evaluation_error``: why the newest evaluation failed; what is shown is older then. Empty when it did not fail.
    ``evaluate_every``: how often policies are evaluated at least, None = not known.
    ``overdue``: job -> runs so far that were given up after their deadline. ``reload_error``: why the newest reload of
    finops.yaml failed; empty when it did not. ``policy_faults``: of policy files at the newest evaluation,
    each with what was evaluated instead; None where this process has made none. ``lake_faults``: what the lake holds
    and was not counted then, each with what repairs it. ``alerts``: status -> how many alerts have it.
    ``http_refused``: reason -> requests and connections that were turned away so far. ``requested``: jobs that somebody
    asked for and that have not ended since, such as ``evaluate`` and ``source aws``. ``of_all``: False for viewers of
    some teams, to whom sources and metrics, which are everybody's, are closed.
    """

    sources: tuple[SourceFacts, ...] = ()
    outbox: OutboxFacts = field(default_factory=OutboxFacts)
    leader: bool = True
    collecting: tuple[str, ...] = ()
    evaluation_error: str = ""
    evaluate_every: timedelta | None = None
    overdue: Mapping[str, int] = field(default_factory=dict)
    reload_error: str = ""
    policy_faults: tuple[str, ...] | None = None
    lake_faults: tuple[str, ...] | None = None
    alerts: Mapping[str, int] = field(default_factory=dict)
    http_refused: Mapping[str, int] = field(default_factory=dict)
    requested: tuple[str, ...] = ()
    of_all: bool = True

    @property
    def evaluation_bound(self) -> timedelta | None:
        """How old the last evaluation may be; None where that is not known."""
        return evaluation_bound(self.evaluate_every) if self.evaluate_every else None


def evaluation_bound(evaluate_every: timedelta) -> timedelta:
    """How old the last evaluation may be: half an interval late, and time to compute."""
    return evaluate_every * 1.5 + timedelta(minutes=5)
