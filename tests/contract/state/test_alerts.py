"""Alerts and the outbox, on every database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from finops.alert import Application, apply
from finops.model.alert import AlertState, ChangeReason
from finops.model.delivery import DeliveryState, ReceiverTrouble
from finops.model.finding import Finding, Severity
from finops.model.finding import State as Verdict
from finops.model.message import Claim, DeliveryOutcome
from finops.model.notice import NoticeReason
from finops.model.route import Route
from finops.ports.state import AlertBook, AlertStep, Applied
from finops.state import State
from tests.support.verdicts import HOUR, T0, MovableClock, evaluation, link, verdict

ROUTES = [Route({"severity": ("critical",)}, ("oncall", "finance"), timedelta(hours=4)), Route({}, ("finance",))]
LEASE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def run(state: State, *findings: Finding, at: datetime = T0) -> Application:
    return apply(
        evaluation(findings, as_of=at),
        state.alerts,
        routes=ROUTES,
        policies={"checkout-monthly"},
        link=link,
        now=at,
    )


def claim(state: State, receiver: str = "finance", at: datetime = T0) -> Claim | None:
    return state.outbox.claim(receiver, now=at, lease_until=at + LEASE)


def claimed(state: State, receiver: str = "finance", at: datetime = T0) -> Claim:
    found = claim(state, receiver, at)
    assert found is not None
    return found


def test_an_alert_comes_back_as_it_was_written(state: State) -> None:
    finding = verdict(severity=Severity.CRITICAL, group={"team": "nul \x00 \U0001f4b8"})
    run(state, finding)

    [record] = state.alerts.alerts()

    assert (record.state, record.finding, record.since, record.change) == (AlertState.FIRING, finding, T0, 1)
    assert set(record.told) == {"finance", "oncall"}
    [change] = state.alerts.history(record.id)
    assert (change.reason, change.told, change.finding_id) == (ChangeReason.FIRED, ("finance", "oncall"), finding.id)


def test_the_history_tells_the_whole_life_in_order(state: State) -> None:
    run(state, verdict())
    run(state, verdict(severity=Severity.CRITICAL, as_of=T0 + HOUR), at=T0 + HOUR)
    run(state, verdict(Verdict.OK, as_of=T0 + 2 * HOUR), at=T0 + 2 * HOUR)

    [record] = state.alerts.alerts()

    assert [change.reason for change in state.alerts.history(record.id)] == [
        ChangeReason.FIRED,
        ChangeReason.ESCALATED,
        ChangeReason.RESOLVED,
    ]


def test_an_evaluation_is_applied_once(state: State) -> None:
    assert run(state, verdict()).outcome is Applied.DONE
    again = run(state, verdict())

    assert again == Application(Applied.ALREADY)
    assert state.outbox.pending_counts() == {"finance": 1}


def test_a_late_evaluation_does_not_turn_the_clock_back(state: State) -> None:
    run(state, verdict(as_of=T0 + HOUR), at=T0 + HOUR)

    late = apply(
        evaluation([verdict(Verdict.OK)], as_of=T0),
        state.alerts,
        routes=ROUTES,
        policies={"checkout-monthly"},
        link=link,
        now=T0 + 2 * HOUR,
    )
    assert late.outcome is Applied.STALE
    assert [record.state for record in state.alerts.alerts()] == [AlertState.FIRING]


def test_after_the_clock_was_set_back_evaluations_count_and_messages_go_out(state: State) -> None:
    run(state, verdict(as_of=T0 + HOUR), at=T0 + HOUR)
    assert claim(state, at=T0) is not None, "not an hour later"
    assert claim(state, at=T0) is None, "its lease holds"

    assert run(state, verdict(Verdict.OK, as_of=T0 + MINUTE), at=T0 + MINUTE).outcome is Applied.DONE
    assert [record.state for record in state.alerts.alerts()] == [AlertState.RESOLVED]
    assert claim(state, at=T0 - HOUR) is not None, "a lease of the future is none"


def test_a_fault_in_the_middle_writes_nothing(state: State) -> None:
    def breaks(_book: AlertBook) -> AlertStep:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        state.alerts.apply(evaluation([verdict()]), T0, breaks)

    assert state.alerts.alerts() == []
    assert run(state, verdict()).outcome is Applied.DONE


def test_a_message_is_claimed_once(state: State) -> None:
    run(state, verdict(group={"team": "a"}), verdict(group={"team": "b"}))

    first = claimed(state)

    assert [notice.finding.group["team"] for notice in first.notices] == ["a", "b"]
    assert (first.attempt, first.created_at, first.notices[0].reason) == (1, T0, NoticeReason.FIRST)
    assert claim(state) is None
    assert state.outbox.due_receivers(T0) == []


def test_a_lease_that_ran_out_brings_the_same_message_back(state: State) -> None:
    run(state, verdict())
    first = claimed(state)

    assert claim(state, at=T0 + LEASE - timedelta(seconds=1)) is None
    second = claimed(state, at=T0 + LEASE)

    assert (second.message_id, second.attempt) == (first.message_id, 2)
    assert second.token != first.token


def test_delivered_is_over(state: State) -> None:
    run(state, verdict())
    state.outbox.delivered(claimed(state), at=T0, answer="HTTP 200")

    assert claim(state, at=T0 + timedelta(days=1)) is None
    assert state.outbox.pending_counts() == {}
    assert state.outbox.delivery_counts() == {("finance", DeliveryOutcome.DELIVERED): 1}


def test_failed_comes_back_when_it_is_due(state: State) -> None:
    run(state, verdict())
    state.outbox.failed(claimed(state), error="HTTP 503", again_at=T0 + MINUTE)

    assert claim(state, at=T0 + MINUTE / 2) is None
    assert state.outbox.due_receivers(T0 + MINUTE) == ["finance"]
    assert claimed(state, at=T0 + MINUTE).attempt == 2
    assert state.outbox.delivery_counts() == {("finance", DeliveryOutcome.FAILED): 1}


def test_parked_is_shown_and_not_tried_again(state: State) -> None:
    run(state, verdict())
    state.outbox.parked(claimed(state), at=T0 + MINUTE, error="HTTP 404 nul \x00")

    [parked] = state.outbox.parked_messages()
    assert (parked.receiver, parked.attempts, parked.parked_at) == ("finance", 1, T0 + MINUTE)
    assert parked.error.startswith("HTTP 404")
    assert parked.notices[0].finding == verdict()
    assert claim(state, at=T0 + timedelta(days=9)) is None
    assert state.outbox.pending_counts() == {}


def test_a_deliverer_that_lost_its_lease_cannot_fail_or_park_the_message(state: State) -> None:
    run(state, verdict())
    lost = claimed(state)
    held = claimed(state, at=T0 + LEASE)

    state.outbox.failed(lost, error="late", again_at=T0 + timedelta(days=1))
    state.outbox.parked(lost, at=T0 + LEASE, error="late")

    assert state.outbox.delivery_counts() == {}
    state.outbox.delivered(held, at=T0 + LEASE, answer="ok")
    assert state.outbox.delivery_counts() == {("finance", DeliveryOutcome.DELIVERED): 1}


def test_what_was_delivered_late_is_delivered_once(state: State) -> None:
    run(state, verdict())
    slow = claimed(state)
    other = claimed(state, at=T0 + LEASE)

    state.outbox.delivered(slow, at=T0 + LEASE, answer="ok")
    state.outbox.failed(other, error="down", again_at=T0 + timedelta(days=1))

    assert state.outbox.delivery_counts() == {("finance", DeliveryOutcome.DELIVERED): 1}
    assert claim(state, at=T0 + timedelta(days=2)) is None


def test_a_resolve_does_not_overtake_its_firing(state: State) -> None:
    run(state, verdict())
    firing = claimed(state)
    state.outbox.failed(firing, error="down", again_at=T0 + 3 * HOUR)
    run(state, verdict(Verdict.OK, as_of=T0 + HOUR), at=T0 + HOUR)

    assert claim(state, at=T0 + HOUR) is None

    again = claimed(state, at=T0 + 3 * HOUR)
    assert again.message_id == firing.message_id
    state.outbox.delivered(again, at=T0 + 3 * HOUR, answer="ok")
    assert claimed(state, at=T0 + 3 * HOUR).notices[0].reason is NoticeReason.RESOLVED


def test_a_message_that_waits_holds_nobody_else_up(state: State) -> None:
    run(state, verdict(severity=Severity.CRITICAL, group={"team": "a"}))
    state.outbox.failed(claimed(state), error="down", again_at=T0 + 3 * HOUR)
    later = T0 + HOUR
    run(state, verdict(group={"team": "b"}, as_of=later), at=later)

    assert claimed(state, "oncall").notices[0].finding.group == {"team": "a"}
    assert claimed(state, at=later).notices[0].finding.group == {"team": "b"}


def test_pruning_forgets_what_is_over_and_keeps_what_counts(state: State, clock: MovableClock) -> None:
    run(state, verdict(group={"team": "over"}), verdict(group={"team": "live"}))
    state.outbox.delivered(claimed(state), at=T0, answer="ok")
    live = verdict(group={"team": "live"}, as_of=T0 + HOUR)
    run(state, verdict(Verdict.OK, group={"team": "over"}), live, at=T0 + HOUR)

    clock.advance(timedelta(days=500))
    # the resolve is not delivered yet: the alert that it tells of stays
    state.prune(keep=timedelta(days=400))
    assert len(state.alerts.alerts()) == 2
    state.outbox.delivered(claimed(state, at=clock.now()), at=T0 + HOUR, answer="ok")

    pruned = state.prune(keep=timedelta(days=400))

    assert (pruned.alerts, pruned.messages) == (1, 1)
    [kept] = state.alerts.alerts()
    assert kept.group == {"team": "live"}
    assert len(state.alerts.history(kept.id)) == 1
    assert state.outbox.delivery_counts() == {("finance", DeliveryOutcome.DELIVERED): 2}
    # and what was forgotten can fire anew
    again = verdict(group={"team": "over"}, as_of=clock.now())
    assert len(run(state, again, verdict(group={"team": "live"}), at=clock.now()).changes) == 1


def test_what_waited_through_an_outage_becomes_one_message(state: State) -> None:
    """Two days of hourly evaluations in which alerts come, get worse, and go; the receiver is down from the start."""
    now, attempts = T0, 0
    for hour in range(48):
        now = T0 + hour * HOUR
        severity = Severity.CRITICAL if hour > 5 else Severity.WARNING
        flapping = Verdict.FIRING if hour % 8 < 4 else Verdict.OK
        run(
            state,
            verdict(group={"team": "a"}, severity=severity, as_of=now),
            verdict(flapping, group={"team": "b"}, as_of=now),
            at=now,
        )
        while (found := folding(state, now)) is not None:
            attempts += 1
            state.outbox.failed(found, error="HTTP 503", again_at=now + 30 * MINUTE)

    now += HOUR
    [told] = everything(state, now)

    assert [(one.finding.group["team"], one.reason) for one in told.notices] == [
        ("a", NoticeReason.FIRST),
        ("b", NoticeReason.RESOLVED),
    ]
    assert told.notices[0].finding.severity is Severity.CRITICAL
    assert [one.reason for one in told.notices[0].earlier][:2] == [NoticeReason.FIRST, NoticeReason.ESCALATED]
    assert [one.reason for one in told.notices[1].earlier][-1] is NoticeReason.FIRST
    assert told.attempt <= attempts + 1
    assert "finance" not in state.outbox.pending_counts()
    page = state.deliveries.page(limit=500, receiver="finance")
    assert {one.state for one in page.deliveries[1:]} == {DeliveryState.FOLDED}
    assert page.deliveries[0].state is DeliveryState.DELIVERED
    assert state.outbox.parked_messages() == []


def test_a_message_that_may_have_arrived_keeps_its_key_and_nothing_is_folded_past_it(state: State) -> None:
    run(state, verdict(group={"team": "a"}))
    sent = claimed(state)
    state.outbox.failed(sent, error="HTTP 503", again_at=T0 + HOUR)
    died_with_it = folding(state, T0 + 2 * HOUR)
    assert died_with_it is not None
    run(state, verdict(Verdict.OK, group={"team": "a"}, as_of=T0 + 2 * HOUR), at=T0 + 2 * HOUR)

    again, then = everything(state, T0 + 3 * HOUR)

    assert again.message_id == died_with_it.message_id == sent.message_id
    assert [one.reason for one in then.notices] == [NoticeReason.RESOLVED]


def test_a_digest_holds_as_many_notices_as_its_receiver_takes(state: State) -> None:
    for number in range(3):
        at = T0 + number * HOUR
        run(state, *(verdict(group={"team": f"{n}"}, as_of=at) for n in range(2 * number + 2)), at=at)
        if number == 0:
            state.outbox.failed(claimed(state), error="HTTP 503", again_at=at + HOUR)

    told = everything(state, T0 + 5 * HOUR, most_notices=4)

    assert [len(claim.notices) for claim in told] == [4, 2]
    assert len({notice.alert_id for claim in told for notice in claim.notices}) == 6


def folding(state: State, now: datetime, most_notices: int | None = None) -> Claim | None:
    return state.outbox.claim(
        "finance", now=now, lease_until=now + LEASE, fold_before=now - HOUR, most_notices=most_notices
    )


def everything(state: State, now: datetime, most_notices: int | None = None) -> list[Claim]:
    """What the receiver takes once it is back."""
    taken = []
    while (found := folding(state, now, most_notices)) is not None:
        state.outbox.delivered(found, at=now, answer="ok")
        taken.append(found)
    return taken


def test_a_receiver_is_in_trouble_until_it_takes_something(state: State) -> None:
    assert state.deliveries.troubles() == []
    run(state, verdict(severity=Severity.CRITICAL))
    state.outbox.parked(claimed(state), at=T0 + MINUTE, error="finance: HTTP 404. Check the URL")
    state.outbox.failed(claimed(state, "oncall"), error="oncall: HTTP 503. Wait", again_at=T0 + 2 * MINUTE)
    assert state.deliveries.troubles() == [
        ReceiverTrouble("finance", 1, "finance: HTTP 404. Check the URL", T0 + MINUTE),
        ReceiverTrouble("oncall", 1, "oncall: HTTP 503. Wait", T0, T0 + 2 * MINUTE),
    ]

    run(state, verdict(severity=Severity.CRITICAL, group={"team": "b"}), at=T0 + HOUR)
    for receiver in ("finance", "oncall"):
        while (held := claim(state, receiver, at=T0 + HOUR)) is not None:
            state.outbox.delivered(held, at=T0 + HOUR, answer="HTTP 200")
    assert state.deliveries.troubles() == []


def test_a_refused_statement_is_a_trouble_too(state: State) -> None:
    month = T0.date().replace(day=1)
    [due] = state.statements.due("monthly", month, ["finance"], now=T0)
    state.statements.ended(due, DeliveryOutcome.PARKED, at=T0 + MINUTE, answer="finance: too large. Send less")
    expected = [ReceiverTrouble("finance", 1, "finance: too large. Send less", T0 + MINUTE)]
    assert state.deliveries.troubles() == expected
