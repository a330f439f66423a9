"""Jobs run on their intervals whatever the wall clock does, and one that hangs stops nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from finops.errors import DeadlineExceeded, Unreachable
from finops.service.jobs import MOST_ABANDONED, Job, Jobs, Run
from finops.service.upkeep import nightly

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Clocks:
    """A wall clock that somebody sets, and a monotonic one that only goes forward."""

    def __init__(self, wall: datetime = datetime(2026, 3, 20, 6, tzinfo=UTC)) -> None:
        self.wall = wall
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def go_on(self, by: timedelta) -> None:
        self.wall += by
        self.seconds += by.total_seconds()


class Counted:
    """Work that counts its runs, and tells when one has ended."""

    def __init__(self, outcome: bool | None = None) -> None:
        self.runs = 0
        self.outcome = outcome
        self.ran = threading.Semaphore(0)

    def __call__(self, run: Run) -> bool | None:
        self.runs += 1
        self.ran.release()
        return self.outcome


class Hanging:
    """Work that does not end before it is told to; what it would write then."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Event()
        self.ended = threading.Semaphore(0)
        self.written = 0

    def __call__(self, run: Run) -> None:
        self.begun.release()
        assert self.may_end.wait(30)
        try:
            run.check()
            self.written += 1
        finally:
            self.ended.release()


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def jobs(clocks: Clocks) -> Iterator[Jobs]:
    made = Jobs(clocks, clocks.monotonic, Random(1))
    yield made
    made.stop(10)


def settle(jobs: Jobs, clocks: Clocks, by: timedelta = timedelta()) -> None:
    """Time passes; what is due runs to its end."""
    clocks.go_on(by)
    jobs.run_due()
    for thread in [one for one in threading.enumerate() if one.name in jobs.running]:
        thread.join(30)


def test_a_job_runs_at_the_start_and_on_its_interval(jobs: Jobs, clocks: Clocks) -> None:
    work = Counted()
    jobs.add(Job("one", work, HOUR, MINUTE))
    settle(jobs, clocks)
    settle(jobs, clocks, HOUR - MINUTE)
    assert work.runs == 1
    settle(jobs, clocks, MINUTE)
    assert work.runs == 2


def test_a_job_whose_database_is_away_says_what_is_wrong(jobs: Jobs, clocks: Clocks) -> None:
    def away(_: Run) -> None:
        raise Unreachable("connection refused", where="state (postgresql://db)", remedy="Check that it runs")

    jobs.add(Job("one", away, HOUR, MINUTE))
    with capture_logs() as logs:
        settle(jobs, clocks)

    [said] = [entry for entry in logs if entry["log_level"] == "error"]
    assert said["event"] == "a job failed"
    assert said["error"] == "state (postgresql://db): connection refused. Check that it runs"


def test_a_job_that_is_not_due_waits(jobs: Jobs, clocks: Clocks) -> None:
    work = Counted()
    jobs.add(Job("fresh", work, 6 * HOUR, MINUTE, first=HOUR))
    settle(jobs, clocks)
    assert work.runs == 0
    settle(jobs, clocks, HOUR)
    assert work.runs == 1


def test_what_a_suspended_machine_missed_runs_once(jobs: Jobs, clocks: Clocks) -> None:
    work = Counted()
    jobs.add(Job("missed", work, HOUR, MINUTE))
    settle(jobs, clocks)
    settle(jobs, clocks, 100 * HOUR)
    settle(jobs, clocks)
    assert work.runs == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.timedeltas(timedelta(days=-400), timedelta(days=400)), min_size=1, max_size=12))
def test_setting_the_wall_clock_delays_and_hastens_nothing(steps: list[timedelta]) -> None:
    clocks = Clocks()
    jobs, work = Jobs(clocks, clocks.monotonic, Random(1)), Counted()
    jobs.add(Job("one", work, HOUR, MINUTE))
    settle(jobs, clocks)
    for step in steps:
        clocks.wall += step
        settle(jobs, clocks, HOUR)
    assert work.runs == 1 + len(steps)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_a_nightly_job_runs_once_each_night_of_a_leap_year(zone: str) -> None:
    clocks = Clocks(datetime(2028, 1, 1, 12, tzinfo=UTC))
    jobs, nights = Jobs(clocks, clocks.monotonic, Random(1)), []

    def work(_run: Run) -> None:
        nights.append(clocks.wall.astimezone(ZoneInfo(zone)))

    jobs.add(Job("upkeep", work, None, HOUR, first=None, calendar=nightly(ZoneInfo(zone), minute=17)))
    for _ in range(366 * 4):
        settle(jobs, clocks, 6 * HOUR)
    assert len({night.date() for night in nights}) == len(nights) == 366
    assert any((night.month, night.day) == (2, 29) for night in nights)


