"""The stored snapshot, on every database."""

from __future__ import annotations

from finops.model.archive import StoredSnapshot
from finops.state import State
from tests.support.verdicts import HOUR, T0, MovableClock


def test_there_is_none_at_first(state: State) -> None:
    assert state.snapshots.latest() is None


def test_only_the_latest_is_kept(state: State) -> None:
    state.snapshots.save(b"\x00one", T0)
    state.snapshots.save(b"two" * 1_000_000, T0 + HOUR)

    assert state.snapshots.latest() == StoredSnapshot(b"two" * 1_000_000, T0 + HOUR)


def test_one_that_is_older_than_the_stored_one_is_left_out(state: State) -> None:
    state.snapshots.save(b"new", T0)
    state.snapshots.save(b"late", T0 - HOUR)

    assert state.snapshots.latest() == StoredSnapshot(b"new", T0)


def test_one_of_the_future_is_of_a_clock_that_has_been_set_back(state: State, clock: MovableClock) -> None:
    state.snapshots.save(b"before", T0)
    clock.advance(-HOUR)
    state.snapshots.save(b"after", T0 - HOUR)

    assert state.snapshots.latest() == StoredSnapshot(b"after", T0 - HOUR)
    assert state.snapshots.latest(other_than=T0) == StoredSnapshot(b"after", T0 - HOUR)


def test_nothing_is_read_that_the_reader_has_already(state: State) -> None:
    state.snapshots.save(b"one", T0)

    assert state.snapshots.latest(other_than=T0) is None
    assert state.snapshots.latest(other_than=T0 - HOUR) == StoredSnapshot(b"one", T0)
