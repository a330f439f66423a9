"""The last valid versions of policy files, on every database."""

from __future__ import annotations

from finops.state import State


def test_a_text_stays_until_another_takes_its_place(state: State) -> None:
    assert state.policy_texts.kept() == {}
    state.policy_texts.keep({"a.yaml": "1", "b.yaml": "ü\n---\n"})
    state.policy_texts.keep({"a.yaml": "2"})
    state.policy_texts.keep({})

    assert state.policy_texts.kept() == {"a.yaml": "2", "b.yaml": "ü\n---\n"}
