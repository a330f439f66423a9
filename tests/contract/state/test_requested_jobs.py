"""What people asked for is remembered until it has been done, on every database."""

from __future__ import annotations

from finops.model.audit import Actor, AuditAction, AuditEntry, Proof
from finops.state import State
from tests.support.verdicts import HOUR, T0

ADA = Actor("ada", Proof.PROXY, "10.0.0.5")
FIRST = AuditEntry(T0, AuditAction.COLLECTION_REQUESTED, ADA, "", "all sources", "")
LATER = AuditEntry(T0 + HOUR, AuditAction.COLLECTION_REQUESTED, ADA, "b", "b", "")


def test_a_request_keeps_its_first_moment_and_each_one_is_audited(state: State) -> None:
    requests = state.requested_jobs
    assert requests.pending() == {}
    requests.add(["source b", "source a"], FIRST)
    requests.add(["source b"], LATER)
    assert requests.pending() == {"source a": T0, "source b": T0}
    assert [(one.at, one.action.value, one.target) for one in state.audit.page(limit=9).entries] == [
        (T0 + HOUR, "collection_requested", "b"),
        (T0, "collection_requested", ""),
    ]


def test_what_was_requested_again_meanwhile_stays(state: State) -> None:
    requests = state.requested_jobs
    requests.add(["evaluate"], FIRST)
    requests.done({"evaluate": T0, "source a": T0})
    requests.add(["evaluate"], LATER)
    requests.done({"evaluate": T0})
    assert requests.pending() == {"evaluate": T0 + HOUR}
