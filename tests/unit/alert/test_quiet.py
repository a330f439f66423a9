"""Acknowledged and silenced alerts: what is told, to whom, and when it is made up for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from finops.alert import Decision, decide, decide_gone, transition
from finops.alert.respond import acknowledged, lifted, silenced
from finops.model.alert import Acknowledgement, AlertRecord, AlertState, AlertStatus, ChangeReason
from finops.model.finding import Finding, Severity, State
from finops.model.notice import NoticeReason
from finops.model.route import Route
from finops.model.silence import Silence
from finops.ports.state import AlertBook
from tests.support.verdicts import HOUR, T0, evaluation, link, verdict

ROUTES = (
    Route({"severity": ("critical",)}, ("oncall", "finance"), timedelta(hours=4)),
    Route({}, ("finance",), timedelta(hours=3)),
)
OK, UNKNOWN = verdict(State.OK), verdict(State.UNKNOWN)
INFO, WARNING, CRITICAL = (verdict(severity=severity) for severity in Severity)
QUIET = Silence("5117", {"policy": ("checkout-monthly",)}, "a migration", "ada", T0, T0 + timedelta(days=7))


def live(
    *verdicts: Finding, record: AlertRecord | None = None, quiet: Sequence[int] = (), hours: int = 0
) -> list[Decision]:
    """One verdict after another, an hour apart; those numbered in ``quiet`` come in a silence."""
    decisions = []
    for index, finding in enumerate(verdicts):
        silence = QUIET if index in quiet else None
        decisions.append(decide(record, finding, routes=ROUTES, now=T0 + (hours + index) * HOUR, silence=silence))
        record = decisions[-1].record
    return decisions


def told(decisions: Sequence[Decision]) -> list[Mapping[str, NoticeReason]]:
    return [dict(decision.notices) for decision in decisions]


def known(finding: Finding = WARNING) -> AlertRecord:
    """A firing alert that somebody has acknowledged."""
    [decision] = live(finding)
    assert decision.record is not None
    by = Acknowledgement(T0, "ada", decision.record.severity, "I am on it")
    return replace(decision.record, acknowledged=by)


def test_an_acknowledged_alert_is_not_repeated() -> None:
    assert told(live(*[WARNING] * 30, record=known(), hours=1)) == [{}] * 30


def test_an_acknowledged_alert_that_escalates_is_told_and_no_longer_acknowledged() -> None:
    [higher, *later] = live(CRITICAL, CRITICAL, CRITICAL, CRITICAL, CRITICAL, record=known(), hours=1)

    assert higher.notices == {"finance": NoticeReason.ESCALATED, "oncall": NoticeReason.FIRST}
    assert higher.record is not None
    assert (higher.record.acknowledged, higher.record.status) == (None, AlertStatus.ESCALATED)
    assert higher.note == "It was acknowledged by ada as warning."
    assert told(later)[-1] == dict.fromkeys(("finance", "oncall"), NoticeReason.REPEAT)


def test_a_severity_that_falls_and_comes_back_stays_acknowledged() -> None:
    decisions = live(INFO, WARNING, WARNING, WARNING, WARNING, record=known(), hours=1)

    assert told(decisions) == [{}] * 5
    assert decisions[-1].record is not None
    assert decisions[-1].record.status is AlertStatus.ACKNOWLEDGED


def test_the_end_of_an_acknowledged_alert_is_told_and_the_next_episode_is_a_new_one() -> None:
    ends, again = live(OK, WARNING, record=known(), hours=1)

    assert ends.notices == {"finance": NoticeReason.RESOLVED}
    assert again.notices == {"finance": NoticeReason.FIRST}
    assert again.record is not None
    assert again.record.acknowledged is None


def test_an_unknown_verdict_does_not_repeat_what_is_acknowledged() -> None:
    assert told(live(*[UNKNOWN] * 10, record=known(), hours=1)) == [{}] * 10


def test_a_silenced_alert_is_judged_and_shown_and_told_to_nobody_until_the_silence_is_over() -> None:
    decisions = live(WARNING, CRITICAL, CRITICAL, WARNING, WARNING, quiet=(0, 1, 2))

    assert [decision.reason for decision in decisions[:3]] == [
        ChangeReason.FIRED,
        ChangeReason.ESCALATED,
        ChangeReason.STILL_FIRING,
    ]
    assert decisions[0].record is not None
    assert decisions[0].record.status is AlertStatus.SILENCED
    assert decisions[0].note == "Silenced by ada until 2026-03-27 06:00 UTC: a migration"
    assert told(decisions) == [{}, {}, {}, {"finance": NoticeReason.FIRST}, {}]


def test_what_was_told_before_a_silence_and_still_fires_after_it_is_told_once_again() -> None:
    decisions = live(WARNING, WARNING, WARNING, WARNING, quiet=(1,))

    assert [decision.reason for decision in decisions] == [
        ChangeReason.FIRED,
        ChangeReason.SILENCED,
        ChangeReason.SILENCE_ENDED,
        ChangeReason.STILL_FIRING,
    ]
    assert told(decisions) == [{"finance": NoticeReason.FIRST}, {}, {"finance": NoticeReason.REPEAT}, {}]


def test_what_got_worse_in_a_silence_is_told_as_worse() -> None:
    decisions = live(WARNING, CRITICAL, CRITICAL, quiet=(1,))

    assert told(decisions)[2] == {"finance": NoticeReason.ESCALATED, "oncall": NoticeReason.FIRST}


def test_an_end_in_a_silence_is_told_after_it_to_those_who_had_heard_of_the_alert() -> None:
    decisions = live(WARNING, OK, OK, OK, OK, quiet=(1, 2))

    assert told(decisions) == [{"finance": NoticeReason.FIRST}, {}, {}, {"finance": NoticeReason.RESOLVED}, {}]
    assert decisions[3].note == "It resolved at 2026-03-20 07:00 UTC, while it was silenced."


def test_what_began_and_ended_in_a_silence_is_told_to_nobody() -> None:
    assert told(live(WARNING, OK, OK, OK, quiet=(0, 1))) == [{}] * 4


def test_a_second_episode_in_the_same_silence_is_no_first_one_for_those_who_never_heard_the_end() -> None:
    decisions = live(WARNING, OK, WARNING, WARNING, OK, quiet=(1, 2))

    assert told(decisions)[3:] == [{"finance": NoticeReason.REPEAT}, {"finance": NoticeReason.RESOLVED}]


def test_an_end_is_told_late_even_when_the_policy_is_gone_or_the_alert_only_nearly_fired_again() -> None:
    fired, ended = live(WARNING, OK, quiet=(1,))
    assert ended.record is not None
    step = transition(
        evaluation([], as_of=T0 + 2 * HOUR),
        AlertBook({ended.record.id: ended.record}),
        routes=ROUTES,
        policies=(),
        link=link,
        now=T0 + 2 * HOUR,
    )
    assert [(message.receiver, message.reason) for message in step.messages] == [("finance", NoticeReason.RESOLVED)]

    waiting = replace(WARNING, for_evaluations=3)
    decisions = live(waiting, OK, OK, record=ended.record, quiet=(0,), hours=2)
    assert told(decisions) == [{}, {}, {"finance": NoticeReason.RESOLVED}]
    assert fired.notices


def test_a_silence_that_ends_while_the_verdict_is_unknown_is_told_with_the_last_known_figures() -> None:
    decisions = live(WARNING, UNKNOWN, UNKNOWN, quiet=(0, 1))

    assert told(decisions) == [{}, {}, {"finance": NoticeReason.FIRST}]
    assert "last known figures" in decisions[2].note


def test_a_removed_policy_ends_a_silenced_alert_without_a_word() -> None:
    [fired] = live(WARNING)
    assert fired.record is not None
    gone = decide_gone(fired.record, ChangeReason.POLICY_REMOVED, now=T0 + HOUR, silence=QUIET)

    assert (gone.reason, dict(gone.notices)) == (ChangeReason.POLICY_REMOVED, {})
    assert gone.record is not None
    assert gone.record.untold


def test_an_acknowledged_alert_stays_quiet_after_a_silence() -> None:
    assert told(live(WARNING, WARNING, record=known(), quiet=(0,), hours=1)) == [{}, {}]


def test_a_silence_takes_what_its_matcher_says_and_the_severity_last_known() -> None:
    warnings = replace(QUIET, matcher={"severity": ("warning",), "team": ("a", "b")})
    [fired] = live(verdict(group={"team": "a"}))
    assert fired.record is not None
    book = AlertBook({fired.record.id: fired.record}, (warnings,))

    def told_of(finding: Finding) -> list[tuple[str, NoticeReason]]:
        step = transition(
            evaluation([finding], as_of=T0 + HOUR), book, routes=ROUTES, policies=(), link=link, now=T0 + HOUR
        )
        return [(message.receiver, message.reason) for message in step.messages]

    assert told_of(verdict(State.OK, group={"team": "a"})) == []
    assert told_of(verdict(group={"team": "b"})) == []
    assert ("finance", NoticeReason.FIRST) in told_of(verdict(group={"team": "c"}))
    assert told_of(verdict(severity=Severity.CRITICAL, group={"team": "a"})) == [
        ("finance", NoticeReason.ESCALATED),
        ("oncall", NoticeReason.FIRST),
    ]


def test_the_longer_of_two_silences_goes_on_when_the_shorter_is_lifted() -> None:
    [fired] = live(WARNING)
    assert fired.record is not None
    short = replace(QUIET, id="5b02", until=T0 + HOUR)
    first = silenced(AlertBook({fired.record.id: fired.record}), QUIET, now=T0)
    both = AlertBook({record.id: record for record in first.records}, (QUIET, short))

    assert silenced(AlertBook(both.alerts, (QUIET,)), short, now=T0).records == ()
    step = lifted(both, QUIET, actor="bob", note="done", now=T0)

    assert [(record.silence, record.untold) for record in step.records] == [("5b02", False)]
    assert [(change.actor, change.reason, change.note) for change in step.changes] == [
        ("bob", ChangeReason.SILENCE_LIFTED, "done")
    ]


def test_the_same_acknowledgement_twice_is_one() -> None:
    record = known()
    book = AlertBook({record.id: record})

    assert acknowledged(book, record.id, actor="ada", note="I am on it", now=T0 + HOUR).records == ()
    assert len(acknowledged(book, record.id, actor="bob", note="I am on it", now=T0 + HOUR).records) == 1


VERDICTS = st.sampled_from([OK, UNKNOWN, INFO, WARNING, CRITICAL])
LIVES = st.lists(st.tuples(VERDICTS, st.booleans()), max_size=30)


@given(LIVES)
def test_nobody_is_told_in_a_silence_and_in_the_end_everybody_knows(life: list[tuple[Finding, bool]]) -> None:
    """After a silence one more verdict is enough: whoever was told of a firing alert knows whether it still fires."""
    ending = [*life, (WARNING if life and life[-1][0] is WARNING else OK, False)]
    record, believes = None, dict[str, bool]()
    for index, (finding, quiet) in enumerate(ending):
        decision = decide(record, finding, routes=ROUTES, now=T0 + index * HOUR, silence=QUIET if quiet else None)
        record = decision.record
        assert not (quiet and decision.notices)
        for receiver, reason in decision.notices.items():
            assert reason is not NoticeReason.FIRST or not believes.get(receiver)
            assert reason is NoticeReason.FIRST or believes.get(receiver)
            believes[receiver] = reason is not NoticeReason.RESOLVED
    fires = record is not None and record.state is AlertState.FIRING
    assert fires or not any(believes.values())
    assert believes.get("finance", False) == fires
