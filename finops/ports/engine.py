"""Machines other than this one, that read the lake and add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import polars as pl

T = TypeVar("T")

Task = Callable[[], pl.DataFrame]
"""A part of the work, anywhere: it finds what it reads by itself, and can be pickled."""


@dataclass(frozen=True, slots=True)
class Merge:
    """How rows of several frames become one row: those that agree in ``by`` are summed, or keep the greatest value.

    Adding Decimals is exact, and so is the outcome: it does not depend on how the work was cut.
    """

    by: tuple[str, ...]
    sums: tuple[str, ...] = ()
    greatest: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.by, *self.sums, *self.greatest)


class Engine(Protocol):
    """Runs tasks on other machines. Without one, the same work is done here, by Polars, in one go.

    Raises ``Unreachable`` and ``AccessDenied`` for the machines themselves, and whatever ``FinopsError`` a task raised.
    """

    @property
    def width(self) -> int:
        """How many tasks run at once."""
        ...

    def merged(self, tasks: Sequence[Task], schema: pl.Schema, merge: Merge) -> pl.DataFrame:
        """The frames of all tasks (``schema``: the columns of ``merge``), merged over there; in no certain order."""
        ...

    def each(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """What each task returns, in order: for outcomes that are small."""
        ...

    def close(self) -> None:
        """Gives the machines back."""
        ...
