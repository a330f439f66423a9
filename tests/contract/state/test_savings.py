"""Who claimed a saving stands in the state and in the audit log together, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from finops.model.audit import Actor, AuditAction, AuditEntry, Proof
from finops.model.saving import SavingClaim
from finops.state import State
from tests.support.verdicts import HOUR, T0

CLAIM = SavingClaim("a1b2", "team = 'search'", date(2026, 10, 1), "requests", "Anna", "Rightsized", T0)
ANNA = Actor("Anna", Proof.TERMINAL)
CLAIMED = AuditEntry(T0, AuditAction.SAVING_CLAIMED, ANNA, "a1b2", "team = 'search' since 2026-10-01", "Rightsized")
WITHDRAWN = replace(CLAIMED, at=T0 + HOUR, action=AuditAction.SAVING_WITHDRAWN)


def test_claims_are_kept_newest_first_and_withdrawn_once(state: State) -> None:
    assert state.savings.all() == []
    assert state.savings.record(CLAIM, CLAIMED)
    assert not state.savings.record(replace(CLAIM, note="again"), CLAIMED)
    later = replace(CLAIM, id="c3d4", at=T0 + HOUR, demand="")
    assert state.savings.record(later, CLAIMED)
    assert state.savings.all() == [later, CLAIM]
    state.savings.withdraw("a1b2", WITHDRAWN)
    state.savings.withdraw("a1b2", replace(WITHDRAWN, at=T0 + 2 * HOUR))
    assert state.savings.all() == [later, replace(CLAIM, withdrawn_at=T0 + HOUR)]
    assert state.audit.page(limit=5, action=AuditAction.SAVING_CLAIMED).total == 2
    assert state.audit.page(limit=5, action=AuditAction.SAVING_WITHDRAWN).total == 1
