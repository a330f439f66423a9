"""Policies that are missing: removed, or only out of sight for a moment?"""

from __future__ import annotations

from datetime import timedelta

from finops.alert.absence import SECOND_LOOK, Removals
from tests.unit.alert.verdicts import T0

ALL = {"a", "b", "c", "d"}
SOON = timedelta(seconds=10)


def knowing_all() -> Removals:
    removals = Removals()
    assert removals.present(ALL, (), unreadable=False, now=T0) == ALL
    return removals


def test_up_to_half_of_the_policies_may_be_removed_at_once() -> None:
    assert knowing_all().present({"a", "b"}, ALL, unreadable=False, now=T0) == {"a", "b"}


def test_more_than_half_or_all_are_removed_only_at_a_second_look() -> None:
    for left in ({"a"}, set[str]()):
        removals = knowing_all()
        assert removals.present(left, ALL, unreadable=False, now=T0) == ALL
        assert removals.present(left, ALL, unreadable=False, now=T0 + SOON) == ALL
        assert removals.present(left, ALL, unreadable=False, now=T0 + SECOND_LOOK) == left


def test_after_a_restart_alerts_tell_which_policies_there_were() -> None:
    assert Removals().present((), ALL, unreadable=False, now=T0) == ALL


def test_policies_that_come_back_are_looked_at_anew() -> None:
    removals = knowing_all()
    removals.present((), ALL, unreadable=False, now=T0)
    removals.present(ALL, ALL, unreadable=False, now=T0 + SOON)
    assert removals.present((), ALL, unreadable=False, now=T0 + SECOND_LOOK) == ALL


def test_a_file_that_cannot_be_read_may_hold_any_policy_however_long() -> None:
    removals = knowing_all()
    for now in (T0, T0 + SECOND_LOOK * 2):
        assert removals.present({"a", "b", "c"}, ALL, unreadable=True, now=now) == ALL
