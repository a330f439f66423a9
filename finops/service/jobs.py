"""What runs when: each job in a thread of its own, planned on a clock that never steps, under a total deadline.

Intervals, deadlines and waits are measured on the monotonic clock, so that setting the machine's clock delays nothing.
A calendar (every night at three) is followed on the wall clock, by a trigger of APScheduler. See docs/adr/0016.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from random import Random
from typing import Protocol

import structlog

from finops.errors import DeadlineExceeded, FinopsError, fault_place
from finops.ports.clock import Clock, Monotonic

log = structlog.get_logger("finops.jobs")

JITTER_SHARE = 0.05
MOST_JITTER = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=30)

LONGEST_WAIT_SECONDS = 1.0
"""The runner looks at its clocks at least so often: a machine that wakes from suspension goes on at once."""

MOST_ABANDONED = 3
"""Threads of one job that hang: no further one is started until one of them has ended."""


class Trigger(Protocol):
    """Of ``apscheduler.triggers``."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None: ...


class Run:
    """One run of a job. ``check`` stands before everything that it writes."""

    def __init__(self, job: str, deadline: timedelta) -> None:
        self.job = job
        self.deadline = deadline
        self._ended = ""
        self._cleanups: list[Callable[[], None]] = []

    @property
    def is_abandoned(self) -> bool:
        return bool(self._ended)

    def abandon(self, why: str) -> None:
        self._ended = why
        for cleanup in self._cleanups:
            cleanup()

    def when_abandoned(self, cleanup: Callable[[], None]) -> None:
        """``cleanup`` gives back what others wait for; quick, and harmless after the run has given it back itself."""
        self._cleanups.append(cleanup)

    def check(self) -> None:
        """Raises ``DeadlineExceeded`` once nobody waits for this run any more."""
        if self._ended:
            raise DeadlineExceeded(self._ended, where=self.job, remedy="Its result will be discarded")


Work = Callable[[Run], bool | None]
"""False: it failed, and is tried again soon."""


@dataclass(frozen=True, slots=True)
class Job:
    """``every`` None: only when it is asked for, or on its ``calendar``. ``first``: how long after the start it runs
    first, None: not at the start. ``overdue``: called, in another thread, when a run has passed its ``deadline``.
    ``jitter``: it may start a little later: a hundred sources must not start in one second."""

    name: str
    work: Work
    every: timedelta | None
    deadline: timedelta
    first: timedelta | None = timedelta()
    overdue: Callable[[], None] | None = None
    jitter: bool = False
    calendar: Trigger | None = None


@dataclass(slots=True)
class _Planned:
    job: Job
    due: float
    """On the monotonic clock."""
    calendar_due: datetime | None = None
    run: Run | None = None
    thread: threading.Thread | None = None
    expires: float = 0.0
    again: bool = False
    failures: int = 0
    hanging: list[threading.Thread] = field(default_factory=list)


