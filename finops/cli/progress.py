"""Progress of long operations: live on a terminal, one line per step elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from finops.model.wording import count_text


def bar(console: Console) -> Progress:
    """A transient bar for each task; silent where there is no terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class _Shown:
    """What is shown from entering it to leaving it."""

    _progress: Progress

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class Doing(_Shown):
    """What one operation of unknown length is at: a spinner on a terminal, silence elsewhere."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=None)

    def doing(self, what: str) -> None:
        self._progress.update(self._task, description=what)


class Steps(_Shown):
    """A bar over all sources and a line for each active one. Thread-safe."""

    def __init__(self, console: Console, names: Sequence[str], *, doing: str = "collecting") -> None:
        self._console = console
        self._live = console.is_terminal
        self._progress = bar(console)
        self._total = self._progress.add_task(doing, total=len(names))
        self._tasks: dict[str, TaskID] = {}

    def doing(self, name: str, what: str) -> None:
        """``name`` is now at ``what``."""
        if not self._live:
            self._console.print(f"{name}: {what}", highlight=False)
            return
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(f"  {name}: {what}", total=1)
        self._progress.update(self._tasks[name], description=f"  {name}: {what}")

    def done(self, name: str) -> None:
        if name in self._tasks:
            self._progress.update(self._tasks[name], completed=1, description=f"  {name}: done")
        self._progress.advance(self._total)


class Days(_Shown):
    """A bar over days on a terminal, a line every 30 days elsewhere."""

    def __init__(self, console: Console, count: int) -> None:
        self._console = console
        self._count = count
        self._evaluated = 0
        self._progress = bar(console)
        self._task = self._progress.add_task("reading the lake", total=count)

    def done(self, day: date) -> None:
        self._evaluated += 1
        if not self._console.is_terminal and self._evaluated % 30 == 0:
            line = f"evaluated {self._evaluated} of {count_text(self._count, 'day')}, through {day}"
            self._console.print(line, highlight=False)
        self._progress.update(self._task, description=f"evaluating {day}", advance=1)
