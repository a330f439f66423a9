"""Days of a backtest, judged by several processes: no day needs the verdict of another one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from finops.errors import Unreachable
from finops.evaluate.backtest import DayVerdict, judge_days
from finops.evaluate.judgement.moment import Moment
from finops.lake.tables.failures import lake_failures
from finops.model.data_version import DataVersion
from finops.model.finding import Group
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness
from finops.ports.engine import Engine
from finops.ports.lake import Lake

MOST_DAYS = 46
"""Of a share: each reads its past anew, and what is done is told share by share."""
_WORTH = 2_000
"""Days × policies; below it, one process is done before others have started."""

JudgedDay = list[tuple[str, Group, DayVerdict]]


@dataclass(frozen=True, slots=True)
class Share:
    """Days that follow one another, on one version of the data. ``then``: whether that is what was known on them."""

    moments: tuple[tuple[Moment, Sequence[SourceFreshness]], ...]
    version: DataVersion
    then: bool


@dataclass(frozen=True, slots=True)
class Processes:
    """``open_lake`` is pickled: each process opens the lake for itself."""

    count: int
    open_lake: Callable[[], Lake]


def processes_for(engine: Engine | None, days: int, policies: int) -> int:
    """One a core, where that pays; an engine on other machines is asked by one alone."""
    if engine is not None or days * policies < _WORTH:
        return 1
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, days)


def judged(
    lake: Lake, policies: Sequence[Policy], shares: Sequence[Share], *, processes: Processes | None
) -> Iterator[JudgedDay]:
    """Each day of each share, in order. Raises what the stores raise."""
    if processes is None or processes.count == 1:
        for share in shares:
            yield from _days(lake, policies, share)
        return
    given = processes.open_lake, list(policies)
    pool = ProcessPoolExecutor(processes.count, get_context("spawn"), initializer=_begin, initargs=given)
    try:
        for days in pool.map(_judged, shares):
            yield from days
    except BrokenProcessPool as error:
        remedy = "Check whether it ran out of memory; evaluate fewer days at once"
        raise Unreachable("a worker process ended unexpectedly", where="backtest", remedy=remedy) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _days(lake: Lake, policies: Sequence[Policy], share: Share) -> Iterator[JudgedDay]:
    with lake_failures(lake.uri):
        yield from judge_days(policies, lake.at(share.version), share.moments, then=share.then)


_own: tuple[Lake, list[Policy]] | None = None
"""Of a process that judges shares."""


def _begin(open_lake: Callable[[], Lake], policies: list[Policy]) -> None:
    global _own  # noqa: PLW0603 - the one way of a pool to hand something to all tasks of a process
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever interrupts is answered by the first process alone
    _own = open_lake(), policies


def _judged(share: Share) -> list[JudgedDay]:
    assert _own is not None  # noqa: S101 - a process begins before its first task
    return list(_days(*_own, share))
