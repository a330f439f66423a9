"""Evaluations and what they were made from, on every database."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from finops.alert import apply
from finops.errors import UnknownFinding
from finops.model.archive import Inputs
from finops.model.finding import State as Verdict
from finops.model.route import Route
from finops.state import State, digest_of
from tests.support.verdicts import HOUR, T0, MovableClock, evaluation, link, verdict

INPUTS = Inputs(
    documents={"policies/checkout.yaml": "kind: Budget\n", "rates": "day,USD\n2026-03-01,1.1\n"},
    values={"settling_hours": 48, "freshness": [{"source": "aws"}]},
)


def test_a_finding_is_found_with_everything_it_was_made_from(state: State) -> None:
    finding = verdict(group={"team": "nul \x00 'quote' \U0001f4b8"})
    saved = evaluation([finding, verdict(group={"team": "b"})])
    state.archive.save(saved, INPUTS)

    found = state.archive.find(finding.id[:10])

    assert found.finding == finding
    assert found.inputs == INPUTS
    assert (found.evaluation_id, found.saved_at) == (saved.id, T0)


def test_saving_twice_changes_nothing(state: State, clock: MovableClock) -> None:
    saved = evaluation([verdict()])
    state.archive.save(saved, INPUTS)
    clock.advance(HOUR)
    state.archive.save(saved, INPUTS)

    assert state.archive.find(verdict().id).saved_at == T0


def test_a_document_is_found_by_the_digest_of_its_bytes(state: State) -> None:
    state.archive.save(evaluation([verdict()]), INPUTS)
    text = INPUTS.documents["policies/checkout.yaml"]
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    assert digest_of(text) == digest
    assert state.archive.document(digest) == text
    assert state.archive.document("sha256:" + "0" * 64) is None


@pytest.mark.parametrize("asked", ["", "   ", "%", "_", "nothing", "ffffffff"])
def test_an_id_that_nobody_gave(state: State, asked: str) -> None:
    state.archive.save(evaluation([verdict()]), INPUTS)

    with pytest.raises(UnknownFinding, match="no"):
        state.archive.find(asked)


def test_a_prefix_of_several_ids_is_refused_with_their_names(state: State) -> None:
    findings = [verdict(group={"team": str(number)}) for number in range(40)]
    state.archive.save(evaluation(findings), INPUTS)
    initials = [finding.id[0] for finding in findings]
    shared = max(initials, key=initials.count)

    with pytest.raises(UnknownFinding, match=f"several findings have this prefix: {shared}"):
        state.archive.find(shared)


def test_a_finding_that_made_no_alert_is_forgotten_first(state: State, clock: MovableClock) -> None:
    loud, quiet = verdict(group={"team": "loud"}), verdict(Verdict.OK, group={"team": "quiet"})
    saved = evaluation([loud, quiet])
    state.archive.save(saved, INPUTS)
    apply(saved, state.alerts, routes=[Route({}, ("finance",))], policies={loud.policy}, link=link, now=T0)

    clock.advance(timedelta(days=60))
    pruned = state.prune(keep=timedelta(days=400), keep_quiet=timedelta(days=30))

    assert (pruned.findings, pruned.evaluations, pruned.documents) == (1, 0, 0)
    assert state.archive.find(loud.id).inputs == INPUTS
    with pytest.raises(UnknownFinding):
        state.archive.find(quiet.id)


def test_what_is_older_than_the_audit_time_is_forgotten_with_its_documents(state: State, clock: MovableClock) -> None:
    old = Inputs(documents={"shared": "both", "old": "only then"})
    state.archive.save(evaluation([verdict()]), old)
    clock.advance(timedelta(days=401))
    later = verdict(as_of=clock.now())
    state.archive.save(evaluation([later]), Inputs(documents={"shared": "both"}))

    pruned = state.prune(keep=timedelta(days=400))

    assert (pruned.findings, pruned.evaluations) == (1, 1)
    assert state.archive.document(digest_of("only then")) is None
    assert state.archive.find(later.id).inputs.documents == {"shared": "both"}
