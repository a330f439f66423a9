"""The table from keys to numbers holds what a dictionary would."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finops.lake.rollup.key_index import KeyIndex

# few values, so that first halves meet often and slots run into one another
_halves = st.integers(0, 6) | st.sampled_from([4095, 4096, 2**64 - 1])
_keys = st.tuples(_halves, _halves)


def _arrays(keys: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.array([key[half] for key in keys], np.uint64) for half in (0, 1))  # type: ignore[return-value] # two


@given(st.lists(_keys, unique=True, min_size=1), st.lists(_keys, min_size=1), st.integers(1, 5))
def test_it_finds_what_was_added_and_nothing_else(
    added: list[tuple[int, int]], asked: list[tuple[int, int]], step: int
) -> None:
    index = KeyIndex()
    expected: dict[tuple[int, int], int] = {}
    for start in range(0, len(added), step):
        some = added[start : start + step]
        numbers = np.arange(start, start + len(some))
        index.add(*_arrays(some), numbers)
        expected.update(zip(some, numbers.tolist(), strict=True))
    assert index.find(*_arrays(asked)).tolist() == [expected.get(key, -1) for key in asked]


def test_it_grows() -> None:
    first = np.arange(0, 40_000, 4, dtype=np.uint64)
    index = KeyIndex()
    for start in range(0, len(first), 1_000):
        part = first[start : start + 1_000]
        index.add(part, part + 1, np.arange(start, start + len(part)))
    assert index.find(first, first + 1).tolist() == list(range(len(first)))
    assert set(index.find(first, first)) == {-1}
