"""Incidents on every database: written with the alerts, once an evaluation, until something ends them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.alert import apply
from finops.app.alerts import respond
from finops.errors import BadArguments
from finops.model.alert import ChangeReason
from finops.model.audit import Actor, AuditAction, Proof
from finops.model.finding import Finding
from finops.model.finding import State as Verdict
from finops.model.incident import (
    AcceptedLevel,
    Incident,
    IncidentDay,
    IncidentEnd,
    KnownIncidents,
    SightedIncident,
    Sighting,
    incident_key,
)
from finops.model.money import Money
from finops.ports.incidents import IncidentFilter
from finops.ports.state import Applied
from finops.state import State
from tests.support.verdicts import HOUR, MovableClock, evaluation, link, verdict

DAY = timedelta(days=1)
SINCE = date(2026, 3, 15)
TEAM = {"team": "search"}
KEY = incident_key("checkout-monthly", TEAM)
ADA = Actor("ada", Proof.BASIC, "10.0.0.9")


def sighted(*costs: str, since: date = SINCE, until: date | None = None) -> Sighting:
    days = {since + at * DAY: IncidentDay(Decimal(cost), Decimal("100.5")) for at, cost in enumerate(costs)}
    return Sighting("EUR", (SightedIncident(since, until, days),) if costs else ())


def run(
    state: State,
    clock: MovableClock,
    sighting: Sighting | None,
    *,
    findings: Iterable[Finding] | None = None,
    policies: Iterable[str] = ("checkout-monthly",),
) -> Applied:
    clock.advance(HOUR)
    found = [verdict(group=TEAM, as_of=clock.now())] if findings is None else findings
    made = evaluation(found, as_of=clock.now())
    made = replace(made, sightings={KEY: sighting} if sighting else {})
    return apply(made, state.alerts, routes=[], policies=set(policies), link=link, now=clock.now()).outcome


def only(state: State) -> Incident:
    (incident,) = state.incidents.page(IncidentFilter(), limit=5).incidents
    return incident


def test_an_incident_goes_on_until_a_day_is_as_usual_and_keeps_every_digit(state: State, clock: MovableClock) -> None:
    run(state, clock, sighted("180.25"))
    begun = only(state)
    assert (begun.is_open, begun.since, begun.group, begun.owner) == (True, SINCE, TEAM, "team-checkout")
    assert state.incidents.known() == {KEY: KnownIncidents(open=(SINCE,))}

    run(state, clock, sighted("180.25", "190.000000001"))
    run(state, clock, sighted("180.25", "190.000000001", until=SINCE + 2 * DAY))

    ended = only(state)
    assert (ended.id, ended.seen_at, ended.until) == (begun.id, begun.seen_at, SINCE + 2 * DAY)
    assert (ended.end, ended.ended_at) == (IncidentEnd.RETURNED, clock.now())
    assert ended.excess == Money(Decimal("169.250000001"), "EUR")
    assert (ended.peak_day, ended.peak) == (SINCE + DAY, Money(Decimal("190.000000001"), "EUR"))
    assert state.incidents.known() == {}


def test_the_same_evaluation_again_changes_nothing(state: State, clock: MovableClock) -> None:
    run(state, clock, sighted("180"))
    before = only(state)
    clock.advance(-HOUR)
    assert run(state, clock, sighted("999")) is Applied.ALREADY
    assert only(state) == before


def test_days_that_are_not_judged_again_stay(state: State, clock: MovableClock) -> None:
    run(state, clock, sighted("180", "181", "182"))
    later = sighted("180", "181", "190")
    (incident,) = later.incidents
    days = {day: of for day, of in incident.days.items() if day != SINCE + DAY}
    run(state, clock, replace(later, incidents=(replace(incident, days=days),)))
    assert [str(of.cost) for of in only(state).days.values()] == ["180", "181", "190"]


def test_a_restated_bill_moves_the_first_day_and_a_day_that_was_not_the_last_reopens(
    state: State, clock: MovableClock
) -> None:
    run(state, clock, sighted("180", "181", "182"))
    run(state, clock, sighted("181", "182", since=SINCE + DAY))
    assert (only(state).since, len(only(state).days)) == (SINCE + DAY, 2)
    run(state, clock, sighted("181", "182", since=SINCE + DAY, until=SINCE + 3 * DAY))
    assert not only(state).is_open
    run(state, clock, sighted("181", "182", "190", since=SINCE + DAY))
    assert (only(state).is_open, only(state).until, only(state).ended_at) == (True, None, None)


@pytest.mark.parametrize(
    ("findings", "policies", "reason"),
    [
        ([verdict(Verdict.OK, group=TEAM)], ["checkout-monthly"], "restated"),
        ([verdict(Verdict.OK, group={"team": "ads"})], ["checkout-monthly"], "The group is gone"),
        ([], [], "The policy was removed"),
    ],
)
def test_what_no_evaluation_sees_any_more_is_withdrawn(
    state: State, clock: MovableClock, findings: list[Finding], policies: list[str], reason: str
) -> None:
    run(state, clock, sighted("180"))
    run(state, clock, None, findings=findings, policies=policies)
    ended = only(state)
    assert ended.end is IncidentEnd.WITHDRAWN
    assert reason in ended.reason
    assert ended.until is None, "nothing says that the cost returned"


def test_an_unknown_verdict_ends_nothing(state: State, clock: MovableClock) -> None:
    run(state, clock, sighted("180"))
    run(state, clock, None, findings=[verdict(Verdict.UNKNOWN, group=TEAM)])
    run(state, clock, None, findings=[verdict(Verdict.UNKNOWN, group={"team": "ads"})])
    assert only(state).is_open


def test_a_level_is_accepted_by_whom_and_why_and_is_audited(state: State, clock: MovableClock) -> None:
    run(state, clock, sighted("180", "181"))
    (alert,) = respond.alerts(state)

    ended = respond.accept(state, alert.id[:6], actor=ADA, reason=" a larger database ", clock=clock)

    assert ended == only(state)
    assert (ended.end, ended.actor, ended.reason) == (IncidentEnd.ACCEPTED, "ada", "a larger database")
    level = AcceptedLevel(SINCE, "a larger database", "ada", clock.now().date())
    assert state.incidents.known() == {KEY: KnownIncidents(accepted=(level,))}
    history = respond.history(state, alert.id)
    assert history[-1].reason is ChangeReason.LEVEL_ACCEPTED
    assert state.alerts.histories([alert.id, "none"]) == {alert.id: history}
    (entry,) = state.audit.page(limit=5, action=AuditAction.LEVEL_ACCEPTED).entries
    assert (entry.target, entry.subject) == (alert.id, "checkout-monthly team=search since 2026-03-15")
    run(state, clock, sighted("180", "181", "182"))
    assert only(state) == ended, "an evaluation that began before knows nothing of it"
    with pytest.raises(BadArguments, match="no incident is open"):
        respond.accept(state, alert.id, actor=ADA, reason="again", clock=clock)
    with pytest.raises(BadArguments, match="reason is missing"):
        respond.accept(state, alert.id, actor=ADA, reason=" ", clock=clock)


def test_incidents_are_found_by_policy_group_and_whether_they_are_open(state: State, clock: MovableClock) -> None:
    run(state, clock, sighted("180", until=SINCE + DAY))
    run(state, clock, sighted("180", since=SINCE + 3 * DAY))
    for wanted, since in (
        (IncidentFilter(), [SINCE + 3 * DAY, SINCE]),
        (IncidentFilter(open=True), [SINCE + 3 * DAY]),
        (IncidentFilter(open=False, policy="checkout-monthly", group="team=search"), [SINCE]),
        (IncidentFilter(policy="other"), []),
    ):
        page = state.incidents.page(wanted, limit=1)
        assert [one.since for one in page.incidents] == since[:1]
        assert page.total == len(since)


def test_incidents_that_ended_long_ago_are_forgotten_and_open_ones_never(state: State, clock: MovableClock) -> None:
    run(state, clock, sighted("180", until=SINCE + DAY))
    run(state, clock, sighted("180", since=SINCE + 3 * DAY))
    clock.advance(401 * DAY)
    state.prune(keep=timedelta(days=400))
    assert only(state).since == SINCE + 3 * DAY
