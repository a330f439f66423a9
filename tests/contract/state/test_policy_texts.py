"""The last valid versions of policy files, and which policies there are, on every database."""

from __future__ import annotations

from datetime import UTC, datetime

from finops.ports.state import KnownPolicy
from finops.state import State


def test_a_text_stays_until_another_takes_its_place(state: State) -> None:
    assert state.policy_texts.kept() == {}
    state.policy_texts.keep({"a.yaml": "1", "b.yaml": "ü\n---\n"})
    state.policy_texts.keep({"a.yaml": "2"})
    state.policy_texts.keep({})

    assert state.policy_texts.kept() == {"a.yaml": "2", "b.yaml": "ü\n---\n"}


def test_known_policies_are_replaced_whole_and_their_removal_is_confirmed_by_name(state: State) -> None:
    since = datetime(2026, 3, 20, tzinfo=UTC)
    assert state.known_policies.read() == {}
    state.known_policies.write({"a": KnownPolicy(), "b": KnownPolicy(since), "c": KnownPolicy()})
    state.known_policies.confirm(["b", "new"])
    assert state.known_policies.read() == {
        "a": KnownPolicy(),
        "b": KnownPolicy(since, removal_confirmed=True),
        "c": KnownPolicy(),
        "new": KnownPolicy(removal_confirmed=True),
    }
    state.known_policies.write({"a": KnownPolicy()})
    assert state.known_policies.read() == {"a": KnownPolicy()}
