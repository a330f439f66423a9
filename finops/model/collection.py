"""What one run of one source brought, and what is known of a source from its runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class CollectionOutcome(StrEnum):
    OK = "ok"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CollectionRun:
    """One run of one source. ``requests``, ``throttled``, ``request_cost_usd``: what this run's own calls came to.

    ``periods``: the billing periods written. ``complete_through``: how far the source's usage has arrived by this run
    (``finops.model.completeness``), None where it never brought any. ``late``: providers and accounts that hold it up,
    with how far each reaches; ``on_time_through``: how far the others do. ``estimated_from``: from this UTC day on the
    provider itself calls the bill an estimate.
    ``restated``: new sums minus old ones of periods that were there before, by currency.
    ``error``: one sentence without secrets, empty when it went well.
    """

    run_id: str
    source: str
    kind: str
    started_at: datetime
    ended_at: datetime
    outcome: CollectionOutcome
    error: str = ""
    rows: int = 0
    periods: tuple[date, ...] = ()
    notes: tuple[str, ...] = ()
    requests: int = 0
    throttled: int = 0
    request_cost_usd: Decimal = Decimal(0)
    complete_through: datetime | None = None
    restated: Mapping[str, Decimal] = field(default_factory=dict)
    estimated_from: date | None = None
    late: Mapping[str, datetime] = field(default_factory=dict)
    on_time_through: datetime | None = None

    @property
    def duration_seconds(self) -> float:
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """What the runs of one source say. ``latest_delivery``: the last run that brought rows.

    ``requests``, ``throttled`` and ``request_cost_usd`` are totals over all runs ever, pruned ones included.
    """

    latest: CollectionRun
    latest_success: CollectionRun | None
    latest_delivery: CollectionRun | None
    requests: int
    throttled: int
    request_cost_usd: Decimal
