"""Machines other than this one, that read the lake and add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import polars as pl

if TYPE_CHECKING:
    import narwhals as nw

T = TypeVar("T")

Task = Callable[[], pl.DataFrame]
"""A part of the work, anywhere: it finds what it reads by itself, and can be pickled."""


class Engine(Protocol):
    """Tasks run on other machines, and their frames are joined and added up there in narwhals' words. Without an
    engine the same work is done here, by Polars.

    Raises ``Unreachable`` and ``BadArguments`` for the machines themselves, and whatever ``FinopsError`` a task raised.
    """

    @property
    def width(self) -> int:
        """How many tasks run at once."""
        ...

    def frame(self, tasks: Sequence[Task], schema: pl.Schema) -> nw.LazyFrame[Any]:
        """All rows of all tasks, over there; in no certain order. Each use of it runs the tasks again."""
        ...

    def lend(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """A small frame of this process, to join with."""
        ...

    def fetch(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Runs a plan over such frames, and brings its outcome here."""
        ...

    def takes(self, task: Callable[[], object]) -> bool:
        """Whether ``task`` can be sent at all."""
        ...

    def each(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """What each task returns, in order: for outcomes that are small."""
        ...

    def close(self) -> None:
        """Gives the machines back."""
        ...
