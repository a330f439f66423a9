"""Secrets of the service's own are made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from finops.state import State, open_state
from tests.support.verdicts import MovableClock


def test_all_replicas_get_the_same_key_whoever_asks_first(
    state: State, state_url: str, tmp_path: Path, clock: MovableClock
) -> None:
    other = open_state(state_url, base=tmp_path, clock=clock)
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda number: (state, other)[number % 2].keys.signing_key(), range(8)))
    other.close()
    assert [len(key) for key in made] == [32]


def test_a_restart_keeps_it(state: State, state_url: str, tmp_path: Path, clock: MovableClock) -> None:
    first = state.keys.signing_key()
    again = open_state(state_url, base=tmp_path, clock=clock)
    assert again.keys.signing_key() == first
    again.close()
