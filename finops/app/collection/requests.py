"""Collecting and evaluating now, because somebody asked for it: on any replica; the leader does it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from finops.app.collection.collectors import Collectors
from finops.model.audit import Actor, AuditAction, AuditEntry
from finops.model.operations import EVALUATE, demand_job, emissions_job, source_job
from finops.ports.clock import Clock
from finops.ports.state import JobRequests


class WorkRequests:
    """``added``: called after a request was stored, so that this replica's pages show it at once."""

    def __init__(
        self, requests: JobRequests, collectors: Collectors, clock: Clock, added: Callable[[], None] = lambda: None
    ) -> None:
        self._requests = requests
        self._collectors = collectors
        self._clock = clock
        self._added = added

    def collect(self, source: str, actor: Actor) -> datetime:
        """One source, or with '' everything that is collected. Raises ``BadArguments`` for an unknown source, and what
        the state raises."""
        collectors = self._collectors
        sources = collectors.source_names([source] if source else [])
        jobs = [source_job(name) for name in sources]
        if not source:
            jobs += [*map(demand_job, collectors.demand), *map(emissions_job, collectors.emissions)]
        return self._add(jobs, AuditAction.COLLECTION_REQUESTED, actor, source, source or "all sources")

    def evaluate(self, actor: Actor) -> datetime:
        """Every policy. Raises what the state raises."""
        return self._add([EVALUATE], AuditAction.EVALUATION_REQUESTED, actor, "", "all policies")

    def _add(self, jobs: Collection[str], action: AuditAction, actor: Actor, target: str, subject: str) -> datetime:
        now = self._clock.now()
        self._requests.add(jobs, AuditEntry(now, action, actor, target, subject, ""))
        self._added()
        return now
