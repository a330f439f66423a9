"""Acknowledging and silencing: one door for the command line, the pages and the API.

Each call writes who, when, from where and why in the same transaction as what it does: in the history of the alerts
that it touches, and in the audit log. All of them raise ``Unreachable``,
``AccessDenied`` or ``BrokenStore`` when the state does not answer.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from finops.alert import respond
from finops.errors import BadArguments, UnknownSilence
from finops.model.alert import AlertChange, AlertRecord
from finops.model.audit import Actor, AuditAction, AuditEntry
from finops.model.incident import Incident
from finops.model.silence import Matcher, Silence
from finops.ports.clock import Clock
from finops.ports.state import AlertBook, AlertStep
from finops.state import State

LONGEST_SILENCE = timedelta(days=366)
"""A silence that lasts for ever is a policy that somebody ought to change."""

LONGEST_TEXT = 2_000
"""Characters of a reason or a note."""


def acknowledge(state: State, alert_id: str, *, actor: Actor, note: str, clock: Clock) -> AlertRecord:
    """Stops the repeats of a firing alert until its severity rises or it resolves. ``alert_id``: or the start of it.

    The same person's same words again change nothing. Returns the alert as it is then. Raises ``UnknownAlert``, and
    ``BadArguments`` for one that does not fire or a text that is too long.
    """
    _check(actor, note, where="note")
    found, now = state.alerts.alert(alert_id).id, clock.now()

    def step(book: AlertBook) -> AlertStep:
        alert = book.alerts[found]
        taken = respond.acknowledged(book, found, actor=actor.name, note=note.strip(), now=now)
        subject = f"{alert.policy} {alert.finding.group_label}".strip()
        entry = AuditEntry(now, AuditAction.ACKNOWLEDGED, actor, found, subject, note.strip())
        return replace(taken, audit=(entry,)) if taken.records else taken

    state.alerts.respond(now, step)
    return state.alerts.alert(found)


def accept(state: State, alert_id: str, *, actor: Actor, reason: str, clock: Clock) -> Incident:
    """The new level of an alert's open incident is meant to stay. ``alert_id``: or the start of it.

    The next evaluation resolves the alert, and later days are held against the new level. Returns the incident as it is
    then. Raises ``UnknownAlert``, and ``BadArguments`` without an open incident or for a reason that is missing or too
    long.
    """
    _check_reason(actor, reason)
    found, now = state.alerts.alert(alert_id), clock.now()
    ended: list[Incident] = []

    def step(book: AlertBook) -> AlertStep:
        taken = respond.accepted(book, found.id, actor=actor.name, reason=reason.strip(), now=now)
        ended[:] = taken.incidents
        subject = f"{found.policy} {found.finding.group_label} since {ended[-1].since}".replace("  ", " ")
        entry = AuditEntry(now, AuditAction.LEVEL_ACCEPTED, actor, found.id, subject, reason.strip())
        return replace(taken, audit=(entry,))

    state.alerts.respond(now, step)
    return ended[-1]


def silence(
    state: State, matcher: Matcher, *, until: datetime, reason: str, actor: Actor, clock: Clock, key: str = ""
) -> tuple[Silence, Sequence[AlertRecord]]:
    """Nobody is told of the alerts that ``matcher`` covers before ``until``; they are judged and shown as before.

    ``key``: the same actor's same key again makes no second silence; the first is returned. Returns the silence and the
    live alerts that it covers now (there may be none). Raises ``BadArguments`` for an empty matcher, a time that is
    past or more than 366 days away, a reason that is missing or too long, or a key that made another silence.
    """
    _check_reason(actor, reason)
    now = clock.now()
    if not matcher or not all(matcher.values()):
        raise BadArguments(
            "a silence without matchers would silence every alert",
            where="matcher",
            remedy="Add a matcher, such as a policy, an owner or a group",
        )
    if not now < until <= now + LONGEST_SILENCE:
        remedy = f"Choose a time within {LONGEST_SILENCE.days} days from now, such as '--for 7d'"
        raise BadArguments("a silence must end in the future, within a year", where="until", remedy=remedy)
    made = Silence(_silence_id(actor, key), matcher, reason.strip(), actor.name, now, until)
    if not (key and _is_known(state, made.id)):

        def step(book: AlertBook) -> AlertStep:
            if any(one.id == made.id for one in book.silences):
                return AlertStep()  # the same key, at the same moment
            subject = f"{made.label} until {until:%Y-%m-%d %H:%M} UTC"
            entry = AuditEntry(now, AuditAction.SILENCED, actor, made.id, subject, made.reason)
            return replace(respond.silenced(book, made, now=now), audit=(entry,))

        state.alerts.respond(now, step)
    first = state.alerts.silence(made.id)
    if (first.label, first.reason) != (made.label, made.reason):
        raise BadArguments("the key was used for another silence", where="key", remedy="Use a new key for each silence")
    return first, [one for one in alerts(state) if first.covers(one.finding, one.severity)]


def lift(state: State, silence_id: str, *, actor: Actor, note: str, clock: Clock) -> Silence:
    """Ends a silence now; the next evaluation tells what still fires. ``silence_id``: or the start of it.

    Raises ``UnknownSilence``, and ``BadArguments`` for one that is over or a text that is too long.
    """
    _check(actor, note, where="note")
    found, now = state.alerts.silence(silence_id), clock.now()

    def step(book: AlertBook) -> AlertStep:
        taken = respond.lifted(book, found, actor=actor.name, note=note.strip(), now=now)
        return replace(taken, audit=(AuditEntry(now, AuditAction.LIFTED, actor, found.id, found.label, note.strip()),))

    state.alerts.respond(now, step)
    return state.alerts.silence(found.id)


def alerts(state: State, *, everything: bool = False) -> Sequence[AlertRecord]:
    """Alerts that fire or are about to, sorted by policy and group; ``everything``: those that are over too."""
    return state.alerts.alerts(live=not everything)


def silences(state: State, *, clock: Clock, everything: bool = False) -> Sequence[Silence]:
    """Silences that hold, the one that ends first comes first; ``everything``: those that are over too."""
    return state.alerts.silences(active_at=None if everything else clock.now())


def history(state: State, alert_id: str) -> Sequence[AlertChange]:
    """Every change of an alert with who, when and why, oldest first. Raises ``UnknownAlert``."""
    return state.alerts.history(state.alerts.alert(alert_id).id)


def _silence_id(actor: Actor, key: str) -> str:
    if not key:
        return uuid.uuid4().hex[:16]
    return hashlib.sha256(json.dumps([actor.name, actor.proof.value, key]).encode()).hexdigest()[:16]


def _is_known(state: State, silence_id: str) -> bool:
    try:
        state.alerts.silence(silence_id)
    except UnknownSilence:
        return False
    return True


def _check_reason(actor: Actor, reason: str) -> None:
    _check(actor, reason, where="reason")
    if not reason.strip():
        raise BadArguments("the reason is missing", where="reason", remedy="Give a reason")


def _check(actor: Actor, text: str, *, where: str) -> None:
    if not actor.name.strip():
        raise BadArguments("the actor is missing", where="actor", remedy="Pass the name of the actor")
    if len(text) > LONGEST_TEXT:
        remedy = f"At most {LONGEST_TEXT} characters; link to a ticket for details"
        raise BadArguments(f"it has {len(text)} characters", where=where, remedy=remedy)
