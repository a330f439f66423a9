"""The life of an alert, one verdict at a time. Pure.

::

    (none) ──fires──> pending ──fires `for` times──> firing ──ok──> resolved ──fires──> pending or firing
                         └──ok──> inactive                └─policy or group gone─> resolved

- With ``for: 1`` (the default) the first firing verdict fires the alert; there is no pending state.
- An unknown verdict changes no state: it neither counts towards ``for`` nor sets the count back, it fires nothing and
  resolves nothing. The record says why the verdict is unknown, and so do repeats that fall due meanwhile.
- A rise of severity is told at once to the receivers of the finding's routes. A fall is no reason to wake anybody: it
  stands in the history at once, and a receiver hears of it when its repeat is due. It is compared with what the
  receiver was last told, so that a severity that flaps between two evaluations makes no noise.
- A receiver that never heard of the running episode is told ``first``, whatever brought it in (the first firing, a rise
  of severity that another route takes, a changed configuration).
- A resolve goes to everybody who was told of the episode, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from finops.alert.decision import Decision
from finops.model.alert import AlertRecord, AlertState, ChangeReason, Told, alert_id
from finops.model.finding import Finding, Severity, State
from finops.model.notice import NoticeReason
from finops.model.route import Route, receivers_of

Gone = Literal[ChangeReason.POLICY_REMOVED, ChangeReason.GROUP_GONE]

_GONE_NOTE: Mapping[ChangeReason, str] = {
    ChangeReason.POLICY_REMOVED: "The policy was removed.",
    ChangeReason.GROUP_GONE: "The group is gone from the data; the policy's other groups are known.",
}


def decide(previous: AlertRecord | None, finding: Finding, *, routes: Sequence[Route], now: datetime) -> Decision:
    """The alert after one more verdict. ``previous`` is the record of the same (policy, group)."""
    if finding.state is State.UNKNOWN:
        return decide_unknown(previous, finding.reason, routes=routes, now=now)
    if finding.state is State.OK:
        return _calm(previous, finding, now)
    if finding.severity is None:
        raise ValueError(f"a firing finding has a severity: {finding.policy}")
    if previous is not None and previous.state is AlertState.FIRING:
        return _go_on(previous, finding, finding.severity, routes, now)
    return _begin(previous, finding, finding.severity, routes, now)


def decide_unknown(previous: AlertRecord | None, why: str, *, routes: Sequence[Route], now: datetime) -> Decision:
    """The alert after an evaluation that could not tell. Only repeats go out, of a firing that is known."""
    if previous is None or previous.state not in {AlertState.PENDING, AlertState.FIRING}:
        return Decision(previous, ChangeReason.UNKNOWN)
    record = replace(previous, unknown=why or "no reason given")
    if previous.state is AlertState.PENDING:
        return Decision(record, ChangeReason.UNKNOWN)
    intervals = receivers_of(previous.finding, routes)
    due = {
        receiver: _repeat_reason(told, previous.severity)
        for receiver, told in previous.told.items()
        if _is_due(told, intervals.get(receiver), now)
    }
    if not due:
        return Decision(record, ChangeReason.UNKNOWN)
    note = f"The newest verdict is unknown: {record.unknown}. These are the last known figures."
    return Decision(_told(record, due, now), ChangeReason.TOLD_AGAIN, due, note)


def decide_gone(previous: AlertRecord, why: Gone, *, now: datetime) -> Decision:
    """The end of an alert that no verdict speaks of any more, for another reason than missing data."""
    note = _GONE_NOTE[why]
    if previous.state is AlertState.FIRING:
        return _end(previous, previous.finding, why, now, note)
    return Decision(_changed(previous, AlertState.INACTIVE, now), why, note=note)


def _calm(previous: AlertRecord | None, finding: Finding, now: datetime) -> Decision:
    if previous is not None and previous.state is AlertState.FIRING:
        return _end(previous, finding, ChangeReason.RESOLVED, now, "")
    if previous is not None and previous.state is AlertState.PENDING:
        record = replace(_changed(previous, AlertState.INACTIVE, now), finding=finding)
        return Decision(record, ChangeReason.CLEARED)
    return Decision(previous, ChangeReason.CALM)


def _begin(
    previous: AlertRecord | None, finding: Finding, severity: Severity, routes: Sequence[Route], now: datetime
) -> Decision:
    waiting = previous is not None and previous.state is AlertState.PENDING
    count = previous.pending_evaluations + 1 if previous is not None and waiting else 1
    record = AlertRecord(
        id=alert_id(finding.policy, finding.group),
        state=AlertState.PENDING,
        severity=severity,
        finding=finding,
        since=previous.since if previous is not None and waiting else finding.as_of,
        changed_at=previous.changed_at if previous is not None and waiting else now,
        change=previous.change if previous is not None else 0,
        pending_evaluations=count,
    )
    if count < finding.for_evaluations:
        if waiting:
            return Decision(record, ChangeReason.COUNTING)
        return Decision(replace(record, change=record.change + 1), ChangeReason.PENDING)
    notices = dict.fromkeys(receivers_of(finding, routes), NoticeReason.FIRST)
    fired = replace(record, state=AlertState.FIRING, changed_at=now, pending_evaluations=0)
    return Decision(_told(fired, notices, now), ChangeReason.FIRED, notices)


def _go_on(
    previous: AlertRecord, finding: Finding, severity: Severity, routes: Sequence[Route], now: datetime
) -> Decision:
    notices: dict[str, NoticeReason] = {}
    for receiver, repeat in receivers_of(finding, routes).items():
        told = previous.told.get(receiver)
        if told is None:
            notices[receiver] = NoticeReason.FIRST
        elif severity.rank > told.severity.rank:
            notices[receiver] = NoticeReason.ESCALATED
        elif _is_due(told, repeat, now):
            notices[receiver] = _repeat_reason(told, severity)
    record = replace(previous, severity=severity, finding=finding, unknown="")
    if severity is not previous.severity:
        rises = severity.rank > previous.severity.rank
        reason = ChangeReason.ESCALATED if rises else ChangeReason.DEESCALATED
        return Decision(_told(replace(record, changed_at=now), notices, now), reason, notices)
    if notices:
        return Decision(_told(record, notices, now), ChangeReason.TOLD_AGAIN, notices)
    return Decision(record, ChangeReason.STILL_FIRING)


def _end(previous: AlertRecord, finding: Finding, reason: ChangeReason, now: datetime, note: str) -> Decision:
    notices = dict.fromkeys(previous.told, NoticeReason.RESOLVED)
    record = replace(_changed(previous, AlertState.RESOLVED, now), finding=finding)
    return Decision(record, reason, notices, note)


def _changed(previous: AlertRecord, state: AlertState, now: datetime) -> AlertRecord:
    return replace(
        previous, state=state, changed_at=now, change=previous.change + 1, pending_evaluations=0, unknown="", told={}
    )


def _told(record: AlertRecord, notices: Mapping[str, NoticeReason], now: datetime) -> AlertRecord:
    """One more entry in the history, and what the receivers of it now know."""
    told = {**record.told, **dict.fromkeys(notices, Told(now, record.severity))}
    return replace(record, change=record.change + 1, told=told)


def _is_due(told: Told, repeat: timedelta | None, now: datetime) -> bool:
    return repeat is not None and told.at + repeat <= now


def _repeat_reason(told: Told, severity: Severity) -> NoticeReason:
    return NoticeReason.DEESCALATED if severity.rank < told.severity.rank else NoticeReason.REPEAT