class Jobs:
    """Runs each job on its interval, never two runs of one at once, and none that came late is forgotten."""

    def __init__(self, clock: Clock, monotonic: Monotonic, random: Random) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._random = random
        self._planned: dict[str, _Planned] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._overdue: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self.beat = monotonic()
        """When the runner last looked at its jobs, on the monotonic clock."""

    def add(self, job: Job) -> None:
        with self._changed:
            planned = _Planned(job, self._after(job.first, self._jitter(job) if job.first else 0.0))
            planned.calendar_due = self._next_on_calendar(job)
            self._planned[job.name] = planned
            self._changed.notify()

    def soon(self, name: str) -> None:
        """The job ``name`` runs now; one that is running runs again when it has ended."""
        with self._changed:
            planned = self._planned[name]
            if planned.run is not None:
                planned.again = True
            else:
                planned.due = self._monotonic()
            self._changed.notify()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_seconds: float) -> list[str]:
        """Starts nothing any more, and waits so long for what runs; the names of jobs that have not ended then. What
        they do from now on is discarded."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self.running, timeout_seconds)
            for planned in self._planned.values():
                if planned.run is not None:
                    planned.run.abandon("the service is stopping")
            return self.running

    @property
    def is_started(self) -> bool:
        return self._thread.is_alive()

    @property
    def running(self) -> list[str]:
        return sorted(name for name, planned in self._planned.items() if planned.run is not None)

    @property
    def overdue(self) -> dict[str, int]:
        """Job -> runs so far that passed their deadline."""
        return dict(self._overdue)

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                self._changed.wait(min(self.run_due(), LONGEST_WAIT_SECONDS))

    def run_due(self) -> float:
        """Starts what is due and gives up what is late; how many seconds there is nothing to do then."""
        with self._changed:
            now = self.beat = self._monotonic()
            wall = self._clock.now()
            moments = []
            for planned in self._planned.values():
                if planned.run is not None and planned.expires <= now:
                    self._give_up(planned)
                if planned.run is None and (planned.due <= now or self._is_calendar_due(planned, wall)):
                    self._begin(planned, now)
                moments.append(planned.due if planned.run is None else planned.expires)
            return max(0.0, min(moments, default=now + LONGEST_WAIT_SECONDS) - now)

    def _begin(self, planned: _Planned, now: float) -> None:
        job = planned.job
        planned.due = self._after(job.every, self._jitter(job))
        planned.hanging = [thread for thread in planned.hanging if thread.is_alive()]
        if len(planned.hanging) >= MOST_ABANDONED:
            log.error(
                "earlier runs are still hanging; no further run is started", job=job.name, hanging=len(planned.hanging)
            )
            self._report(planned)
            return
        planned.run = run = Run(job.name, job.deadline)
        planned.expires = now + job.deadline.total_seconds()
        planned.again = False
        planned.thread = threading.Thread(target=self._work, args=(planned, run), name=job.name, daemon=True)
        planned.thread.start()

    def _work(self, planned: _Planned, run: Run) -> None:
        outcome: bool | None = False
        try:
            outcome = planned.job.work(run)
        except DeadlineExceeded:
            pass  # whoever gave it up has said so
        except FinopsError as error:  # a database that is away, say
            log.error("a job failed", job=run.job, error=str(error))
        except Exception as error:  # the others go on whatever a job does, and no traceback reaches the log
            log.error("internal error", job=run.job, fault=fault_place(error))
            log.debug("details", exc_info=True)
        with self._changed:
            if planned.run is run:
                planned.run = None
                self._plan_next(planned, failed=outcome is False)
            self._changed.notify_all()

    def _plan_next(self, planned: _Planned, *, failed: bool) -> None:
        now = self._monotonic()
        planned.failures = planned.failures + 1 if failed else 0
        if planned.again:
            planned.due = now
        elif failed:
            wait = min(FIRST_RETRY * (1 << min(planned.failures - 1, 10)), LONGEST_RETRY)
            planned.due = min(planned.due, now + wait.total_seconds() * (0.5 + self._random.random() / 2))

    def _give_up(self, planned: _Planned) -> None:
        run, thread, seconds = planned.run, planned.thread, planned.job.deadline.total_seconds()
        assert run is not None and thread is not None  # noqa: S101, PT018 - only a running job has a deadline
        run.abandon(f"it exceeded its deadline of {seconds:g} seconds")
        log.error("a job exceeded its deadline and was abandoned", job=run.job, deadline_seconds=seconds)
        planned.hanging.append(thread)
        planned.run = None
        self._plan_next(planned, failed=True)
        self._report(planned)

    def _report(self, planned: _Planned) -> None:
        job = planned.job
        self._overdue[job.name] = self._overdue.get(job.name, 0) + 1
        if job.overdue is not None:
            threading.Thread(target=job.overdue, name=f"overdue {job.name}", daemon=True).start()

    def _is_calendar_due(self, planned: _Planned, wall: datetime) -> bool:
        """Looks at the wall clock each time: one that was set back or forward changes when the calendar's moment is."""
        due = planned.calendar_due
        if due is None:
            return False
        planned.calendar_due = self._next_on_calendar(planned.job) if wall >= due else due
        return wall >= due

    def _next_on_calendar(self, job: Job) -> datetime | None:
        return job.calendar.get_next_fire_time(None, self._clock.now()) if job.calendar is not None else None

    def _jitter(self, job: Job) -> float:
        most = min(MOST_JITTER, job.every * JITTER_SHARE) if job.jitter and job.every else timedelta()
        return self._random.random() * most.total_seconds()

    def _after(self, wait: timedelta | None, jitter: float) -> float:
        return inf if wait is None else self._monotonic() + wait.total_seconds() + jitter
