"""What a person does about alerts: records, history and silences as they are afterwards. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from finops.alert.incidents import level_accepted
from finops.errors import BadArguments
from finops.model.alert import Acknowledgement, AlertChange, AlertRecord, AlertState, ChangeReason
from finops.model.silence import Silence, silence_of
from finops.ports.state import AlertBook, AlertStep


def acknowledged(book: AlertBook, alert_id: str, *, actor: str, note: str, now: datetime) -> AlertStep:
    """Somebody knows of it. The same person's same words again change nothing.

    Raises ``BadArguments`` for an alert that does not fire (any more).
    """
    before = book.alerts[alert_id]
    if before.state is not AlertState.FIRING:
        raise BadArguments(
            f"it is not firing but {before.status.value}",
            where=f"alert '{alert_id}'",
            remedy="Only a firing alert can be acknowledged; 'finops alerts list' shows them",
        )
    known = before.acknowledged
    if known and (known.actor, known.note, known.severity) == (actor, note, before.severity):
        return AlertStep()
    record = replace(before, acknowledged=Acknowledgement(now, actor, before.severity, note))
    return _step([(before, record)], ChangeReason.ACKNOWLEDGED, actor=actor, note=note, now=now)


def accepted(book: AlertBook, alert_id: str, *, actor: str, reason: str, now: datetime) -> AlertStep:
    """The level of the alert's open incident is meant to stay: the incident ends now.

    Raises ``BadArguments`` where no incident of the alert is open.
    """
    before = book.alerts[alert_id]
    incidents = [one for one in book.incidents if one.is_open and one.alert_id == alert_id]
    if not incidents:
        raise BadArguments(
            "no incident is open: there is no new level to accept",
            where=f"alert '{alert_id}'",
            remedy="Only days that meet a threshold of score or excess begin an incident. Otherwise, acknowledge the"
            " alert or add an exception to the policy",
        )
    step = _step([(before, before)], ChangeReason.LEVEL_ACCEPTED, actor=actor, note=reason, now=now)
    ended = tuple(level_accepted(one, actor=actor, reason=reason, now=now) for one in incidents)
    return replace(step, incidents=ended)


def silenced(book: AlertBook, silence: Silence, *, now: datetime) -> AlertStep:
    """A new silence, and the alerts that it covers from now on."""
    every = (*book.silences, silence)
    pairs = []
    for before in book.alerts.values():
        longest = silence_of(every, before.finding, before.severity) if before.is_live else None
        if longest is not None and longest.id == silence.id:
            pairs.append((before, replace(before, silence=silence.id)))
    note = f"Until {silence.until:%Y-%m-%d %H:%M} UTC: {silence.reason}"
    step = _step(pairs, ChangeReason.SILENCED, actor=silence.actor, note=note, now=now)
    return replace(step, silences=(silence,))


def lifted(book: AlertBook, silence: Silence, *, actor: str, note: str, now: datetime) -> AlertStep:
    """The silence ends now; the next evaluation tells what still holds. Raises ``BadArguments`` if it has ended."""
    known = {one.id: one for one in book.silences}
    if silence.id not in known:
        how = (
            f"{silence.lifted_by} lifted it" if silence.lifted_at else f"it ended at {silence.until:%Y-%m-%d %H:%M} UTC"
        )
        raise BadArguments(
            f"it is over: {how}",
            where=f"silence '{silence.id}'",
            remedy="'finops alerts silences' lists active silences",
        )
    others = [one for one in book.silences if one.id != silence.id]
    pairs = []
    for before in book.alerts.values():
        if before.silence != silence.id:
            continue
        other = silence_of(others, before.finding, before.severity)
        untold = before.untold or (other is None and before.state is AlertState.FIRING)
        pairs.append((before, replace(before, silence=other.id if other else "", untold=untold)))
    step = _step(pairs, ChangeReason.SILENCE_LIFTED, actor=actor, note=note, now=now)
    over = replace(known[silence.id], lifted_at=now, lifted_by=actor, lifted_note=note)
    return replace(step, silences=(over,))


def _step(
    pairs: list[tuple[AlertRecord, AlertRecord]], reason: ChangeReason, *, actor: str, note: str, now: datetime
) -> AlertStep:
    records = [replace(after, change=before.change + 1) for before, after in pairs]
    changes = [
        AlertChange(
            alert_id=record.id,
            change=record.change,
            at=now,
            actor=actor,
            reason=reason,
            before=before.status,
            after=record.status,
            severity=record.severity,
            evaluation_id="",
            finding_id=record.finding.id,
            told=(),
            note=note,
        )
        for (before, _), record in zip(pairs, records, strict=True)
    ]
    return AlertStep(tuple(records), tuple(changes))
