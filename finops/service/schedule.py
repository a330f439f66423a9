"""When what runs: sources on their own intervals, evaluation, delivery, leadership.

APScheduler with an in-memory job store (two schedulers on one stored job list ran a job twice); what ran last is in the
state, so that a run that a stop made the service miss is caught up once. Jobs run only while this process leads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from finops.app.logs import fault_place
from finops.ports.clock import Clock

log = structlog.get_logger("finops.schedule")

JITTER_SHARE = 0.05
MOST_JITTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Job:
    """``last``: when it ran last, None = never. A job that is due starts at once.

    ``slow``: it may take minutes, and starts with a little jitter: a hundred sources must not start in one second.
    """

    name: str
    every: timedelta
    work: Callable[[], None]
    last: datetime | None = None
    slow: bool = False


class Schedule:
    """Runs each job on its interval, never twice at once, and never forgets a run that came late."""

    def __init__(self, clock: Clock, *, threads: int) -> None:
        """``threads``: how many slow jobs (collections) run side by side; the quick ones have threads of their own."""
        self._clock = clock
        self._stopped = False
        self._under_way: set[str] = set()
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(4), "slow": ThreadPoolExecutor(threads)},
            # the default grace of one second drops runs silently
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
        )

    def add(self, job: Job) -> None:
        now = self._clock.now()
        due = now if job.last is None else max(now, job.last + job.every)
        jitter = min(MOST_JITTER, job.every * JITTER_SHARE) if job.slow else timedelta()
        self._scheduler.add_job(
            partial(self._run, job),
            "interval",
            id=job.name,
            executor="slow" if job.slow else "default",
            seconds=max(1, int(job.every.total_seconds())),
            jitter=int(jitter.total_seconds()) or None,
            next_run_time=due,
        )
        log.info("scheduled", job=job.name, every_seconds=job.every.total_seconds(), due=due.isoformat())

    def soon(self, name: str) -> None:
        """The job ``name`` runs now; nothing happens while it is running already, or once the schedule is stopped."""
        if self._stopped or name in self._under_way:
            return
        self._scheduler.modify_job(name, next_run_time=self._clock.now())

    def _run(self, job: Job) -> None:
        self._under_way.add(job.name)
        try:
            _guarded(job)
        finally:
            self._under_way.discard(job.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Starts no further job, and waits for those under way."""
        self._stopped = True  # jobs under way still ask for others when they end; there is nothing to ask any more
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    @property
    def running(self) -> bool:
        return bool(self._scheduler.running)

    @property
    def alive(self) -> bool:
        """Whether the scheduler's thread still runs: one that died must not go unseen."""
        thread = getattr(self._scheduler, "_thread", None)
        return bool(self._scheduler.running and thread is not None and thread.is_alive())


def _guarded(job: Job) -> None:
    """The schedule lives on whatever a job does, and no traceback reaches the log."""
    try:
        job.work()
    except Exception as error:  # told below, with its place
        log.error("internal error", job=job.name, fault=fault_place(error))
        log.debug("details", exc_info=True)
