"""A backtest: policies against the lake as it was on each day, and as it is now where it was not there yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from math import ceil

from finops.app.evaluation.backtest_processes import MOST_DAYS, Processes, Share, judged
from finops.app.evaluation.evaluate import Evaluator
from finops.errors import BadArguments
from finops.evaluate.backtest import DayVerdict, GroupDays
from finops.evaluate.judgement.moment import Moment
from finops.model.data_version import DataVersion
from finops.model.finding import Group, group_label
from finops.model.period import Period
from finops.model.policy import Policy
from finops.model.source_freshness import SourceFreshness

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Backtest:
    """``days``: every day judged, with whether it was judged on what was known then."""

    period: Period
    then: tuple[date, ...]
    groups: tuple[GroupDays, ...]


def days_between(first: date, end: date | None, *, today: date) -> Period:
    """The days from ``first`` up to, not including, ``end`` (None: tomorrow). Raises ``BadArguments``."""
    last = end or today + timedelta(days=1)
    if last <= first:
        raise BadArguments(f"{last} is not after {first}", where="--to", remedy="Choose an end after the start")
    if last > today + timedelta(days=1):
        raise BadArguments(f"the period ends after today, {last}", where="--to", remedy=f"Today is {today}")
    return Period(first, last)


def backtest(
    evaluator: Evaluator,
    policies: Sequence[Policy],
    period: Period,
    *,
    now: datetime,
    done: Callable[[date], None] = lambda _day: None,
    processes: Processes | None = None,
) -> Backtest:
    """Judges ``policies`` at the end of each day of ``period`` (today: now). Writes nothing, reads no alert.

    ``done`` is called after each day. ``processes``: that share the days; None: this one. Raises what the stores raise.
    """
    settings = evaluator.settings.read()
    count = processes.count if processes else 1
    moments = [Moment(min(Moment(now, settings).end_of(day) - _SECOND, now), settings) for day in period]
    known = evaluator.lake.known_at([moment.as_of for moment in moments])
    verdicts: dict[tuple[str, str], list[DayVerdict]] = {}
    groups: dict[tuple[str, str], Group] = {}
    for day in judged(evaluator.lake, policies, list(_shares(evaluator, moments, known, count)), processes=processes):
        for name, group, verdict in day:
            key = (name, group_label(group))
            groups[key] = group
            verdicts.setdefault(key, []).append(verdict)
        done(day[0][2].day if day else period.start)
    by_name = {policy.name: policy for policy in policies}
    return Backtest(
        period,
        tuple(moment.today for moment, version in zip(moments, known, strict=True) if version is not None),
        tuple(GroupDays(by_name[key[0]], groups[key], tuple(verdicts[key])) for key in sorted(verdicts)),
    )


def _shares(
    evaluator: Evaluator, moments: Sequence[Moment], known: Sequence[DataVersion | None], processes: int
) -> Iterator[Share]:
    """Days in order; those that follow one another on the same data version are judged together, as many at once as
    keeps every process busy to the end."""
    rounds = ceil(len(moments) / (MOST_DAYS * processes))
    most_days = ceil(len(moments) / (rounds * processes))
    now = evaluator.freshness.read()
    newest = evaluator.lake.version()
    for version, together in groupby(zip(moments, known, strict=True), key=lambda pair: pair[1]):
        days: Iterator[tuple[Moment, Sequence[SourceFreshness]]] = (
            (moment, now if version is None else evaluator.freshness.read(at=moment.as_of)) for moment, _ in together
        )
        while some := tuple(islice(days, most_days)):
            yield Share(some, newest if version is None else version, then=version is not None)
