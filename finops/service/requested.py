"""What people ask for on any replica, run by the one that leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from finops.ports.state import JobRequests
from finops.service.jobs import Job, Run

log = structlog.get_logger("finops.service")

EVERY = timedelta(seconds=2)
"""How soon the leader begins what was asked for."""

DEADLINE = timedelta(minutes=1)


class RequestedWork:
    """``soon``: runs a job now. A request is pending until a run that began after it has ended, so that it outlives a
    crash and a change of leaders."""

    def __init__(self, requests: JobRequests, *, leads: Callable[[], bool], soon: Callable[[str], None]) -> None:
        self._requests = requests
        self._leads = leads
        self._soon = soon
        self._jobs: set[str] = set()
        self._passed_on: set[tuple[str, datetime]] = set()

    def job(self) -> Job:
        return Job("requests", self._pass_on, EVERY, DEADLINE)

    def answering(self, job: Job) -> Job:
        """``job``, which people may ask for."""
        self._jobs.add(job.name)

        def work(run: Run) -> bool | None:
            answered = {name: at for name, at in self._pending().items() if name == job.name}
            try:
                return job.work(run)
            finally:
                if answered and not run.is_abandoned:
                    self._requests.done(answered)

        return replace(job, work=work)

    def _pass_on(self, run: Run) -> None:
        pending = self._pending()
        run.check()
        unknown = {name: at for name, at in pending.items() if name not in self._jobs}
        if unknown:
            log.warning("finops.yaml no longer has what was requested", jobs=sorted(unknown))
            self._requests.done(unknown)
        for name in sorted(name for name, at in pending.items() - self._passed_on if name in self._jobs):
            log.info("requested", job=name)
            self._soon(name)
        self._passed_on = set(pending.items())

    def _pending(self) -> dict[str, datetime]:
        """Empty for a replica that does not lead."""
        return dict(self._requests.pending()) if self._leads() else {}
