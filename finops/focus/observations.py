"""What conforming saw in the rows that passed: repairs by column and kind, things to note, and the first fault.

Rows stream through in batches, on several threads and in no certain order; a batch is observed on its own and handed
over at its end, so that the outcome does not depend on how the rows were cut.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from finops.errors import RefusedBatch
from finops.model.cell import Notation
from finops.model.quality import Quality, add_qualities
from finops.model.wording import count_text
from finops.ports.lake import Tally

_LONGEST_VALUE = 80
_NUMBERS = "Write numbers with a decimal point and without thousands separators, like 1234.56"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """A value whose meaning is not certain. ``row`` counts from 0; ``order`` is the column's place in the checks."""

    row: int
    order: int
    column: str
    what: str
    remedy: str
    value: str = ""

    def refusal(self, part: str) -> RefusedBatch:
        return RefusedBatch(self.what, where=f"{part}, row {self.row + 1}, column {self.column}", remedy=self.remedy)


@dataclass(slots=True)
class BatchNotes:
    """Gathers for one batch; ``row_numbers`` are the part's own, from 0."""

    row_numbers: pl.Series
    repaired: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    notations: dict[Notation, Fault] = field(default_factory=dict)

    def repair(self, column: str, kind: str, count: int | pl.Series) -> None:
        """``count``: how many values, or a mask of them."""
        number = _count(count)
        if number:
            self.repaired[f"{column}: {kind}"] += number

    def note(self, column: str, what: str, count: int | pl.Series) -> None:
        """``count``: how many values, or a mask of them."""
        number = _count(count)
        if number:
            self.noted[f"{column}: {what}"] += number

    def fault(self, column: str, where: pl.Series, raw: pl.Series, what: Callable[[str], str], remedy: str) -> None:
        """``where`` is a mask over the batch; only its first row is kept. ``what`` gets the value as text."""
        found = self._first(column, where, raw, what, remedy)
        if found is not None:
            self.faults.append(found)

    def write(self, column: str, notation: Notation, where: pl.Series, raw: pl.Series) -> None:
        """Numbers that are written in ``notation``: which it is may be certain only when the whole part was seen."""
        found = self._first(column, where, raw, "'{}' can be read with a decimal comma or without".format, _NUMBERS)
        if found is not None:
            self.notations[notation] = min(found, self.notations.get(notation, found))

    def _first(
        self, column: str, where: pl.Series, raw: pl.Series, what: Callable[[str], str], remedy: str
    ) -> Fault | None:
        index = where.arg_true()
        if not len(index):
            return None
        first = int(index[0])
        value = raw[first]
        shown = "" if value is None else str(value)
        shown = shown if len(shown) <= _LONGEST_VALUE else f"{shown[:_LONGEST_VALUE]}…"
        return Fault(int(self.row_numbers[first]), len(self.faults), column, what(shown), remedy, shown)


@dataclass(slots=True)
class Observations:
    """The sum over all batches of one part."""

    rows: int = 0
    batches: int = 0
    repaired: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    fault: Fault | None = None
    notations: dict[Notation, Fault] = field(default_factory=dict)
    quality: dict[date, Quality] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, notes: BatchNotes, rows: int) -> None:
        with self._lock:
            self.batches += 1
            self.rows += rows
            self.repaired.update(notes.repaired)
            self.noted.update(notes.noted)
            for notation, first in notes.notations.items():
                self.notations[notation] = min(first, self.notations.get(notation, first))
            self.fault = min([*notes.faults, *([self.fault] if self.fault else [])], default=None)

    def add_quality(self, found: Mapping[date, Quality]) -> None:
        with self._lock:
            self.quality = add_qualities([self.quality, found])

    @property
    def has_decimal_commas(self) -> bool:
        """Whether some number can only be read with one, and none with a comma between thousands."""
        return Notation.DECIMAL_COMMA in self.notations and Notation.GROUPED not in self.notations

    def tally(self, part: str, header: Tally) -> Tally:
        """``header``: what was repaired and noted before any row was read. Raises ``RefusedBatch`` on a fault."""
        with self._lock:
            if self.fault is not None:
                raise self.fault.refusal(part)
            doubt = self.notations.get(Notation.MAYBE_COMMA)
            if doubt is not None and not self.has_decimal_commas:
                raise doubt.refusal(part)
            repaired = Counter(header.repaired)
            repaired.update(self.repaired)
            notes = [f"{part}: {what} ({count_text(count, 'row')})" for what, count in sorted(self.noted.items())]
            return Tally(self.rows, dict(sorted(repaired.items())), (*header.notes, *notes), self.quality)


def add_up(tallies: list[Tally]) -> Tally:
    """One tally for several parts; notes keep the parts' order."""
    repaired: Counter[str] = Counter()
    for tally in tallies:
        repaired.update(tally.repaired)
    notes = tuple(note for tally in tallies for note in tally.notes)
    quality = add_qualities([tally.quality for tally in tallies])
    return Tally(sum(tally.rows for tally in tallies), dict(sorted(repaired.items())), notes, quality)


def _count(count: int | pl.Series) -> int:
    return int(count.sum()) if isinstance(count, pl.Series) else count
