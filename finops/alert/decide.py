"""The life of an alert, one verdict at a time. Pure.

::

    (none) ──fires──> pending ──fires `for` times──> firing ──ok──> resolved ──fires──> pending or firing
                         └──ok──> inactive                ├─group gone─> resolved
                                                          └─policy removed─> withdrawn ──fires──> pending or firing

- With ``for: 1`` (the default) the first firing verdict fires the alert; there is no pending state.
- An unknown verdict changes no state: it neither counts towards ``for`` nor sets the count back, it fires nothing and
  resolves nothing. The record says why the verdict is unknown, and so do repeats that fall due meanwhile.
- A rise of severity is told at once to the receivers of the finding's routes. A fall is no reason to wake anybody: it
  stands in the history at once, and a receiver hears of it when its repeat is due. It is compared with what the
  receiver was last told, so that a severity that flaps between two evaluations makes no noise.
- A receiver that never heard of the running episode is told ``first``, whatever brought it in (the first firing, a rise
  of severity that another route takes, a changed configuration).
- A policy that is removed withdraws its alerts: nothing says that the cost came down. An acknowledgement outlasts that,
  and holds again if the policy returns and fires with no higher severity.
- A resolve goes to everybody who was told of the episode, and to nobody else.
- An acknowledgement stops repeats until the severity rises above what was acknowledged, or the episode ends.
- A silence stops everything, resolves too. When it is over, what still fires is told once, and a resolve is told to
  those who had heard of the episode before; then all goes on as if nothing had been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from finops.alert.decision import Decision
from finops.model.alert import Acknowledgement, AlertRecord, AlertState, ChangeReason, Told, alert_id
from finops.model.finding import Finding, Severity, State
from finops.model.notice import NoticeReason
from finops.model.route import Route, receivers_of
from finops.model.silence import Silence

Gone = Literal[ChangeReason.POLICY_REMOVED, ChangeReason.GROUP_GONE]

_GONE_NOTE: Mapping[ChangeReason, str] = {
    ChangeReason.POLICY_REMOVED: "The policy was removed.",
    ChangeReason.GROUP_GONE: "The group is gone from the data; the policy's other groups are known.",
}


def decide(
    previous: AlertRecord | None,
    finding: Finding,
    *,
    routes: Sequence[Route],
    now: datetime,
    silence: Silence | None = None,
) -> Decision:
    """The alert after one more verdict. ``previous`` is the record of the same (policy, group).

    ``silence``: the one that covers the alert now.
    """
    if finding.state is State.UNKNOWN:
        return decide_unknown(previous, finding.reason, routes=routes, now=now, silence=silence)
    if finding.state is State.OK:
        return _calm(previous, finding, now, silence)
    if finding.severity is None:
        raise ValueError(f"a firing finding has a severity: {finding.policy}")
    if previous is not None and previous.state is AlertState.FIRING:
        return _go_on(previous, finding, finding.severity, routes, now, silence)
    return _begin(previous, finding, finding.severity, routes, now, silence)


def decide_unknown(
    previous: AlertRecord | None,
    why: str,
    *,
    routes: Sequence[Route],
    now: datetime,
    silence: Silence | None = None,
) -> Decision:
    """The alert after an evaluation that could not tell. Only repeats go out, of a firing that is known."""
    if previous is None:
        return Decision(None, ChangeReason.UNKNOWN)
    if not previous.is_live:
        return decide_over(previous, silence=silence)
    record = replace(previous, unknown=why or "no reason given", silence=silence.id if silence else "")
    if previous.state is AlertState.PENDING:
        return Decision(record, ChangeReason.UNKNOWN)
    if silence is not None:
        return _hush(previous, replace(record, untold=True), silence, ChangeReason.UNKNOWN)
    was_silenced = previous.untold or bool(previous.silence)
    notices = _notices(record, routes, now, was_silenced=was_silenced, newcomers=was_silenced)
    if not notices and not was_silenced:
        return Decision(record, ChangeReason.UNKNOWN)
    note = f"The latest verdict is unknown: {record.unknown}. These are the last known figures."
    reason = ChangeReason.SILENCE_ENDED if was_silenced else ChangeReason.TOLD_AGAIN
    return Decision(_told(replace(record, untold=False), notices, now), reason, notices, note)


def decide_gone(previous: AlertRecord, why: Gone, *, now: datetime, silence: Silence | None = None) -> Decision:
    """The end of an alert that no verdict speaks of any more, for another reason than missing data."""
    note = _GONE_NOTE[why]
    if previous.state is AlertState.FIRING and why is ChangeReason.POLICY_REMOVED:
        return _withdraw(previous, now, note, silence)
    if previous.state is AlertState.FIRING:
        return _end(previous, previous.finding, why, now, note, silence)
    return Decision(_cleared(previous, now), why, note=note)


def decide_over(previous: AlertRecord, *, silence: Silence | None = None) -> Decision:
    """An end that came in a silence is told when that is over."""
    if not previous.untold or silence is not None:
        return Decision(previous, ChangeReason.CALM)
    record = replace(previous, change=previous.change + 1, untold=False, told={})
    over = NoticeReason.WITHDRAWN if previous.state is AlertState.WITHDRAWN else NoticeReason.RESOLVED
    notices = dict.fromkeys(previous.told, over)
    did = "was withdrawn" if over is NoticeReason.WITHDRAWN else "resolved"
    note = f"It {did} at {previous.changed_at:%Y-%m-%d %H:%M} UTC, while it was silenced."
    return Decision(record, ChangeReason.SILENCE_ENDED, notices, note)


def _calm(previous: AlertRecord | None, finding: Finding, now: datetime, silence: Silence | None) -> Decision:
    if previous is None:
        return Decision(None, ChangeReason.CALM)
    if previous.state is AlertState.FIRING:
        return _end(previous, finding, ChangeReason.RESOLVED, now, "", silence)
    returned = previous.state is AlertState.WITHDRAWN and not previous.untold
    if previous.state is AlertState.PENDING or returned:
        return Decision(replace(_cleared(previous, now), finding=finding), ChangeReason.CLEARED)
    return decide_over(previous, silence=silence)


def _begin(
    previous: AlertRecord | None,
    finding: Finding,
    severity: Severity,
    routes: Sequence[Route],
    now: datetime,
    silence: Silence | None,
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
        # those who were never told the end of the last episode do not hear of a first firing again
        told=previous.told if previous is not None else {},
        acknowledged=_still_acknowledged(previous, severity),
        silence=silence.id if silence else "",
        untold=previous.untold if previous is not None else False,
    )
    if count < finding.for_evaluations:
        if waiting:
            return Decision(record, ChangeReason.COUNTING)
        return Decision(replace(record, change=record.change + 1), ChangeReason.PENDING)
    fired = replace(record, state=AlertState.FIRING, changed_at=now, pending_evaluations=0)
    if silence is not None:
        quiet = replace(fired, change=fired.change + 1, untold=True)
        return Decision(quiet, ChangeReason.FIRED, note=_by(silence))
    notices = _notices(fired, routes, now, was_silenced=bool(fired.told), newcomers=True)
    return Decision(_told(replace(fired, untold=False), notices, now), ChangeReason.FIRED, notices)


def _still_acknowledged(previous: AlertRecord | None, severity: Severity) -> Acknowledgement | None:
    """That of before a withdrawal; while the alert counts towards ``for``, it is kept."""
    known = previous.acknowledged if previous is not None else None
    return known if known is not None and severity.rank <= known.severity.rank else None


def _go_on(
    previous: AlertRecord,
    finding: Finding,
    severity: Severity,
    routes: Sequence[Route],
    now: datetime,
    silence: Silence | None,
) -> Decision:
    rises, moves = severity.rank > previous.severity.rank, severity is not previous.severity
    known = previous.acknowledged
    outgrown = known is not None and severity.rank > known.severity.rank
    record = replace(
        previous,
        severity=severity,
        finding=finding,
        unknown="",
        silence=silence.id if silence else "",
        acknowledged=None if outgrown else known,
        escalated_at=now if rises else previous.escalated_at,
        changed_at=now if moves else previous.changed_at,
    )
    reason = ChangeReason.STILL_FIRING
    if moves:
        reason = ChangeReason.ESCALATED if rises else ChangeReason.DEESCALATED
    if silence is not None:
        return _hush(previous, replace(record, untold=True), silence, reason)
    was_silenced = previous.untold or bool(previous.silence)
    notices = _notices(record, routes, now, was_silenced=was_silenced, newcomers=True)
    if not moves and was_silenced:
        reason = ChangeReason.SILENCE_ENDED
    elif not moves and notices:
        reason = ChangeReason.TOLD_AGAIN
    if reason is ChangeReason.STILL_FIRING:
        return Decision(record, reason)
    note = f"It was acknowledged by {known.actor} as {known.severity.value}." if known and outgrown else ""
    return Decision(_told(replace(record, untold=False), notices, now), reason, notices, note)


def _hush(previous: AlertRecord, record: AlertRecord, silence: Silence, reason: ChangeReason) -> Decision:
    """What happens while a silence covers it stands in the history, and nobody hears of it."""
    if not previous.silence and reason in {ChangeReason.STILL_FIRING, ChangeReason.UNKNOWN}:
        reason = ChangeReason.SILENCED
    quiet = Decision(record, reason, note=_by(silence))
    return replace(quiet, record=replace(record, change=record.change + 1)) if quiet.is_change else quiet


def _end(
    previous: AlertRecord,
    finding: Finding,
    reason: ChangeReason,
    now: datetime,
    note: str,
    silence: Silence | None,
) -> Decision:
    record = replace(_changed(previous, AlertState.RESOLVED, now), finding=finding)
    if silence is not None:
        return Decision(replace(record, told=previous.told, untold=bool(previous.told)), reason, note=note)
    return Decision(record, reason, dict.fromkeys(previous.told, NoticeReason.RESOLVED), note)


def _withdraw(previous: AlertRecord, now: datetime, note: str, silence: Silence | None) -> Decision:
    record = replace(_changed(previous, AlertState.WITHDRAWN, now), acknowledged=previous.acknowledged)
    if silence is not None:
        quiet = replace(record, told=previous.told, untold=bool(previous.told))
        return Decision(quiet, ChangeReason.POLICY_REMOVED, note=note)
    return Decision(record, ChangeReason.POLICY_REMOVED, dict.fromkeys(previous.told, NoticeReason.WITHDRAWN), note)


def _notices(
    record: AlertRecord, routes: Sequence[Route], now: datetime, *, was_silenced: bool, newcomers: bool
) -> dict[str, NoticeReason]:
    """Who hears of a firing alert now. ``newcomers``: those too who never heard of the episode."""
    found: dict[str, NoticeReason] = {}
    for receiver, repeat in receivers_of(record.finding, routes).items():
        told = record.told.get(receiver)
        if told is None:
            if newcomers:
                found[receiver] = NoticeReason.FIRST
        elif record.severity.rank > told.severity.rank:
            found[receiver] = NoticeReason.ESCALATED
        elif not record.acknowledged and (was_silenced or _is_due(told, repeat, now)):
            found[receiver] = _repeat_reason(told, record.severity)
    return found


def _by(silence: Silence) -> str:
    return f"Silenced by {silence.actor} until {silence.until:%Y-%m-%d %H:%M} UTC: {silence.reason}"


def _cleared(previous: AlertRecord, now: datetime) -> AlertRecord:
    """It never fired; but the end of the episode before it may still be to be told."""
    return replace(_changed(previous, AlertState.INACTIVE, now), told=previous.told, untold=previous.untold)


def _changed(previous: AlertRecord, state: AlertState, now: datetime) -> AlertRecord:
    return replace(
        previous,
        state=state,
        changed_at=now,
        change=previous.change + 1,
        pending_evaluations=0,
        unknown="",
        told={},
        escalated_at=None,
        acknowledged=None,
        silence="",
        untold=False,
    )


def _told(record: AlertRecord, notices: Mapping[str, NoticeReason], now: datetime) -> AlertRecord:
    """One more entry in the history, and what the receivers of it now know."""
    told = {**record.told, **dict.fromkeys(notices, Told(now, record.severity))}
    return replace(record, change=record.change + 1, told=told)


def _is_due(told: Told, repeat: timedelta | None, now: datetime) -> bool:
    return repeat is not None and told.at + repeat <= now


def _repeat_reason(told: Told, severity: Severity) -> NoticeReason:
    return NoticeReason.DEESCALATED if severity.rank < told.severity.rank else NoticeReason.REPEAT
