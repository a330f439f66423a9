"""Every test here runs on each database that the state can stand in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from finops.state import State, open_state
from tests.support.verdicts import MovableClock


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///var/state.db"
    url = request.getfixturevalue("postgres_database")
    assert isinstance(url, str)
    return url


@pytest.fixture
def state(state_url: str, tmp_path: Path, clock: MovableClock) -> Iterator[State]:
    opened = open_state(state_url, base=tmp_path, clock=clock)
    yield opened
    opened.close()
