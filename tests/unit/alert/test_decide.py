"""The life of an alert, verdict by verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from finops.alert import Decision, decide, decide_gone, decide_unknown
from finops.alert.decide import decide_over
from finops.model.alert import Acknowledgement, AlertRecord, AlertState, AlertStatus, ChangeReason, alert_id
from finops.model.finding import Finding, Severity, State
from finops.model.notice import NoticeReason
from finops.model.route import Route
from finops.model.silence import Silence
from tests.support.verdicts import HOUR, T0, verdict

FINANCE = Route({}, ("finance",), timedelta(hours=24))
ONCALL_FIRST = (Route({"severity": ("critical",)}, ("oncall", "finance"), timedelta(hours=4)), FINANCE)
OK, UNKNOWN = verdict(State.OK), verdict(State.UNKNOWN)
INFO, WARNING, CRITICAL = (verdict(severity=severity) for severity in Severity)


def live(
    *findings: Finding, routes: Sequence[Route] = (FINANCE,), every: timedelta = HOUR, record: AlertRecord | None = None
) -> list[Decision]:
    """One verdict after another, an hour apart."""
    decisions = []
    for index, finding in enumerate(findings):
        decisions.append(decide(record, finding, routes=routes, now=T0 + index * every))
        record = decisions[-1].record
    return decisions


def told(decisions: Sequence[Decision]) -> list[dict[str, NoticeReason]]:
    return [dict(decision.notices) for decision in decisions]


def reasons(decisions: Sequence[Decision]) -> list[ChangeReason]:
    return [decision.reason for decision in decisions]


def record_of(decision: Decision) -> AlertRecord:
    assert decision.record is not None
    return decision.record


def test_a_calm_policy_leaves_no_trace() -> None:
    [decision] = live(OK)

    assert (decision.record, decision.reason, decision.is_change) == (None, ChangeReason.CALM, False)


def test_firing_is_told_once_and_its_end_too() -> None:
    decisions = live(WARNING, WARNING, OK, OK)

    assert told(decisions) == [{"finance": NoticeReason.FIRST}, {}, {"finance": NoticeReason.RESOLVED}, {}]
    assert reasons(decisions) == [
        ChangeReason.FIRED,
        ChangeReason.STILL_FIRING,
        ChangeReason.RESOLVED,
        ChangeReason.CALM,
    ]
    assert [record_of(decision).change for decision in decisions] == [1, 1, 2, 2]


def test_a_second_episode_is_told_like_the_first() -> None:
    decisions = live(WARNING, OK, WARNING)

    assert told(decisions)[2] == {"finance": NoticeReason.FIRST}
    assert record_of(decisions[2]).change == 3


def test_unknown_fires_nothing() -> None:
    [decision] = live(UNKNOWN)

    assert (decision.record, decision.reason, dict(decision.notices)) == (None, ChangeReason.UNKNOWN, {})


def test_unknown_resolves_nothing_and_is_shown() -> None:
    decisions = live(WARNING, UNKNOWN, OK)

    kept = record_of(decisions[1])
    assert (kept.state, kept.unknown, kept.finding) == (AlertState.FIRING, "no data", WARNING)
    assert told(decisions)[1] == {}
    assert decisions[2].reason is ChangeReason.RESOLVED
    assert record_of(decisions[2]).unknown == ""


def test_unknown_after_a_resolve_opens_nothing() -> None:
    decisions = live(WARNING, OK, UNKNOWN, OK)

    assert record_of(decisions[2]) == record_of(decisions[1])


def test_a_repeat_that_falls_due_while_unknown_says_so() -> None:
    decisions = live(WARNING, UNKNOWN, every=timedelta(hours=24))

    assert told(decisions)[1] == {"finance": NoticeReason.REPEAT}
    assert "The latest verdict is unknown: no data" in decisions[1].note
    assert record_of(decisions[1]).finding == WARNING


def test_unknown_tells_nobody_new() -> None:
    firing = record_of(live(WARNING, routes=[Route({}, ())])[0])

    decision = decide_unknown(firing, "no data", routes=[FINANCE], now=T0 + timedelta(days=9))

    assert dict(decision.notices) == {}


def test_for_needs_its_evaluations_in_a_row() -> None:
    third = verdict(for_evaluations=3)
    decisions = live(third, third, third)

    assert reasons(decisions) == [ChangeReason.PENDING, ChangeReason.COUNTING, ChangeReason.FIRED]
    assert told(decisions) == [{}, {}, {"finance": NoticeReason.FIRST}]
    assert record_of(decisions[2]).since == T0
    assert record_of(decisions[2]).change == 2


def test_ok_sets_the_count_back() -> None:
    second = verdict(for_evaluations=2)
    decisions = live(second, OK, second, second)

    assert reasons(decisions) == [
        ChangeReason.PENDING,
        ChangeReason.CLEARED,
        ChangeReason.PENDING,
        ChangeReason.FIRED,
    ]
    assert record_of(decisions[1]).state is AlertState.INACTIVE


def test_unknown_neither_counts_nor_sets_the_count_back() -> None:
    second = verdict(for_evaluations=2)
    decisions = live(second, UNKNOWN, UNKNOWN, second)

    assert reasons(decisions)[1:] == [ChangeReason.UNKNOWN, ChangeReason.UNKNOWN, ChangeReason.FIRED]


def test_a_rise_is_told_at_once_and_brings_new_receivers_in() -> None:
    decisions = live(WARNING, CRITICAL, routes=ONCALL_FIRST)

    assert decisions[1].reason is ChangeReason.ESCALATED
    assert told(decisions)[1] == {"oncall": NoticeReason.FIRST, "finance": NoticeReason.ESCALATED}


def test_a_fall_wakes_nobody() -> None:
    decisions = live(CRITICAL, WARNING)

    assert decisions[1].reason is ChangeReason.DEESCALATED
    assert decisions[1].is_change
    assert told(decisions)[1] == {}
    assert record_of(decisions[1]).severity is Severity.WARNING


def test_a_fall_is_told_with_the_repeat() -> None:
    decisions = live(CRITICAL, WARNING, WARNING, every=timedelta(hours=12))

    assert told(decisions)[2] == {"finance": NoticeReason.DEESCALATED}


def test_a_severity_that_flaps_makes_no_noise() -> None:
    decisions = live(CRITICAL, WARNING, CRITICAL, WARNING, CRITICAL)

    assert told(decisions)[1:] == [{}, {}, {}, {}]


def test_a_rise_above_what_was_told_is_told_again() -> None:
    decisions = live(CRITICAL, WARNING, WARNING, CRITICAL, every=timedelta(hours=12))

    assert told(decisions)[2:] == [{"finance": NoticeReason.DEESCALATED}, {"finance": NoticeReason.ESCALATED}]


def test_a_repeat_comes_when_its_interval_is_over_and_not_before() -> None:
    decisions = live(*[WARNING] * 50)

    assert [index for index, decision in enumerate(decisions) if decision.notices] == [0, 24, 48]
    assert told(decisions)[24] == {"finance": NoticeReason.REPEAT}
    assert decisions[24].reason is ChangeReason.TOLD_AGAIN


def test_without_an_interval_nothing_is_repeated() -> None:
    decisions = live(*[WARNING] * 100, routes=[Route({}, ("finance",))], every=timedelta(days=1))

    assert [index for index, decision in enumerate(decisions) if decision.notices] == [0]


def test_a_resolve_goes_to_everybody_who_was_told() -> None:
    decisions = live(CRITICAL, WARNING, OK, routes=ONCALL_FIRST)

    assert told(decisions)[2] == dict.fromkeys(("oncall", "finance"), NoticeReason.RESOLVED)


def test_a_resolve_goes_to_nobody_else() -> None:
    silent = live(WARNING, routes=[])
    decision = decide(silent[0].record, OK, routes=[FINANCE], now=T0 + HOUR)

    assert (decision.reason, dict(decision.notices)) == (ChangeReason.RESOLVED, {})


def test_a_receiver_that_the_configuration_adds_hears_of_a_running_alert() -> None:
    running = live(WARNING)[0].record
    both = Route({}, ("finance", "new"), timedelta(hours=24))

    decision = decide(running, WARNING, routes=[both], now=T0 + HOUR)

    assert (decision.reason, dict(decision.notices)) == (ChangeReason.TOLD_AGAIN, {"new": NoticeReason.FIRST})


def test_a_group_that_is_gone_is_resolved_with_its_reason() -> None:
    decision = decide_gone(record_of(live(WARNING)[0]), ChangeReason.GROUP_GONE, now=T0 + HOUR)

    assert record_of(decision).state is AlertState.RESOLVED
    assert dict(decision.notices) == {"finance": NoticeReason.RESOLVED}
    assert decision.note


def acknowledged(record: AlertRecord) -> AlertRecord:
    return replace(record, acknowledged=Acknowledgement(T0, "anna", record.severity))


def test_an_alert_of_a_removed_policy_is_withdrawn() -> None:
    decision = decide_gone(record_of(live(WARNING)[0]), ChangeReason.POLICY_REMOVED, now=T0 + HOUR)

    assert record_of(decision).status is AlertStatus.WITHDRAWN
    assert dict(decision.notices) == {"finance": NoticeReason.WITHDRAWN}
    assert decision.note == "The policy was removed."


@pytest.mark.parametrize("counting", [1, 2])
def test_an_acknowledgement_survives_a_policy_that_returns(counting: int) -> None:
    firing = acknowledged(record_of(live(WARNING)[0]))
    withdrawn = record_of(decide_gone(firing, ChangeReason.POLICY_REMOVED, now=T0 + HOUR))

    back = live(*[verdict(for_evaluations=counting)] * (counting + 1), record=withdrawn)

    assert told(back)[-2:] == [{"finance": NoticeReason.FIRST}, {}]
    assert record_of(back[-1]).status is AlertStatus.ACKNOWLEDGED
    worse = live(verdict(severity=Severity.CRITICAL), record=withdrawn)
    assert record_of(worse[0]).status is AlertStatus.FIRING


def test_a_policy_that_returns_calm_forgets_the_acknowledgement() -> None:
    firing = acknowledged(record_of(live(WARNING)[0]))
    withdrawn = record_of(decide_gone(firing, ChangeReason.POLICY_REMOVED, now=T0 + HOUR))

    calm, again = live(OK, WARNING, record=withdrawn)

    assert (record_of(calm).status, dict(calm.notices)) == (AlertStatus.INACTIVE, {})
    assert record_of(again).status is AlertStatus.FIRING


def test_a_withdrawal_in_a_silence_is_told_after_it() -> None:
    silence = Silence("s", {}, "planned", "anna", T0, T0 + HOUR)
    firing = record_of(live(WARNING)[0])
    quiet = decide_gone(firing, ChangeReason.POLICY_REMOVED, now=T0, silence=silence)
    assert dict(quiet.notices) == {}
    assert dict(decide_over(record_of(quiet)).notices) == {"finance": NoticeReason.WITHDRAWN}


def test_what_is_gone_before_it_fired_is_told_to_nobody() -> None:
    pending = record_of(live(verdict(for_evaluations=2))[0])

    decision = decide_gone(pending, ChangeReason.POLICY_REMOVED, now=T0 + HOUR)

    assert record_of(decision).state is AlertState.INACTIVE
    assert dict(decision.notices) == {}


def test_a_firing_verdict_without_severity_is_a_fault_of_its_kind() -> None:
    with pytest.raises(ValueError, match="severity"):
        decide(None, verdict(severity=None), routes=(), now=T0)


def test_the_id_is_one_for_a_policy_and_group() -> None:
    assert alert_id("p", {"a": "1", "b": "2"}) == alert_id("p", {"b": "2", "a": "1"})
    assert alert_id("p", {"a": "1,b=2"}) != alert_id("p", {"a": "1", "b": "2"})
    assert alert_id("p", {}) != alert_id("q", {})
