"""The distinct tuples of some columns of a frame, found by numbers instead of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from finops.deferred import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Numbers: TypeAlias = "NDArray[np.int64]"

_ROOM = 2**21
"""Keys below this, or four times the rows, are told apart by a table of all of them, which needs no sorting."""


@dataclass(frozen=True, slots=True)
class Distinct:
    """``frame``: each distinct tuple once. ``tuple_of``: aligned with the rows, the place of each one's tuple."""

    frame: pl.DataFrame
    tuple_of: Numbers


class Tuples:
    """``frame``: any columns; each one's values are numbered once, however many sets of columns are asked for."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._codes: dict[str, tuple[Numbers, int]] = {}

    def distinct(self, columns: Sequence[str]) -> Distinct:
        """By the first column, then the next; numbers and days ascend, texts are in an order of their own.
        ``columns``: at least one."""
        key, width = np.zeros(self._frame.height, np.int64), 1
        room = max(_ROOM, 4 * self._frame.height)
        for name in columns:
            code, of_column = self._code(name)
            if width * of_column > room:  # without gaps both are at most the rows: the product stays below 2^63
                key, rows = _numbered(key, width, room)
                width = len(rows)
            key, width = key * of_column + code, width * of_column
        tuple_of, rows = _numbered(key, width, room)
        return Distinct(self._frame.select(columns)[rows], tuple_of)

    def _code(self, name: str) -> tuple[Numbers, int]:
        """A number for each value, and how many there are."""
        if name not in self._codes:
            code = _codes(self._frame[name])
            self._codes[name] = code, int(code.max(initial=0)) + 1
        return self._codes[name]


def _codes(values: pl.Series) -> Numbers:
    """Below ``_ROOM`` or about the length."""
    if values.dtype == pl.String:
        if values.is_empty() or (not values.null_count() and (values == values[0]).all()):
            return np.zeros(len(values), np.int64)
        # categories of our own: those of all frames together would grow as long as the process lives
        places = values.cast(pl.Categorical(pl.Categories.random())).to_physical()
        return np.asarray((places.cast(pl.Int64) + 1).fill_null(0).to_numpy(), np.int64)
    if (values.dtype == pl.Date or values.dtype.is_integer()) and len(values) and not values.null_count():
        numbers = np.asarray(values.to_physical().to_numpy(), np.int64)
        least, greatest = int(numbers.min()), int(numbers.max())
        if greatest - least < _ROOM:
            return numbers - least
    return np.asarray(values.rank("dense").cast(pl.Int64).fill_null(0).to_numpy(), np.int64)


def _numbered(key: Numbers, width: int, room: int) -> tuple[Numbers, Numbers]:
    """``key`` (from 0, below ``width``) without gaps, and a row of each number."""
    if width > room:
        _, rows, numbers = np.unique(key, return_index=True, return_inverse=True)
        return numbers, rows
    row = np.full(width, -1, np.int64)
    row[key] = np.arange(len(key))
    used = np.flatnonzero(row >= 0)
    rows = row[used]
    if len(used) == width:
        return key, rows
    row[used] = np.arange(len(used))
    return row[key], rows
