"""128-bit keys -> numbers, for a hundred thousand keys at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from finops.deferred import numpy as np
from finops.lake.rollup.tuple_keys import KEY, Keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

Numbers: TypeAlias = "NDArray[np.int64]"
_SLOTS_PER_KEY = 2
_FEWEST_SLOTS = 1 << 12
_NAMED_AT_ONCE = 8_192


class KeyIndex:
    """A hash table with open addressing, in arrays: a join would build its own anew for every slice of rows.

    One thread at a time may ``add``; any number may ``find`` meanwhile: they may miss what is being added, and never
    find a wrong number, since a number is written after its key.
    """

    def __init__(self) -> None:
        self.count = 0
        self._slots = _Slots(_FEWEST_SLOTS)

    def find(self, first: Keys, second: Keys) -> Numbers:
        """The number of each key, -1 for unknown ones."""
        return self._slots.find(first, second)

    def add(self, first: Keys, second: Keys, numbers: Numbers) -> None:
        """Keys that are not there yet, each once; ``numbers`` from 0."""
        self.count += len(first)
        if self.count * _SLOTS_PER_KEY > self._slots.size:
            old, size = self._slots, self._slots.size
            while self.count * _SLOTS_PER_KEY > size:
                size *= 2
            self._slots = _Slots(size)
            taken = old.numbers >= 0
            self._slots.add(old.first[taken], old.second[taken], old.numbers[taken])
        self._slots.add(first, second, numbers)


def halves(keyed: pl.DataFrame) -> tuple[Keys, Keys]:
    """The two columns ``KEY``."""
    return keyed[KEY[0]].to_numpy(), keyed[KEY[1]].to_numpy()


def number(keyed: pl.DataFrame, index: KeyIndex, name: Callable[[pl.DataFrame], Numbers]) -> Numbers:
    """The number of each row's ``KEY``; ``name`` gives them to rows whose keys have none yet, each once."""
    found = index.find(*halves(keyed))
    while (unknown := found < 0).any():
        # by one half first: whatever shares it with another key has its turn in the next round
        new = keyed.filter(pl.Series(unknown)).unique(subset=KEY[0], keep="any")
        for some in new.iter_slices(_NAMED_AT_ONCE):
            index.add(*halves(some), name(some))
        found[unknown] = index.find(*(half[unknown] for half in halves(keyed)))
    return found


class _Slots:
    def __init__(self, size: int) -> None:
        """``size``: a power of two."""
        self.size = size
        self.first = np.zeros(size, np.uint64)
        self.second = np.zeros(size, np.uint64)
        self.numbers = np.full(size, -1, np.int64)

    def find(self, first: Keys, second: Keys) -> Numbers:
        at = self._home(first)
        found = self.numbers[at]
        left = np.flatnonzero(self._wrong(at, first, second, found))
        at = at[left]
        while len(left):
            at = at + 1 & self.size - 1
            numbers = self.numbers[at]
            found[left] = numbers
            wrong = self._wrong(at, first[left], second[left], numbers)
            left, at = left[wrong], at[wrong]
        return found

    def add(self, first: Keys, second: Keys, numbers: Numbers) -> None:
        left = np.arange(len(first))
        at = self._home(first)
        while len(left):
            free = np.flatnonzero(self.numbers[at] < 0)
            slots, winners = np.unique(at[free], return_index=True)
            placed = free[winners]
            self.first[slots] = first[left[placed]]
            self.second[slots] = second[left[placed]]
            self.numbers[slots] = numbers[left[placed]]
            keep = np.ones(len(left), bool)
            keep[placed] = False
            left, at = left[keep], at[keep] + 1 & self.size - 1

    def _wrong(self, at: Numbers, first: Keys, second: Keys, numbers: Numbers) -> NDArray[np.bool_]:
        """Where a slot holds another key."""
        wrong: NDArray[np.bool_] = ((self.first[at] != first) | (self.second[at] != second)) & (numbers >= 0)
        return wrong

    def _home(self, first: Keys) -> Numbers:
        return (first & np.uint64(self.size - 1)).astype(np.int64)
