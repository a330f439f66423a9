"""A replica goes on through a clock that is set, and a lake that is away when it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from finops.app.container import Container, open_container
from finops.errors import Unreachable
from finops.service.replica import Replica
from tests.integration.main_job.test_service import until
from tests.unit.alert.verdicts import HOUR, T0, MovableClock

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
    replica = Replica(replace(container, lake=lake), monotonic=seconds)  # type: ignore[arg-type] # it is every lake
    replica.show()
    replica.start()
    try:
        lake.back = True
        seconds.now += 60
        until(lambda: evaluated(replica) is not None)
    finally:
        replica.stop(60)
