"""A replica goes on through a clock that is set, and a lake that is away when it starts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finops.app.collection.requests import WorkRequests
from finops.app.container import Container, open_container
from finops.collect.files import FocusFiles
from finops.errors import Unreachable
from finops.model.audit import Actor, Proof
from finops.model.operations import EVALUATE, source_job
from finops.service.replica import Replica
from tests.integration.main_job.test_service import until
from tests.support.verdicts import HOUR, T0, MovableClock

CONFIG = """\
apiVersion: finops/v1
policies: ./policies
lake: ./lake
currency: EUR
evaluate_every: 1h
http: {listen: "127.0.0.1:0"}
sources: {bills: {kind: focus-files, path: ./bills, every: 6h}}
"""


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def container(tmp_path: Path, clock: MovableClock) -> Iterator[Container]:
    for name in ("policies", "bills"):
        (tmp_path / name).mkdir()
    (tmp_path / "finops.yaml").write_text(CONFIG, encoding="utf-8")
    opened = open_container(tmp_path / "finops.yaml", clock)
    yield opened
    opened.close()


def evaluated(replica: Replica) -> datetime | None:
    current = replica.board.current
    return current.snapshot.as_of if current is not None and current.snapshot is not None else None


@pytest.mark.parametrize("steps", [[-HOUR], [HOUR, -HOUR], [timedelta(days=-400)], [timedelta(days=400), -HOUR]])
def test_it_evaluates_on_time_after_its_clock_was_set(
    container: Container, clock: MovableClock, steps: list[timedelta]
) -> None:
    seconds = Seconds()
    replica = Replica(container, monotonic=seconds)
    replica.show()
    replica.start()
    try:
        until(lambda: evaluated(replica) == T0)
        for step in steps:
            clock.advance(step)
            seconds.now += HOUR.total_seconds()
            until(lambda: evaluated(replica) == clock.moment)
            stored = container.state.snapshots.latest()
            assert stored is not None
            assert stored.at == clock.moment
        assert replica.liveness.stale() == ""
    finally:
        replica.stop(60)


class Away:
    """A lake that does not answer until it is back."""

    def __init__(self, lake: Any) -> None:
        self.lake = lake
        self.back = False

    def __getattr__(self, name: str) -> Any:
        if not self.back:
            raise Unreachable("no route to host", where="the lake", remedy="Check the network")
        return getattr(self.lake, name)


def test_a_lake_that_is_away_at_the_start_is_asked_again(container: Container) -> None:
    lake, seconds = Away(container.lake), Seconds()
    replica = Replica(replace(container, lake=lake), monotonic=seconds)
    replica.show()
    replica.start()
    try:
        lake.back = True
        seconds.now += 60
        until(lambda: evaluated(replica) is not None)
    finally:
        replica.stop(60)


ANNA = Actor("anna", Proof.BASIC)


def collected(container: Container) -> datetime | None:
    history = container.state.collections.sources().get("bills")
    return history.latest.started_at if history is not None else None


def test_what_any_replica_is_asked_for_the_leader_does_once(tmp_path: Path, container: Container) -> None:
    clock, seconds = MovableClock(), Seconds()
    other = open_container(tmp_path / "finops.yaml", clock)
    leader, follower = Replica(container, monotonic=seconds), Replica(other, monotonic=seconds)
    work = WorkRequests(other.state.requested_jobs, other.collectors, other.clock)
    try:
        leader.start()
        follower.start()
        until(lambda: evaluated(leader) == T0 and collected(container) == T0)
        assert leader.leading.now
        assert not follower.leading.now
        container.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined] # it is a MovableClock
        work.collect("", ANNA)
        work.evaluate(ANNA)
        seconds.now += 2
        until(lambda: evaluated(leader) == collected(container) == T0 + timedelta(minutes=1))
        until(lambda: not other.state.requested_jobs.pending())
    finally:
        follower.stop(60)
        leader.stop(60)
        other.close()


def test_a_request_outlives_the_process_that_took_it(container: Container, clock: MovableClock) -> None:
    first, seconds = Replica(container, monotonic=Seconds()), Seconds()
    first.start()
    until(lambda: collected(container) == T0)
    first.stop(60)
    clock.advance(timedelta(minutes=1))
    requests = WorkRequests(container.state.requested_jobs, container.collectors, clock)
    requests.collect("bills", ANNA)
    container.state.requested_jobs.add(["source gone"], container.state.audit.page(limit=1).entries[0])
    second = Replica(container, monotonic=seconds)
    second.start()
    try:
        until(lambda: collected(container) == T0 + timedelta(minutes=1))  # not due for six hours
        until(lambda: not container.state.requested_jobs.pending())
    finally:
        second.stop(60)


def test_a_source_that_failed_is_tried_again_within_a_minute_and_after_a_start(
    tmp_path: Path, container: Container, clock: MovableClock
) -> None:
    seconds = Seconds()
    (tmp_path / "bills" / "broken.csv").write_text("no bill\n", encoding="utf-8")
    replica = Replica(container, monotonic=seconds)
    replica.start()
    until(lambda: collected(container) == T0)
    clock.advance(timedelta(minutes=1))
    seconds.now += 60
    until(lambda: collected(container) == T0 + timedelta(minutes=1))
    replica.stop(60)

    clock.advance(timedelta(seconds=1))
    restarted = Replica(container, monotonic=Seconds())
    restarted.start()
    try:
        until(lambda: collected(container) == T0 + timedelta(seconds=61))
    finally:
        restarted.stop(60)


def test_before_a_reload_a_running_collection_ends_and_no_other_begins(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, seconds = threading.Event(), threading.Event(), Seconds()
    discover = FocusFiles.discover

    def slow(*arguments: Any) -> Any:
        begun.set()
        assert may_end.wait(60)
        return discover(*arguments)

    monkeypatch.setattr(FocusFiles, "discover", slow)
    replica = Replica(container, monotonic=seconds)
    replica.start()
    try:
        assert begun.wait(60)
        reload = threading.Thread(target=replica.finish_collections, args=(threading.Event(),))
        reload.start()
        reload.join(0.5)
        assert reload.is_alive(), "the collection still runs"
        may_end.set()
        reload.join(60)
        assert not reload.is_alive()
        assert collected(container) == T0, "its result was kept"
        begun.clear()
        replica.jobs.soon(source_job("bills"))
        replica.jobs.soon(EVALUATE)
        until(lambda: evaluated(replica) is not None)
        assert not begun.is_set()
    finally:
        may_end.set()
        replica.stop(60)