def test_a_job_that_breaks_runs_again(jobs: Jobs, clocks: Clocks, caplog: pytest.LogCaptureFixture) -> None:
    runs = []

    def work(_run: Run) -> None:
        runs.append(1)
        raise ZeroDivisionError

    jobs.add(Job("broken", work, 6 * HOUR, MINUTE))
    settle(jobs, clocks)
    settle(jobs, clocks, MINUTE)
    assert len(runs) == 2, "not hours later"
    assert "Traceback" not in caplog.text


def test_what_fails_is_tried_again_within_minutes_and_ever_less_often(jobs: Jobs, clocks: Clocks) -> None:
    work = Counted(outcome=False)
    jobs.add(Job("failing", work, 6 * HOUR, MINUTE))
    minutes = []
    for minute in range(6 * 60):
        before = work.runs
        settle(jobs, clocks, MINUTE if minute else timedelta())
        minutes += [minute] if work.runs > before else []
    waits = [later - sooner for sooner, later in pairwise(minutes)]
    assert waits[0] == 1
    assert max(waits) <= 30
    assert waits[-2] > 10
    work.outcome = True
    settle(jobs, clocks, 30 * MINUTE)
    succeeded = work.runs
    settle(jobs, clocks, 5 * HOUR)
    assert work.runs == succeeded, "its own interval again"


def test_soon_runs_now_and_once_more_after_a_run_that_began_before(jobs: Jobs, clocks: Clocks) -> None:
    work = Hanging()
    jobs.add(Job("one", work, None, HOUR, first=None))
    jobs.run_due()
    assert jobs.running == []
    jobs.soon("one")
    jobs.run_due()
    assert work.begun.acquire(timeout=30)
    jobs.soon("one")
    jobs.soon("one")
    jobs.run_due()
    work.may_end.set()
    settle(jobs, clocks)
    settle(jobs, clocks)
    settle(jobs, clocks)
    assert work.written == 2


def test_a_run_past_its_deadline_is_given_up_told_and_writes_nothing(jobs: Jobs, clocks: Clocks) -> None:
    work, told = Hanging(), threading.Event()
    jobs.add(Job("hangs", work, HOUR, MINUTE, overdue=told.set))
    jobs.run_due()
    assert work.begun.acquire(timeout=30)
    settled = Counted()
    jobs.add(Job("beside", settled, MINUTE, MINUTE))
    clocks.go_on(MINUTE)
    jobs.run_due()
    assert settled.ran.acquire(timeout=30), "another job is not held up"
    assert told.wait(30)
    assert jobs.overdue == {"hangs": 1}
    clocks.go_on(MINUTE)
    jobs.run_due()
    assert work.begun.acquire(timeout=30), "and the next run is not either"
    work.may_end.set()
    assert work.ended.acquire(timeout=30)
    assert work.ended.acquire(timeout=30)
    assert work.written == 1, "only the run that is in time"


def test_what_a_run_holds_is_given_back_when_it_is_given_up() -> None:
    run, given = Run("one", MINUTE), []
    run.when_abandoned(lambda: given.append("slot"))
    run.check()
    run.abandon("it took too long")
    assert given == ["slot"]
    with pytest.raises(DeadlineExceeded, match="it took too long"):
        run.check()


def test_threads_that_hang_do_not_pile_up(jobs: Jobs, clocks: Clocks) -> None:
    work = Hanging()
    jobs.add(Job("hangs", work, 2 * MINUTE, MINUTE))
    for _ in range(4 * MOST_ABANDONED):
        jobs.run_due()
        clocks.go_on(2 * MINUTE)
    begun = sum(1 for _ in iter(lambda: work.begun.acquire(blocking=False), False))
    assert begun == MOST_ABANDONED
    assert jobs.overdue["hangs"] > MOST_ABANDONED
    work.may_end.set()
    for _ in range(begun):
        assert work.ended.acquire(timeout=30)


def test_a_stop_waits_for_nothing_that_hangs(jobs: Jobs) -> None:
    work = Hanging()
    jobs.add(Job("hangs", work, HOUR, HOUR))
    jobs.start()
    assert work.begun.acquire(timeout=30)
    assert jobs.stop(0.01) == ["hangs"]
    jobs.soon("hangs")  # one that ends may still ask for another
    work.may_end.set()
    assert work.ended.acquire(timeout=30)
    assert work.written == 0
