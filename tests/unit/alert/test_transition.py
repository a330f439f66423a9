"""One evaluation as a whole: which alerts change, who is told, what ends."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from finops.alert import transition
from finops.model.alert import AlertRecord, AlertState, AlertStatus, ChangeReason
from finops.model.evaluation import Track
from finops.model.finding import Finding, Severity, State
from finops.model.money import Money
from finops.model.notice import Notice, NoticeReason
from finops.model.route import Route
from finops.ports.state import AlertBook, AlertStep
from tests.support.verdicts import HOUR, T0, evaluation, link, verdict

ROUTES = [Route({"severity": ("critical",)}, ("oncall", "finance")), Route({}, ("finance",), timedelta(hours=24))]
POLICIES = frozenset({"checkout-monthly", "search-monthly"})


def after(
    *findings: Finding,
    known: Mapping[str, AlertRecord] | None = None,
    policies: Collection[str] = POLICIES,
    hours: int = 0,
    limits: Mapping[str, int] | None = None,
) -> AlertStep:
    now = T0 + hours * HOUR
    return transition(
        evaluation(findings, as_of=now),
        AlertBook(known or {}),
        routes=ROUTES,
        policies=policies,
        link=link,
        now=now,
        limits=limits,
    )


def by_id(step: AlertStep) -> dict[str, AlertRecord]:
    return {record.id: record for record in step.records}


def team(name: str, state: State = State.FIRING, severity: Severity = Severity.WARNING) -> Finding:
    return verdict(state, severity, group={"team": name})


def test_nothing_is_written_for_what_does_not_change() -> None:
    firing = after(team("a"), team("b", State.OK))

    assert [record.group for record in firing.records] == [{"team": "a"}]
    again = after(team("a"), team("b", State.OK), known=by_id(firing), hours=1)
    assert again == AlertStep()


def test_what_changes_at_once_is_one_message_for_each_route_and_owner() -> None:
    others = verdict(group={"team": "d"}, owner="team-search")
    step = after(team("a"), team("b"), team("c", severity=Severity.CRITICAL), others)

    told = [(m.receiver, [n.notice.finding.group["team"] for n in m.notices]) for m in step.messages]
    assert told == [
        ("finance", ["c"]),  # the route of critical alerts
        ("finance", ["a", "b"]),
        ("finance", ["d"]),
        ("oncall", ["c"]),
    ]
    assert len({message.id for message in step.messages}) == 4


def test_a_message_tells_all_that_happened_to_an_owner_the_worst_first_and_what_is_over_last() -> None:
    firing = after(team("a", severity=Severity.INFO), team("b"), team("c"))
    dear = verdict(group={"team": "d"}, amount={"spent": Money(Decimal(90_000), "EUR")})

    step = after(
        team("a"), team("b", State.OK), team("c"), dear, team("e", severity=Severity.INFO), known=by_id(firing), hours=1
    )

    [message] = step.messages
    assert [(n.notice.finding.group["team"], n.notice.reason) for n in message.notices] == [
        ("d", NoticeReason.FIRST),
        ("a", NoticeReason.ESCALATED),
        ("e", NoticeReason.FIRST),
        ("b", NoticeReason.RESOLVED),
    ]


def test_the_same_evaluation_makes_the_same_messages_whatever_the_order() -> None:
    one = after(team("a"), team("b"), team("c"))
    other = after(team("c"), team("a"), team("b"))

    assert one.messages == other.messages
    assert after(team("a"), hours=1).messages[0].id != after(team("a")).messages[0].id


def test_a_message_holds_as_many_notices_as_its_receiver_takes() -> None:
    many = [team(f"{number:04}") for number in range(201)]

    assert [len(message.notices) for message in after(*many).messages] == [201]
    step = after(*many, limits={"finance": 100})
    assert [len(message.notices) for message in step.messages] == [100, 100, 1]
    assert len({message.id for message in step.messages}) == 3


def test_the_notices_that_lead_a_message_carry_their_days() -> None:
    many = [team(name) for name in "abcdef"]
    track = Track("checkout-monthly", "team=a", many[0].period, "EUR", (date(2026, 3, 1),), (Decimal(3),))
    made = replace(evaluation(many), tracks=(track,))

    step = transition(
        made,
        AlertBook({}),
        routes=ROUTES,
        policies=POLICIES,
        link=link,
        now=T0,
        costs=lambda of: f"/c/{of.group_label}",
    )

    [message] = step.messages
    assert [one.notice.costs for one in message.notices] == [f"/c/team={name}" for name in "abcdef"]
    assert [one.notice.track for one in message.notices] == [track, None, None, None, None, None]
    stored = message.notices[0].notice
    text = json.dumps({**stored.to_stored(), "finding": stored.finding.to_json()})
    assert Notice.from_stored(json.loads(text)) == stored


def test_a_notice_says_where_to_look_and_since_when() -> None:
    [message] = after(verdict()).messages
    [outgoing] = message.notices

    assert outgoing.notice.link == "https://finops.example.com/policies/checkout-monthly"
    assert (outgoing.notice.since, outgoing.change) == (T0, 1)


def test_a_change_says_who_when_and_what() -> None:
    [change] = after(team("a", severity=Severity.CRITICAL)).changes

    assert (change.actor, change.at, change.reason) == ("evaluation", T0, ChangeReason.FIRED)
    assert (change.before, change.after) == (AlertStatus.INACTIVE, AlertStatus.FIRING)
    assert change.told == ("finance", "oncall")
    assert change.finding_id == team("a", severity=Severity.CRITICAL).id


def test_a_removed_policy_withdraws_its_alerts() -> None:
    firing = by_id(after(team("a")))

    step = after(known=firing, policies={"search-monthly"}, hours=1)

    assert [change.reason for change in step.changes] == [ChangeReason.POLICY_REMOVED]
    [message] = step.messages
    assert message.reason is NoticeReason.WITHDRAWN
    assert message.notices[0].notice.note == "The policy was removed."


def test_a_group_that_is_gone_resolves_when_the_others_are_known() -> None:
    firing = by_id(after(team("a"), team("b")))

    step = after(team("b"), known=firing, hours=1)

    assert [(change.reason, change.after) for change in step.changes] == [
        (ChangeReason.GROUP_GONE, AlertStatus.RESOLVED)
    ]


def test_a_group_that_is_gone_stays_while_another_is_unknown() -> None:
    firing = by_id(after(team("a"), team("b")))

    step = after(team("b", State.UNKNOWN), known=firing, hours=1)

    assert step.changes == ()
    assert {record.state for record in step.records} == {AlertState.FIRING}
    assert all(record.unknown for record in step.records)


def test_a_policy_without_any_verdict_keeps_its_alerts() -> None:
    firing = by_id(after(team("a")))

    step = after(known=firing, hours=1)

    assert step.changes == ()
    [kept] = step.records
    assert (kept.state, kept.unknown) == (AlertState.FIRING, "the evaluation has no verdict for this group")


def test_a_group_that_was_only_not_seen_ends_once_the_others_are_known_again() -> None:
    firing = by_id(after(team("a"), team("b")))
    unseen = firing | by_id(after(known=firing, hours=1))

    step = after(team("b"), known=unseen, hours=2)

    assert [change.reason for change in step.changes] == [ChangeReason.GROUP_GONE]


def test_a_group_whose_own_verdict_was_unknown_stays_when_it_vanishes() -> None:
    firing = by_id(after(team("a"), team("b")))
    unknown = firing | by_id(after(team("a", State.UNKNOWN), team("b"), known=firing, hours=1))

    step = after(team("b"), known=unknown, hours=2)
    later = after(team("b"), known=unknown | by_id(step), hours=3)

    assert step.changes == later.changes == ()


def test_an_unknown_policy_without_groups_keeps_the_alerts_of_its_groups() -> None:
    firing = by_id(after(team("a")))

    step = after(verdict(State.UNKNOWN), known=firing, hours=1)

    assert step.changes == ()
    assert [record.state for record in step.records] == [AlertState.FIRING]


def test_another_policy_s_unknown_is_no_reason_to_wait() -> None:
    firing = by_id(after(team("a"), team("b")))

    step = after(team("b"), verdict(State.UNKNOWN, policy="search-monthly"), known=firing, hours=1)

    assert [change.reason for change in step.changes] == [ChangeReason.GROUP_GONE]
