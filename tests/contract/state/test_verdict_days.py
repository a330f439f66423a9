"""Each day's last verdict, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from finops.model.finding import State as Verdict
from finops.model.verdict_day import VerdictDay, verdict_days
from finops.state import State
from tests.support.snapshots import AS_OF, SETTINGS, budget
from tests.support.verdicts import MovableClock

TODAY = AS_OF.date()


def day(age: int = 0, **changes: object) -> VerdictDay:
    finding = replace(budget("a"), as_of=AS_OF - timedelta(days=age))
    (made,) = verdict_days([finding], SETTINGS.timezone)
    return replace(made, **changes)  # type: ignore[arg-type]  # a test names fields of its own choice


def test_the_last_verdict_of_a_day_counts(state: State) -> None:
    first, second = day(reason="in the morning"), day(reason="at night", value=float("inf"), state=Verdict.UNKNOWN)
    state.verdict_days.record([first, day(1)])
    state.verdict_days.record([second])
    assert state.verdict_days.of(first.place, since=date(2026, 1, 1)) == [day(1), second]
    assert state.verdict_days.of(first.place, since=TODAY) == [second]
    assert state.verdict_days.on(TODAY) == {first.place: second}
    assert state.verdict_days.first_days() == {first.place: TODAY - timedelta(days=1)}


def test_what_is_judged_afterwards_replaces_nothing(state: State) -> None:
    state.verdict_days.record([day()])
    state.verdict_days.record([day(reason="afterwards", then=False), day(1, then=False)])
    found = state.verdict_days.of(day().place, since=date(2026, 1, 1))
    assert [(one.reason, one.then) for one in found] == [("below every line", False), ("below every line", True)]
    state.verdict_days.record([day(1, reason="then")])
    assert state.verdict_days.on(TODAY - timedelta(days=1))[day().place].reason == "then"


def test_days_older_than_the_audit_time_are_forgotten(state: State, clock: MovableClock) -> None:
    state.verdict_days.record([day(age) for age in range(3)])
    clock.moment = AS_OF
    state.prune(keep=timedelta(days=1))
    assert [one.day for one in state.verdict_days.of(day().place, since=date(2026, 1, 1))] == [
        TODAY - timedelta(days=1),
        TODAY,
    ]
