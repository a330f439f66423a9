"""Whoever does something about an alert stands in the audit log, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from finops.app.alerts import respond
from finops.errors import BadArguments, FinopsError
from finops.model.audit import Actor, AuditAction, AuditEntry, Proof
from finops.state import Address, State
from finops.state.database import Database
from tests.contract.state.test_responding import run
from tests.support.verdicts import HOUR, T0, MovableClock, verdict

ADA = Actor("ada", Proof.PROXY, "10.0.0.5")
BOB = Actor("bob", Proof.TERMINAL, "bob@laptop")


def everything(state: State, clock: MovableClock) -> tuple[str, str]:
    """Ada acknowledges and silences, Bob lifts; the ids of the alert and of the silence."""
    run(state, clock, verdict(group={"team": "a"}))
    [fired] = respond.alerts(state)
    respond.acknowledge(state, fired.id, actor=ADA, note="mine", clock=clock)
    clock.advance(HOUR)
    until = clock.now() + HOUR
    made, _ = respond.silence(state, {"team": ("a",)}, until=until, reason="a move", actor=ADA, clock=clock)
    clock.advance(HOUR / 2)
    respond.lift(state, made.id, actor=BOB, note="done", clock=clock)
    return fired.id, made.id


def test_each_action_is_kept_with_who_when_from_where_and_why(state: State, clock: MovableClock) -> None:
    alert, made = everything(state, clock)

    page = state.audit.page(limit=10)

    assert page.total == 3
    assert [(one.at, one.action.value, one.actor, one.target, one.subject, one.why) for one in page.entries] == [
        (T0 + 1.5 * HOUR, "lifted", BOB, made, "team=a", "done"),
        (T0 + HOUR, "silenced", ADA, made, "team=a until 2026-03-20 08:00 UTC", "a move"),
        (T0, "acknowledged", ADA, alert, "checkout-monthly team=a", "mine"),
    ]


def test_the_log_is_read_in_pages_and_by_actor_or_action(state: State, clock: MovableClock) -> None:
    everything(state, clock)
    audit = state.audit
    assert [one.action for one in audit.page(limit=1, offset=1).entries] == [AuditAction.SILENCED]
    assert [one.actor for one in audit.page(limit=9, actor="bob").entries] == [BOB]
    assert audit.page(limit=1, action=AuditAction.LIFTED).total == 1
    assert audit.page(limit=1, actor="eve").entries == ()


def test_what_changes_nothing_and_what_is_refused_leave_no_entry(state: State, clock: MovableClock) -> None:
    alert, made = everything(state, clock)
    respond.acknowledge(state, alert, actor=ADA, note="mine", clock=clock)
    with pytest.raises(BadArguments):
        respond.lift(state, made, actor=ADA, note="", clock=clock)
    assert state.audit.page(limit=10).total == 3


def test_what_belongs_to_no_alert_is_recorded(state: State) -> None:
    failed = [
        AuditEntry(
            T0, AuditAction.SIGN_IN_FAILED, Actor(name, Proof.FAILED, "192.0.2.7"), "", "3 with a wrong password", ""
        )
        for name in ("ada", "unknown")
    ]
    state.audit.record(failed)
    page = state.audit.page(limit=9, action=AuditAction.SIGN_IN_FAILED)
    assert [replace(one, position=0) for one in page.entries] == failed[::-1]


def test_the_same_key_makes_one_silence(state: State, clock: MovableClock) -> None:
    def silence(actor: Actor, reason: str) -> str:
        until = clock.now() + HOUR
        one, _ = respond.silence(
            state, {"team": ("a",)}, until=until, reason=reason, actor=actor, clock=clock, key="k1"
        )
        return one.id

    first = silence(ADA, "a move")
    clock.advance(HOUR * 2)
    assert silence(ADA, "a move") == first, "over since, and still the same"
    assert silence(BOB, "a move") != first
    with pytest.raises(BadArguments, match="the key was used for another silence"):
        silence(ADA, "another")
    assert state.audit.page(limit=10).total == 2


def test_the_database_refuses_to_change_an_entry(
    state: State, state_url: str, tmp_path: Path, clock: MovableClock
) -> None:
    everything(state, clock)
    database = Database(Address.parse(state_url, base=tmp_path))
    with pytest.raises(FinopsError), database.write() as connection:
        connection.execute(sa.text("UPDATE audit SET actor = 'eve'"))
    database.close()
    assert {one.actor.name for one in state.audit.page(limit=10).entries} == {"ada", "bob"}


def test_entries_are_kept_for_the_audit_time(state: State, clock: MovableClock) -> None:
    everything(state, clock)
    clock.advance(timedelta(days=399))
    state.prune(keep=timedelta(days=400))
    assert state.audit.page(limit=1).total == 3
    clock.advance(timedelta(days=3))
    state.prune(keep=timedelta(days=400))
    assert state.audit.page(limit=1).total == 0
