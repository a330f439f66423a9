"""The distinct tuples of some columns of a frame, found by numbers instead of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_ROOM = 2**62


@dataclass(frozen=True, slots=True)
class Distinct:
    """``frame``: each distinct tuple once. ``rows``: aligned with it, the numbers of its rows (List)."""

    frame: pl.DataFrame
    rows: pl.Series


class Tuples:
    """``frame``: any columns; each one's values are numbered once, however many sets of columns are asked for."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self._codes: dict[str, tuple[pl.Series, int]] = {}

    def distinct(self, columns: Sequence[str]) -> Distinct:
        """In the order of their first rows. ``columns``: at least one."""
        keyed = pl.DataFrame({"key": self._key(columns)}).with_row_index("row")
        found = keyed.group_by("key", maintain_order=True).agg("row")
        return Distinct(self._frame.select(columns)[found["row"].list.first()], found["row"])

    def _key(self, columns: Sequence[str]) -> pl.Series:
        key, width = pl.repeat(0, self._frame.height, dtype=pl.UInt64, eager=True), 1
        for name in columns:
            code, of_column = self._code(name)
            if width * of_column >= _ROOM:
                key = key.rank("dense").cast(pl.UInt64)
                width = self._frame.height + 1
            key, width = key * of_column + code, width * of_column
        return key

    def _code(self, name: str) -> tuple[pl.Series, int]:
        """A number for each value, 0 for null, and how many there are."""
        if name not in self._codes:
            values = self._frame[name]
            if values.dtype == pl.String:
                # categories of our own: those of all frames together would grow as long as the process lives
                numbers = values.cast(pl.Categorical(pl.Categories.random())).to_physical()
            else:
                numbers = values.rank("dense")
            code = (numbers.cast(pl.UInt64) + 1).fill_null(0)
            highest = code.max()
            self._codes[name] = code, (int(str(highest)) if highest is not None else 0) + 1
        return self._codes[name]
