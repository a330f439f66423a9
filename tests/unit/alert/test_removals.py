"""Policies that are missing: removed, or only out of sight for a moment?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta

from finops.alert.absence import SECOND_LOOK, Removals
from finops.ports.state import KnownPolicy
from tests.support.verdicts import T0

ALL = {"a", "b", "c", "d"}
SOON = timedelta(seconds=10)


class Known:
    """``KnownPolicies`` in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, KnownPolicy] = {}

    def read(self) -> Mapping[str, KnownPolicy]:
        return dict(self.rows)

    def write(self, policies: Mapping[str, KnownPolicy]) -> None:
        self.rows = dict(policies)

    def confirm(self, names: Collection[str]) -> None:
        for name in names:
            self.rows[name] = replace(self.rows.get(name, KnownPolicy()), removal_confirmed=True)


def knowing_all(known: Known | None = None) -> Removals:
    removals = Removals(known or Known())
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
    assert Removals(Known()).present((), ALL, unreadable=False, now=T0) == ALL


def test_policies_that_come_back_are_looked_at_anew() -> None:
    removals = knowing_all()
    removals.present((), ALL, unreadable=False, now=T0)
    removals.present(ALL, ALL, unreadable=False, now=T0 + SOON)
    assert removals.present((), ALL, unreadable=False, now=T0 + SECOND_LOOK) == ALL


def test_a_file_that_cannot_be_read_may_hold_any_policy_however_long() -> None:
    removals = knowing_all()
    for now in (T0, T0 + SECOND_LOOK * 2):
        assert removals.present({"a", "b", "c"}, ALL, unreadable=True, now=now) == ALL


def test_a_restart_begins_no_wait_anew() -> None:
    known = Known()
    knowing_all(known).present((), (), unreadable=False, now=T0)
    assert Removals(known).present((), (), unreadable=False, now=T0 + SOON) == ALL
    assert Removals(known).present((), (), unreadable=False, now=T0 + SECOND_LOOK) == set()


def test_a_confirmed_removal_waits_for_nothing() -> None:
    for unreadable in (False, True):
        known = Known()
        removals = knowing_all(known)
        assert removals.present({"a"}, ALL, unreadable=unreadable, now=T0) == ALL
        known.confirm({"b", "c"})
        assert removals.confirmed() == {"b", "c"}
        assert removals.present({"a"}, ALL, unreadable=unreadable, now=T0) == ({"a", "d"} if unreadable else {"a"})
        assert removals.confirmed() == frozenset()


def test_a_confirmed_policy_that_comes_back_is_like_any_other() -> None:
    known = Known()
    removals = knowing_all(known)
    known.confirm({"b"})
    assert removals.present(ALL, ALL, unreadable=False, now=T0) == ALL
    assert removals.present((), ALL, unreadable=False, now=T0) == ALL
