"""What changes between two evaluations -> its (few) families."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from finops.model.family import Family
from finops.model.operations import Operations, OutboxFacts, SourceFacts
from finops.model.snapshot import Snapshot
from finops.publish.catalogue import (
    ALERTS,
    DELIVERIES,
    EVALUATION_INTERVAL,
    EXPORTER_FOLDED,
    EXPORTER_SERIES,
    HTTP_REFUSED,
    JOB_OVERDUE,
    LAKE_FAULTS,
    LEADER,
    OUTBOX_PENDING,
    POLICY_FILE_FAULTS,
    RELOAD_FAILED,
    SOURCE_COMPLETE_THROUGH,
    SOURCE_DURATION,
    SOURCE_INTERVAL,
    SOURCE_LAST_SUCCESS,
    SOURCE_NULLS,
    SOURCE_REQUEST_COST,
    SOURCE_REQUESTS,
    SOURCE_RESTATED,
    SOURCE_ROWS,
    SOURCE_THROTTLED,
    SOURCE_UNALLOCATED,
    SOURCE_UP,
    SOURCE_VIOLATIONS,
)


def operational_families(operations: Operations, snapshot: Snapshot | None) -> tuple[Family, ...]:
    """Cheap to build: some families a source and a receiver, and the counts of the whole page."""
    families = (
        *_sources(operations.sources),
        EVALUATION_INTERVAL.filled([((), _seconds(operations.evaluate_every))] if operations.evaluate_every else []),
        LEADER.filled([((), float(operations.leader))]),
        JOB_OVERDUE.filled(((job,), float(count)) for job, count in operations.overdue.items()),
        RELOAD_FAILED.filled([((), float(bool(operations.reload_error)))]),
        POLICY_FILE_FAULTS.filled(
            [((), float(len(operations.policy_faults)))] if operations.policy_faults is not None else []
        ),
        ALERTS.filled(((status,), float(count)) for status, count in operations.alerts.items()),
        LAKE_FAULTS.filled([((), float(len(operations.lake_faults)))] if operations.lake_faults is not None else []),
        HTTP_REFUSED.filled(((reason,), float(count)) for reason, count in operations.http_refused.items()),
        *_outbox(operations.outbox),
    )
    shown = (*(snapshot.families if snapshot else ()), *families)
    folded = snapshot.folded if snapshot else {}
    return (
        *families,
        EXPORTER_SERIES.filled(((f.name,), float(len(f))) for f in shown if len(f)),
        EXPORTER_FOLDED.filled(((name,), float(count)) for name, count in folded.items()),
    )


def _sources(sources: Iterable[SourceFacts]) -> tuple[Family, ...]:
    facts = [(source, (source.name, source.kind)) for source in sources]
    return (
        SOURCE_UP.filled((place, float(s.up)) for s, place in facts),
        SOURCE_LAST_SUCCESS.filled((p, s.last_success_at.timestamp()) for s, p in facts if s.last_success_at),
        SOURCE_COMPLETE_THROUGH.filled((p, s.complete_through.timestamp()) for s, p in facts if s.complete_through),
        SOURCE_INTERVAL.filled((place, _seconds(s.every)) for s, place in facts if s.every),
        SOURCE_ROWS.filled((place, float(s.rows)) for s, place in facts),
        SOURCE_VIOLATIONS.filled((place, float(s.quality.violations)) for s, place in facts if s.quality),
        SOURCE_NULLS.filled((place, float(s.quality.null_values)) for s, place in facts if s.quality),
        SOURCE_UNALLOCATED.filled(
            ((*place, dimension, currency), ratio)
            for s, place in facts
            if s.quality
            for dimension, nobody in s.quality.unallocated.items()
            for currency, ratio in nobody.ratios.items()
        ),
        SOURCE_RESTATED.filled(
            ((*place, currency), float(amount)) for s, place in facts for currency, amount in s.restated.items()
        ),
        SOURCE_REQUESTS.filled(((s.name,), float(s.requests)) for s, _ in facts),
        SOURCE_REQUEST_COST.filled(((s.name,), s.request_cost_usd) for s, _ in facts),
        SOURCE_THROTTLED.filled(((s.name,), float(s.throttled)) for s, _ in facts),
        SOURCE_DURATION.filled(
            ((s.name,), s.collect_duration_seconds) for s, _ in facts if s.collect_duration_seconds is not None
        ),
    )


def _outbox(outbox: OutboxFacts) -> tuple[Family, ...]:
    return (
        OUTBOX_PENDING.filled(((receiver,), float(count)) for receiver, count in outbox.pending.items()),
        DELIVERIES.filled((key, float(count)) for key, count in outbox.deliveries.items()),
    )


def _seconds(interval: timedelta) -> float:
    return interval.total_seconds()
