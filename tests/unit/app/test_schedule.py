"""A run that was missed is caught up once, and a job that breaks does not break the schedule."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from finops.app.clock import SystemClock
from finops.service.schedule import Job, Schedule


@pytest.fixture
def schedule() -> Iterator[Schedule]:
    schedule = Schedule(SystemClock(), threads=2)
    yield schedule
    schedule.stop()


def test_a_run_that_was_missed_many_times_is_caught_up_once(schedule: Schedule) -> None:
    runs: list[str] = []
    ran, later = threading.Event(), threading.Event()

    def work() -> None:
        runs.append("missed")
        ran.set()

    long_ago = SystemClock().now() - timedelta(days=30)
    schedule.add(Job("missed", timedelta(hours=6), work, last=long_ago))
    schedule.add(Job("beside", timedelta(seconds=1), later.set, last=SystemClock().now()))
    schedule.start()
    assert ran.wait(10)
    assert later.wait(10)
    assert runs == ["missed"]


def test_a_job_that_is_not_due_waits(schedule: Schedule) -> None:
    runs: list[str] = []
    beside = threading.Event()
    schedule.add(Job("fresh", timedelta(hours=6), lambda: runs.append("fresh"), last=SystemClock().now()))
    schedule.add(Job("beside", timedelta(seconds=1), beside.set))
    schedule.start()
    assert beside.wait(10)
    assert runs == []


def test_a_job_that_breaks_runs_again(schedule: Schedule, caplog: pytest.LogCaptureFixture) -> None:
    twice = threading.Semaphore(0)

    def work() -> None:
        twice.release()
        raise ZeroDivisionError

    schedule.add(Job("broken", timedelta(seconds=1), work))
    schedule.start()
    assert twice.acquire(timeout=10)
    assert twice.acquire(timeout=10)
    assert schedule.alive
    assert "Traceback" not in caplog.text


def test_soon_runs_now(schedule: Schedule) -> None:
    ran = threading.Event()
    schedule.add(Job("later", timedelta(hours=6), ran.set, last=SystemClock().now()))
    schedule.start()
    schedule.soon("later")
    assert ran.wait(10)


def test_a_job_that_ends_while_the_schedule_stops_may_still_ask_for_another() -> None:
    schedule = Schedule(SystemClock(), threads=1)
    started, stopping, asked = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        assert stopping.wait(10)
        schedule.soon("other")
        asked.set()

    schedule.add(Job("other", timedelta(hours=6), lambda: None, last=SystemClock().now()))
    schedule.add(Job("ending", timedelta(hours=6), work, slow=True))
    schedule.start()
    assert started.wait(10)
    stop = threading.Thread(target=schedule.stop)
    stop.start()
    while schedule.running:
        stop.join(0.01)
    stopping.set()
    stop.join(10)
    assert asked.is_set()
