"""The days before a policy was first evaluated: evaluated afterwards, so that its page has a history from the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import structlog

from finops.app.evaluation.backtest import backtest
from finops.app.evaluation.evaluate import Evaluator
from finops.errors import FinopsError
from finops.evaluate.backtest import NOT_REMEMBERED, GroupDays
from finops.model.period import Period
from finops.model.snapshot import Snapshot
from finops.model.verdict_day import VerdictDay
from finops.ports.clock import Clock
from finops.ports.state import VerdictHistory

log = structlog.get_logger("finops.history")

DAYS = 30


class _StoppedError(Exception):
    """The service ends; what is missing is filled after its next start."""


class HistoryFilling:
    """Each policy is looked at once by a process, and filled once ever: what an evaluation said is never replaced."""

    def __init__(
        self, evaluator: Evaluator, history: VerdictHistory, clock: Clock, stopping: Callable[[], bool]
    ) -> None:
        self._evaluator = evaluator
        self._history = history
        self._clock = clock
        self._stopping = stopping
        self._seen: set[str] = set()

    def is_wanted(self, snapshot: Snapshot) -> bool:
        """Whether there is a policy that was not looked at."""
        return not self._seen.issuperset(policy.name for policy in snapshot.policies)

    def fill(self, snapshot: Snapshot, check: Callable[[], None] = lambda: None) -> int:
        """Writes what is missing of the last 30 days; how many verdicts those are. Never raises.

        ``check``: raises once nobody waits for it any more; then nothing is written.
        """
        names = {policy.name for policy in snapshot.policies} - self._seen
        now = self._clock.now()
        today = now.astimezone(self._evaluator.settings.config.timezone).date()
        try:
            known = self._history.first_days()
            new = sorted(names - _with_history(snapshot, known, today))
            days: list[VerdictDay] = []
            if new:
                period = Period(today - timedelta(days=DAYS), today)
                judged = backtest(
                    self._evaluator, self._evaluator.load(new).policies, period, now=now, done=self._go_on
                )
                days = [day for group in judged.groups for day in _missing(group, known, today)]
                check()
                self._history.record(days)
        except _StoppedError:
            return 0
        except FinopsError as error:  # a page without a history is no reason to stop; the next evaluation asks again
            log.warning("backfilling the history failed", error=str(error))
            return 0
        self._seen |= names
        if days:
            log.info("history backfilled", policies=len(new), verdicts=len(days))
        return len(days)

    def _go_on(self, _: date) -> None:
        if self._stopping():
            raise _StoppedError


def _with_history(snapshot: Snapshot, known: Mapping[str, date], today: date) -> set[str]:
    """Policies of which a verdict before today is known."""
    return {finding.policy for finding in snapshot.findings if known.get(finding.anchor, today) < today}


def _missing(group: GroupDays, known: Mapping[str, date], today: date) -> Iterator[VerdictDay]:
    for day in group.history:
        if day.day < known.get(day.place, today) and day.reason != NOT_REMEMBERED:
            yield replace(day, then=False)
