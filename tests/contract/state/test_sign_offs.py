"""Who signed a month off stands in the state and in the audit log together, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from finops.model.audit import Actor, AuditAction, AuditEntry, Proof
from finops.model.team import SignOff
from finops.state import State
from tests.support.verdicts import HOUR, T0

OCTOBER = date(2026, 10, 1)
SIGNED = SignOff("checkout", OCTOBER, T0, "Anna", "as invoiced", Decimal("20893.006829410139219768638"), "EUR")
ENTRY = AuditEntry(T0, AuditAction.SIGNED_OFF, Actor("Anna", Proof.TERMINAL), "checkout", "2026-10", "as invoiced")


def test_the_newest_signature_of_each_team_holds_and_every_one_is_audited(state: State) -> None:
    assert state.sign_offs.of(OCTOBER) == []
    state.sign_offs.record(SIGNED, ENTRY)
    later = replace(SIGNED, at=T0 + HOUR, actor="Bob", total=Decimal("20739.6"))
    state.sign_offs.record(later, ENTRY)
    state.sign_offs.record(replace(SIGNED, team="ads"), ENTRY)
    assert state.sign_offs.of(OCTOBER) == [replace(SIGNED, team="ads"), later]
    assert state.sign_offs.of(date(2026, 9, 1)) == []
    assert state.audit.page(limit=5, action=AuditAction.SIGNED_OFF).total == 3
