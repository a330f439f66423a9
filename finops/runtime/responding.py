"""Acknowledging and silencing: one door for the command line, the pages and the API.

Each call writes who, when and why in the same transaction as what it does. All of them raise ``Unreachable``,
``AccessDenied`` or ``BrokenStore`` when the state does not answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from finops.alert import respond
from finops.errors import BadArguments
from finops.model.alert import AlertChange, AlertRecord
from finops.model.matcher import Matcher
from finops.model.silence import Silence
from finops.ports.clock import Clock
from finops.state import State

LONGEST_SILENCE = timedelta(days=366)
"""A silence that lasts for ever is a policy that somebody ought to change."""

LONGEST_TEXT = 2_000
"""Characters of a reason or a note."""


def acknowledge(state: State, alert_id: str, *, actor: str, note: str, clock: Clock) -> AlertRecord:
    """Stops the repeats of a firing alert until its severity rises or it resolves. ``alert_id``: or the start of it.

    The same person's same words again change nothing. Returns the alert as it is then. Raises ``UnknownAlert``, and
    ``BadArguments`` for one that does not fire or a text that is too long.
    """
    _check(actor, note, where="note")
    found, now = state.alerts.alert(alert_id).id, clock.now()

    state.alerts.respond(
        now, lambda book: respond.acknowledged(book, found, actor=actor.strip(), note=note.strip(), now=now)
    )
    return state.alerts.alert(found)


def silence(
    state: State, matcher: Matcher, *, until: datetime, reason: str, actor: str, clock: Clock
) -> tuple[Silence, Sequence[AlertRecord]]:
    """Nobody is told of the alerts that ``matcher`` covers before ``until``; they are judged and shown as before.

    Returns the silence and the live alerts that it covers now (there may be none). Raises ``BadArguments`` for an empty
    matcher, a time that is past or more than 366 days away, or a reason that is missing or too long.
    """
    _check(actor, reason, where="reason")
    now = clock.now()
    if not matcher or not all(matcher.values()):
        raise BadArguments("it would silence everything", where="matcher", remedy="Name a policy, an owner, a group …")
    if not reason.strip():
        raise BadArguments("it is missing", where="reason", remedy="Say why, for whoever finds the silence later")
    if not now < until <= now + LONGEST_SILENCE:
        remedy = f"Choose a time within {LONGEST_SILENCE.days} days from now, like '--for 7d'"
        raise BadArguments("a silence ends in the future, and within a year", where="until", remedy=remedy)
    made = Silence(uuid.uuid4().hex[:16], matcher, reason.strip(), actor.strip(), now, until)
    state.alerts.respond(now, lambda book: respond.silenced(book, made, now=now))
    return made, [one for one in alerts(state) if made.covers(one.finding, one.severity)]


def lift(state: State, silence_id: str, *, actor: str, note: str, clock: Clock) -> Silence:
    """Ends a silence now; the next evaluation tells what still fires. ``silence_id``: or the start of it.

    Raises ``UnknownSilence``, and ``BadArguments`` for one that is over or a text that is too long.
    """
    _check(actor, note, where="note")
    found, now = state.alerts.silence(silence_id), clock.now()

    state.alerts.respond(now, lambda book: respond.lifted(book, found, actor=actor.strip(), note=note.strip(), now=now))
    return state.alerts.silence(found.id)


def alerts(state: State, *, everything: bool = False) -> Sequence[AlertRecord]:
    """Alerts that fire or are about to, sorted by policy and group; ``everything``: those that are over too."""
    return [record for record in state.alerts.alerts() if everything or record.is_live]


def silences(state: State, *, clock: Clock, everything: bool = False) -> Sequence[Silence]:
    """Silences that hold, the one that ends first comes first; ``everything``: those that are over too."""
    return state.alerts.silences(active_at=None if everything else clock.now())


def history(state: State, alert_id: str) -> Sequence[AlertChange]:
    """Every change of an alert with who, when and why, oldest first. Raises ``UnknownAlert``."""
    return state.alerts.history(state.alerts.alert(alert_id).id)


def _check(actor: str, text: str, *, where: str) -> None:
    if not actor.strip():
        raise BadArguments("nobody is named", where="actor", remedy="Say who does this")
    if len(text) > LONGEST_TEXT:
        remedy = f"At most {LONGEST_TEXT} characters; put the rest into a ticket, and its link here"
        raise BadArguments(f"it has {len(text)} characters", where=where, remedy=remedy)
