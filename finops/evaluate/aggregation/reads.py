"""What an evaluation read, so that it can be told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Read:
    """``what``: a table, or a step over what was read. ``partitions``: (source, billing period) pairs, ``rows``: rows
    that came back."""

    what: str
    partitions: int
    rows: int
    seconds: float


@dataclass(slots=True)
class Reads:
    """In the order in which they were made."""

    made: list[Read] = field(default_factory=list)

    @contextmanager
    def of(self, what: str, partitions: int = 0) -> Iterator[Count]:
        count, started = Count(), time.perf_counter()
        yield count
        self.made.append(Read(what, partitions, count.rows, time.perf_counter() - started))


@dataclass(slots=True)
class Count:
    rows: int = 0
