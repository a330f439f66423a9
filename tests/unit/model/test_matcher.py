"""What people type for a silence, and what it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.errors import BadArguments
from finops.model.finding import Severity, State, group_label
from finops.model.silence import matcher_label, matches, parse_matcher
from tests.support.verdicts import verdict


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["policy=a"], {"policy": ("a",)}),
        (["policy=a,team=b"], {"policy": ("a",), "team": ("b",)}),
        (["team=a", "team=b", "team=a"], {"team": ("a", "b")}),
        (
            ["ServiceName=Storage, queues and more,team=b"],
            {"ServiceName": ("Storage, queues and more",), "team": ("b",)},
        ),
        (["tag=a=b"], {"tag": ("a=b",)}),
        (["team="], {"team": ("",)}),
    ],
)
def test_what_is_typed_is_what_is_meant(typed: list[str], meant: dict[str, tuple[str, ...]]) -> None:
    assert parse_matcher(typed) == meant
    assert parse_matcher([matcher_label(meant)]) == meant


@pytest.mark.parametrize("typed", [[], ["team"], ["=a"], [""], ["severity=loud"]])
def test_what_means_nothing_is_refused(typed: list[str]) -> None:
    with pytest.raises(BadArguments, match="MATCHER"):
        parse_matcher(typed)


GROUPS = st.dictionaries(
    st.sampled_from(["team", "environment", "ServiceName"]),
    st.text(st.characters(exclude_characters="="), max_size=12),
    min_size=1,
)


@given(GROUPS)
def test_the_label_of_a_group_is_a_matcher_of_it(group: dict[str, str]) -> None:
    assert matches(parse_matcher([group_label(group)]), verdict(group=group))
    assert not matches(parse_matcher([group_label(group)]), verdict(group={"team": "another=one"}))


def test_an_alert_without_a_severity_now_has_the_one_that_it_had() -> None:
    calm = verdict(State.OK)

    assert matches({"severity": ("critical",)}, calm, Severity.CRITICAL)
    assert not matches({"severity": ("critical",)}, calm)
