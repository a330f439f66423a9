"""How the service is doing, as metrics and pages show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from finops.app.collection.collectors import Freshness
from finops.app.collection.quality import QualityReader
from finops.model.alert import AlertStatus
from finops.model.operations import Operations, OutboxFacts, SourceFacts
from finops.ports.lake import Lake
from finops.ports.state import AlertStore, CollectionLog, DeliveryLog, JobRequests, Outbox


@dataclass(frozen=True, slots=True)
class OperationsReader:
    """``intervals``: how often each configured source is collected. ``receivers``: their names."""

    freshness: Freshness
    collections: CollectionLog
    outbox: Outbox
    lake: Lake
    intervals: Mapping[str, timedelta]
    receivers: Collection[str]
    evaluate_every: timedelta
    alerts: AlertStore
    requests: JobRequests
    deliveries: DeliveryLog
    quality: QualityReader

    def read(
        self,
        *,
        leader: bool,
        collecting: Collection[str] = (),
        evaluation_error: str = "",
        overdue: Mapping[str, int] | None = None,
        reload_error: str = "",
        policy_faults: tuple[str, ...] | None = None,
        lake_faults: tuple[str, ...] | None = None,
        http_refused: Mapping[str, int] | None = None,
    ) -> Operations:
        """Sources, outbox and leadership as they are now. Raises what state and lake raise."""
        histories, rows, delivered = self.collections.sources(), self.lake.row_counts(), self.freshness.read()
        qualities = {one.source: one for one in self.quality.read([freshness.source for freshness in delivered])}
        return Operations(
            sources=tuple(
                SourceFacts.of(
                    freshness,
                    histories.get(freshness.source),
                    rows=rows.get(freshness.source, 0),
                    every=self.intervals.get(freshness.source),
                    quality=qualities.get(freshness.source),
                )
                for freshness in delivered
            ),
            outbox=OutboxFacts.of(
                self.receivers,
                self.outbox.pending_counts(),
                self.outbox.delivery_counts(),
                self.deliveries.troubles(),
            ),
            leader=leader,
            collecting=tuple(sorted(collecting)),
            evaluation_error=evaluation_error,
            evaluate_every=self.evaluate_every,
            overdue=overdue or {},
            reload_error=reload_error,
            policy_faults=policy_faults,
            lake_faults=lake_faults,
            alerts=self._alerts(),
            http_refused=http_refused or {},
            requested=tuple(self.requests.pending()),
        )

    def _alerts(self) -> dict[str, int]:
        found = {status.value: 0 for status in AlertStatus}
        for count in self.alerts.counts(live=False):
            found[count.status.value] += count.count
        return found
