"""Laws that hold for every sequence of verdicts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finops.alert import Decision, decide
from finops.model.alert import AlertState
from finops.model.finding import Finding, Severity, State
from finops.model.notice import NoticeReason
from finops.model.route import Route
from tests.support.verdicts import HOUR, T0, verdict

ROUTES = [
    Route({"severity": ("critical",)}, ("oncall", "finance"), timedelta(hours=2)),
    Route({}, ("finance",), timedelta(hours=5)),
]
VERDICTS = st.one_of(
    st.just(verdict(State.OK)),
    st.just(verdict(State.UNKNOWN)),
    st.sampled_from(Severity).map(lambda severity: verdict(severity=severity)),
)
LIVES = st.tuples(st.lists(VERDICTS, max_size=40), st.integers(1, 3))


def lived(life: tuple[list[Finding], int]) -> list[tuple[Finding, Decision]]:
    """Each verdict with the decision on it, an hour apart."""
    from dataclasses import replace

    verdicts, for_evaluations = life
    record, decisions = None, []
    for index, plain in enumerate(verdicts):
        finding = replace(plain, for_evaluations=for_evaluations)
        decision = decide(record, finding, routes=ROUTES, now=T0 + index * HOUR)
        record = decision.record
        decisions.append((finding, decision))
    return decisions


def states(decisions: list[tuple[Finding, Decision]]) -> list[AlertState]:
    return [decision.record.state if decision.record else AlertState.INACTIVE for _, decision in decisions]


@given(LIVES)
def test_unknown_changes_no_state(life: tuple[list[Finding], int]) -> None:
    decisions = lived(life)
    before = [AlertState.INACTIVE, *states(decisions)]

    for (finding, _), was, now in zip(decisions, before, before[1:], strict=False):
        if finding.state is State.UNKNOWN:
            assert was is now


@given(LIVES)
def test_it_resolves_on_ok_only_and_always(life: tuple[list[Finding], int]) -> None:
    decisions = lived(life)
    before = [AlertState.INACTIVE, *states(decisions)]

    for (finding, _), was, now in zip(decisions, before, before[1:], strict=False):
        resolves = was is AlertState.FIRING and now is AlertState.RESOLVED
        assert resolves == (was is AlertState.FIRING and finding.state is State.OK)


@given(LIVES)
def test_it_fires_after_exactly_so_many_firing_verdicts_without_an_ok(life: tuple[list[Finding], int]) -> None:
    decisions = lived(life)
    count = 0
    for (finding, _), state in zip(decisions, states(decisions), strict=True):
        if finding.state is State.FIRING:
            count += 1
        elif finding.state is State.OK:
            count = 0
        assert (state is AlertState.FIRING) == (count >= life[1])


@given(LIVES)
def test_every_episode_has_one_first_notice_for_each_receiver_that_hears_of_it(life: tuple[list[Finding], int]) -> None:
    decisions = lived(life)
    episodes, heard = 0, Counter[tuple[int, str]]()
    previous = AlertState.INACTIVE
    for (_, decision), state in zip(decisions, states(decisions), strict=True):
        if state is AlertState.FIRING and previous is not AlertState.FIRING:
            episodes += 1
            assert decision.notices
            assert set(decision.notices.values()) == {NoticeReason.FIRST}
        for receiver, reason in decision.notices.items():
            if reason is NoticeReason.FIRST:
                heard[(episodes, receiver)] += 1
        previous = state

    # every route names finance, so that finance hears of each episode
    assert [episode for episode, receiver in heard if receiver == "finance"] == list(range(1, episodes + 1))
    assert set(heard.values()) <= {1}


@given(LIVES)
def test_a_resolve_reaches_exactly_those_who_were_told(life: tuple[list[Finding], int]) -> None:
    told: set[str] = set()
    for _, decision in lived(life):
        ends = {receiver for receiver, reason in decision.notices.items() if reason is NoticeReason.RESOLVED}
        if ends or (decision.record and decision.record.state is AlertState.RESOLVED and decision.is_change):
            assert ends == told
            told = set()
        else:
            told |= set(decision.notices)


@given(LIVES)
def test_every_notice_has_a_change_of_its_own(life: tuple[list[Finding], int]) -> None:
    changes = [0]
    for _, decision in lived(life):
        number = decision.record.change if decision.record else 0
        assert number - changes[-1] == (1 if decision.is_change else 0)
        assert decision.is_change or not decision.notices
        changes.append(number)

    assert all(later >= earlier for earlier, later in pairwise(changes))


@given(LIVES)
def test_the_severity_told_is_never_below_the_severity_that_holds(life: tuple[list[Finding], int]) -> None:
    for finding, decision in lived(life):
        record = decision.record
        if record and record.state is AlertState.FIRING and finding.state is State.FIRING:
            assert record.told["finance"].severity.rank >= record.severity.rank
