"""A state that is lost, emptied or replaced under a running process is noticed, and not gone on from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from finops.errors import FinopsError, ReplacedStore
from finops.service.leadership import Leading
from finops.service.liveness import Liveness
from finops.state import State, open_state
from finops.state.tables import metadata
from tests.contract.state.test_leadership import applied
from tests.support.verdicts import HOUR, MovableClock

FILES = ("state.db", "state.db-wal", "state.db-shm")


@pytest.fixture
def lose(state_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], None]:
    def sqlite() -> None:
        for name in FILES:
            (tmp_path / "var" / name).unlink(missing_ok=True)

    def postgresql() -> None:
        server, name = request.getfixturevalue("postgres_server"), sa.make_url(state_url).database
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")

    return sqlite if state_url.startswith("sqlite") else postgresql


def empty(state_url: str, folder: Path) -> None:
    """The tables are gone, and connections stay as they are."""
    url = sa.make_url(state_url)
    if state_url.startswith("sqlite"):
        url = url.set(database=str(folder / "var" / "state.db"))
    engine = sa.create_engine(url)
    metadata.drop_all(engine)
    engine.dispose()


def stopped(state: State) -> None:
    """Nothing is led, applied or delivered."""
    assert not state.leader.holds()
    with pytest.raises(FinopsError):
        applied(state, hours=9)
    with pytest.raises(FinopsError):
        state.outbox.due_receivers(MovableClock().now())


def test_a_lost_state_is_noticed(state: State, lose: Callable[[], None], tmp_path: Path) -> None:
    assert state.leader.try_lead()
    lose()
    for _ in range(2):
        with pytest.raises(ReplacedStore, match=r"this is not the state .*: it is (gone|empty)"):
            state.leader.try_lead()
    stopped(state)
    assert not (tmp_path / "var" / "state.db").exists(), "no empty one takes its place"


def test_an_emptied_state_is_noticed(state: State, state_url: str, tmp_path: Path) -> None:
    assert state.leader.try_lead()
    empty(state_url, tmp_path)
    with pytest.raises(ReplacedStore, match="it is empty"):
        state.leader.try_lead()
    stopped(state)


def test_another_state_in_its_place_is_noticed(
    state: State, state_url: str, lose: Callable[[], None], tmp_path: Path
) -> None:
    assert state.leader.try_lead()
    lose()
    other = open_state(state_url, base=tmp_path, clock=MovableClock())
    with pytest.raises(ReplacedStore, match="it is another one"):
        state.leader.try_lead()
    stopped(state)
    assert other.leader.try_lead()
    other.close()


def test_a_state_that_comes_back_is_gone_on_with(
    state: State, state_url: str, lose: Callable[[], None], tmp_path: Path
) -> None:
    if not state_url.startswith("sqlite"):
        pytest.skip("PostgreSQL: docs/backup.md, whose commands tests/integration/lake/test_backup.py runs")
    assert state.leader.try_lead()
    with sqlite3.connect(tmp_path / "var" / "state.db") as running, sqlite3.connect(tmp_path / "backup.db") as backup:
        running.backup(backup)
    lose()
    with pytest.raises(ReplacedStore):
        state.leader.try_lead()
    (tmp_path / "backup.db").rename(tmp_path / "var" / "state.db")
    assert state.leader.try_lead()
    assert applied(state, hours=1).value == "done"


def test_health_says_so_without_asking_for_a_restart(state: State, lose: Callable[[], None]) -> None:
    leading = Leading(state.leader, gained=lambda: None, asked=lambda: None)
    liveness = Liveness(lambda: 0.0, HOUR)
    liveness.watch(leads=lambda: leading.now, beat=lambda: 0.0, lost=lambda: leading.lost)
    leading.renew()
    assert (leading.now, liveness.stale(), liveness.dead()) == (True, "", "")
    lose()
    leading.renew()
    assert (leading.now, liveness.dead()) == (False, "")
    assert "this is not the state that this process has opened" in liveness.stale()
