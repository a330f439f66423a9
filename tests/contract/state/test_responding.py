"""Acknowledging, silencing and lifting on every database: what is kept of who did what, when and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from finops.alert import apply
from finops.app.alerts import respond
from finops.errors import BadArguments, UnknownAlert, UnknownSilence
from finops.model.alert import AlertStatus, ChangeReason
from finops.model.audit import Actor, Proof
from finops.model.finding import Finding, Severity
from finops.model.finding import State as Verdict
from finops.model.route import Route
from finops.ports.state import AlertFilter
from finops.state import State
from tests.support.verdicts import HOUR, T0, MovableClock, evaluation, link, verdict

DAY = timedelta(days=1)
ADA, BOB, EVE, NOBODY = (Actor(name, Proof.BASIC, "10.0.0.9") for name in ("ada", "bob", "eve", " "))
ROUTES = [Route({}, ("finance",), HOUR)]


def run(state: State, clock: MovableClock, *findings: Finding) -> int:
    made = evaluation(findings, as_of=clock.now())
    policies = {"checkout-monthly"}
    return apply(made, state.alerts, routes=ROUTES, policies=policies, link=link, now=clock.now()).messages


def test_an_acknowledgement_is_kept_with_who_when_and_why(state: State, clock: MovableClock) -> None:
    run(state, clock, verdict())
    clock.advance(HOUR)
    [fired] = respond.alerts(state)

    known = respond.acknowledge(state, fired.id[:6], actor=ADA, note="nul \x00 <b>mine</b>", clock=clock)

    assert known.status is AlertStatus.ACKNOWLEDGED
    last = respond.history(state, fired.id)[-1]
    assert (last.at, last.actor, last.reason) == (T0 + HOUR, "ada", ChangeReason.ACKNOWLEDGED)
    assert last.note.endswith("<b>mine</b>")
    assert (last.before, last.after) == (AlertStatus.FIRING, AlertStatus.ACKNOWLEDGED)
    assert run(state, clock, verdict(as_of=clock.now())) == 0
    clock.advance(DAY)
    assert run(state, clock, verdict(as_of=clock.now())) == 0


def test_a_silence_covers_what_fires_now_and_what_fires_later(state: State, clock: MovableClock) -> None:
    run(state, clock, verdict(group={"team": "a"}), verdict(group={"team": "x"}))
    matcher = {"team": ("a", "b")}

    made, covered = respond.silence(state, matcher, until=T0 + DAY, reason="a migration", actor=ADA, clock=clock)

    assert [(alert.group, alert.status) for alert in covered] == [({"team": "a"}, AlertStatus.SILENCED)]
    assert respond.silences(state, clock=clock) == [made]
    assert state.alerts.silence(made.id[:5]) == made
    [_, last] = respond.history(state, covered[0].id)
    assert (last.actor, last.reason, last.note) == (
        "ada",
        ChangeReason.SILENCED,
        "Until 2026-03-21 06:00 UTC: a migration",
    )
    clock.advance(HOUR)
    teams = [verdict(group={"team": team}, as_of=clock.now()) for team in ("a", "b", "x")]
    assert run(state, clock, *teams) == 1  # the repeat of x
    clock.advance(DAY)
    assert respond.silences(state, clock=clock) == []
    assert respond.silences(state, clock=clock, everything=True) == [made]


def test_a_lifted_silence_says_by_whom_and_the_next_evaluation_tells_what_holds(
    state: State, clock: MovableClock
) -> None:
    matcher = {"policy": ("checkout-monthly",)}
    made, covered = respond.silence(state, matcher, until=T0 + DAY, reason="a test", actor=ADA, clock=clock)
    assert covered == []
    assert run(state, clock, verdict()) == 0
    clock.advance(HOUR)

    over = respond.lift(state, made.id, actor=BOB, note="it is done", clock=clock)

    assert (over.lifted_by, over.lifted_at, over.lifted_note) == ("bob", T0 + HOUR, "it is done")
    assert [alert.status for alert in respond.alerts(state)] == [AlertStatus.FIRING]
    assert run(state, clock, verdict(as_of=clock.now())) == 1
    with pytest.raises(BadArguments, match="bob lifted it"):
        respond.lift(state, made.id, actor=EVE, note="", clock=clock)


def test_who_knows_of_what_fires_is_found_without_reading_every_alert(state: State, clock: MovableClock) -> None:
    assert state.alerts.last_change() is None
    run(state, clock, *(verdict(group={"team": team}) for team in ("a", "b", "c")))
    assert state.alerts.last_change() == T0
    a, _, _ = respond.alerts(state)
    clock.advance(HOUR)
    respond.acknowledge(state, a.id, actor=ADA, note="", clock=clock)
    respond.silence(state, {"team": ("b",)}, until=T0 + DAY, reason="a test", actor=ADA, clock=clock)

    assert state.alerts.last_change() == T0 + HOUR
    statuses = {alert.group["team"]: alert.status for alert in state.alerts.known()}
    assert statuses == {"a": AlertStatus.ACKNOWLEDGED, "b": AlertStatus.SILENCED}

    calm = verdict(Verdict.OK, group={"team": "a"}, as_of=clock.now())
    run(state, clock, calm, *(verdict(group={"team": team}, as_of=clock.now()) for team in ("b", "c")))
    assert [alert.group["team"] for alert in state.alerts.known()] == ["b"]
    assert [alert.group["team"] for alert in state.alerts.alerts(live=True)] == ["b", "c"]
    assert len(state.alerts.alerts()) == 3


def test_what_cannot_be_done_is_said_and_nothing_is_written(state: State, clock: MovableClock) -> None:
    run(state, clock, verdict())
    clock.advance(HOUR)
    run(state, clock, verdict(Verdict.OK, as_of=clock.now()))
    [over] = respond.alerts(state, everything=True)
    soon, late = clock.now() + HOUR, clock.now() + timedelta(days=400)
    why = {"reason": "x", "actor": ADA, "clock": clock}

    with pytest.raises(BadArguments, match="not firing but resolved"):
        respond.acknowledge(state, over.id, actor=ADA, note="", clock=clock)
    with pytest.raises(UnknownAlert):
        respond.acknowledge(state, "ffff", actor=ADA, note="", clock=clock)
    with pytest.raises(UnknownSilence):
        respond.lift(state, "ffff", actor=ADA, note="", clock=clock)
    with pytest.raises(BadArguments, match="the actor is missing"):
        respond.acknowledge(state, over.id, actor=NOBODY, note="", clock=clock)
    with pytest.raises(BadArguments, match="2001 characters"):
        respond.acknowledge(state, over.id, actor=ADA, note="x" * 2001, clock=clock)
    for matcher, until in (({}, soon), ({"team": ()}, soon), ({"team": ("a",)}, clock.now()), ({"team": ("a",)}, late)):
        with pytest.raises(BadArguments):
            respond.silence(state, matcher, until=until, **why)  # type: ignore[arg-type] # one of many faults
    with pytest.raises(BadArguments, match="missing"):
        respond.silence(state, {"team": ("a",)}, until=soon, reason=" ", actor=ADA, clock=clock)

    assert len(respond.history(state, over.id)) == 2
    assert respond.silences(state, clock=clock, everything=True) == []


def test_pruning_forgets_silences_that_ended_long_ago(state: State, clock: MovableClock) -> None:
    respond.silence(state, {"team": ("a",)}, until=T0 + DAY, reason="x", actor=ADA, clock=clock)
    clock.advance(timedelta(days=100))
    state.prune(keep=timedelta(days=400))
    assert len(respond.silences(state, clock=clock, everything=True)) == 1
    clock.advance(timedelta(days=400))

    state.prune(keep=timedelta(days=400))

    assert respond.silences(state, clock=clock, everything=True) == []


def test_a_page_of_alerts_is_that_part_of_all_of_them(state: State, clock: MovableClock) -> None:
    teams = ["B", "a", "b", "ä", "über"]  # by code points, whatever language the database sorts by
    severities = dict.fromkeys(teams, Severity.WARNING) | {"über": Severity.CRITICAL}
    run(state, clock, *(verdict(group={"team": team}, severity=severities[team]) for team in teams))
    first, second, *_ = respond.alerts(state)
    clock.advance(HOUR)
    respond.acknowledge(state, first.id, actor=ADA, note="", clock=clock)
    over = verdict(Verdict.OK, group=second.group, as_of=clock.now())
    rest = (replace(alert.finding, as_of=clock.now()) for alert in respond.alerts(state) if alert.id != second.id)
    run(state, clock, over, *rest)

    def teams_of(wanted: AlertFilter, *, limit: int = 10, offset: int = 0, urgent_first: bool = False) -> list[str]:
        page = state.alerts.page(wanted, limit=limit, offset=offset, urgent_first=urgent_first)
        assert page.total == len(state.alerts.page(wanted, limit=10).alerts)
        return [alert.group["team"] for alert in page.alerts]

    everything = AlertFilter(live=False)
    assert teams_of(everything) == [alert.group["team"] for alert in state.alerts.alerts()] == teams
    assert teams_of(everything, limit=2, offset=1) == ["a", "b"]
    assert teams_of(everything, limit=2, offset=5) == []
    assert teams_of(everything, urgent_first=True) == ["über", "b", "ä", "B", "a"]
    assert teams_of(AlertFilter()) == ["B", "b", "ä", "über"]
    assert teams_of(AlertFilter(status="acknowledged")) == ["B"]
    assert teams_of(AlertFilter(live=False, status="resolved", owner=second.finding.owner)) == ["a"]
    for nothing in (AlertFilter(policy="another"), AlertFilter(severity="fatal"), AlertFilter(owner="'--")):
        assert teams_of(nothing) == []
    counts = state.alerts.counts(live=False)
    assert {one.owner for one in counts} == {first.finding.owner}
    assert {(one.status, one.count) for one in state.alerts.counts(live=True)} == {
        ("acknowledged", 1),
        ("firing", 2),
        ("firing", 1),
    }
    assert sum(one.count for one in counts) == len(teams)
    assert state.alerts.live_policies() == {first.policy}
