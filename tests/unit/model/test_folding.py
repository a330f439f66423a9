"""Many notices of an outage become one for each alert."""

from __future__ import annotations

from finops.model.finding import Severity, State
from finops.model.folding import MOST_EARLIER, folded
from finops.model.message import OutgoingNotice
from finops.model.notice import Notice, NoticeReason
from tests.support.verdicts import HOUR, T0, notice, verdict

FIRST, ESCALATED, REPEAT, RESOLVED, EXPIRES = (
    NoticeReason.FIRST,
    NoticeReason.ESCALATED,
    NoticeReason.REPEAT,
    NoticeReason.RESOLVED,
    NoticeReason.EXPIRES,
)


def waiting(*reasons: NoticeReason, alert: str = "a") -> list[OutgoingNotice]:
    return [
        OutgoingNotice(
            number,
            notice(
                reason,
                verdict(State.OK if reason is RESOLVED else State.FIRING, reason=f"reason {number}"),
                alert_id=alert,
                at=T0 + number * HOUR,
            ),
        )
        for number, reason in enumerate(reasons)
    ]


def only(outgoing: list[OutgoingNotice]) -> Notice:
    [one] = folded(reversed(outgoing))
    assert one.change == outgoing[-1].change
    return one.notice


def test_the_newest_state_is_told_with_what_happened_in_between() -> None:
    told = only(waiting(FIRST, ESCALATED, RESOLVED))

    assert (told.reason, told.finding.reason) == (RESOLVED, "reason 2")
    assert [(one.at, one.reason, one.said) for one in told.earlier] == [
        (T0, FIRST, "reason 0"),
        (T0 + HOUR, ESCALATED, "reason 1"),
    ]
    assert told.earlier[0].severity is Severity.WARNING


def test_who_never_heard_that_it_fires_hears_of_it_for_the_first_time() -> None:
    assert only(waiting(FIRST, ESCALATED, REPEAT)).reason is FIRST
    assert only(waiting(REPEAT, RESOLVED, FIRST, ESCALATED)).reason is FIRST
    assert only(waiting(REPEAT, ESCALATED)).reason is ESCALATED
    assert only(waiting(FIRST, RESOLVED)).reason is RESOLVED
    assert only(waiting(FIRST, EXPIRES)).reason is EXPIRES


def test_what_was_folded_before_is_not_forgotten_and_not_endless() -> None:
    [once] = folded(waiting(*[FIRST, RESOLVED] * 3))
    again = folded([once, *[OutgoingNotice(99, notice(FIRST, alert_id="a", at=T0 + 99 * HOUR))]])
    assert [one.reason for one in again[0].notice.earlier] == [FIRST, RESOLVED] * 3

    flapped = only(waiting(*[FIRST, RESOLVED] * 50))
    assert len(flapped.earlier) == MOST_EARLIER
    assert flapped.earlier[-1].at == T0 + 98 * HOUR


def test_one_notice_an_alert_and_what_is_over_comes_last() -> None:
    told = folded([*waiting(FIRST, RESOLVED, alert="over"), *waiting(FIRST, alert="new")])

    assert [one.notice.alert_id for one in told] == ["new", "over"]
