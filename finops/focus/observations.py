"""What conforming saw in the rows that passed: mends by column and kind, things to note, and the first fault.

Rows stream through in batches, on several threads and in no certain order; a batch is observed on its own and handed
over at its end, so that the outcome does not depend on how the rows were cut.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from finops.errors import RefusedBatch
from finops.ports.lake import Tally

_LONGEST_VALUE = 80


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A value whose meaning is not certain. ``row`` counts from 0; ``order`` is the column's place in the checks."""

    row: int
    order: int
    column: str
    what: str
    remedy: str

    def refusal(self, part: str) -> RefusedBatch:
        return RefusedBatch(self.what, where=f"{part}, row {self.row + 1}, column {self.column}", remedy=self.remedy)


@dataclass(slots=True)
class BatchNotes:
    """Gathers for one batch; ``row_numbers`` are the part's own, from 0."""

    row_numbers: pl.Series
    mended: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def mend(self, column: str, kind: str, count: int | pl.Series) -> None:
        """``count``: how many values, or a mask of them."""
        number = _count(count)
        if number:
            self.mended[f"{column}: {kind}"] += number

    def note(self, column: str, what: str, count: int | pl.Series) -> None:
        """``count``: how many values, or a mask of them."""
        number = _count(count)
        if number:
            self.noted[f"{column}: {what}"] += number

    def fault(self, column: str, where: pl.Series, raw: pl.Series, what: Callable[[str], str], remedy: str) -> None:
        """``where`` is a mask over the batch; only its first row is kept. ``what`` gets the value as text."""
        index = where.arg_true()
        if len(index):
            first = int(index[0])
            value = raw[first]
            shown = "" if value is None else str(value)
            shown = shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}…"
            self.faults.append(Fault(int(self.row_numbers[first]), len(self.faults), column, what(shown), remedy))


@dataclass(slots=True)
class Observations:
    """The sum over all batches of one part."""

    rows: int = 0
    batches: int = 0
    mended: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    fault: Fault | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, notes: BatchNotes, rows: int) -> None:
        with self._lock:
            self.batches += 1
            self.rows += rows
            self.mended.update(notes.mended)
            self.noted.update(notes.noted)
            self.fault = min([*notes.faults, *([self.fault] if self.fault else [])], default=None)

    def tally(self, part: str, header: Tally) -> Tally:
        """``header``: what was mended and noted before any row was read. Raises ``RefusedBatch`` on a fault."""
        with self._lock:
            if self.fault is not None:
                raise self.fault.refusal(part)
            mended = Counter(header.mended)
            mended.update(self.mended)
            notes = [f"{part}: {what} ({count} rows)" for what, count in sorted(self.noted.items())]
            return Tally(self.rows, dict(sorted(mended.items())), (*header.notes, *notes))


def add_up(tallies: list[Tally]) -> Tally:
    """One tally for several parts; notes keep the parts' order."""
    mended: Counter[str] = Counter()
    for tally in tallies:
        mended.update(tally.mended)
    notes = tuple(note for tally in tallies for note in tally.notes)
    return Tally(sum(tally.rows for tally in tallies), dict(sorted(mended.items())), notes)


def _count(count: int | pl.Series) -> int:
    return int(count.sum()) if isinstance(count, pl.Series) else count
