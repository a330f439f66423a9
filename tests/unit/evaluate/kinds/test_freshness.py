"""Freshness: how old the newest data is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from finops.model.finding import Severity, State
from finops.model.source_freshness import SourceFreshness
from tests.support.lake_view import (
    AS_OF,
    CURRENT,
    FakeView,
    days,
    findings,
    freshness,
    only,
    standing,
)

ALERTS = "alerts: [{when: age > 36h, severity: warning}, {when: age > 4d, severity: critical}]"
OLD = standing("azure", through=datetime(2026, 3, 18, 10, tzinfo=UTC), delivered=AS_OF)
NEVER = standing("onprem", through=None)
VIEW = FakeView(
    [
        *days(date(2026, 3, 1), date(2026, 3, 19), 10, team="checkout"),
        *days(date(2026, 3, 1), date(2026, 3, 17), 1, team="search", source="azure"),
    ]
)


def test_data_that_is_young_enough_is_ok() -> None:
    finding = only(freshness(ALERTS), VIEW, freshness=[CURRENT])

    assert (finding.state, finding.value, finding.limit) == (State.OK, 6.0, 36.0)
    assert finding.reason == "age 6 h ≤ 36 h: the data of aws reaches 2026-03-20 00:00 UTC"
    assert finding.measures == {"age": 6.0}


def test_the_oldest_source_decides() -> None:
    finding = only(freshness(ALERTS), VIEW, freshness=[CURRENT, OLD])

    assert (finding.state, finding.severity, finding.value) == (State.FIRING, Severity.WARNING, 44.0)
    assert finding.reason == "age 44 h > 36 h: the data of azure reaches 2026-03-18 10:00 UTC"


def test_a_scope_asks_its_own_sources_only() -> None:
    scoped = freshness(f"scope: team = 'checkout'\n{ALERTS}")

    assert only(scoped, VIEW, freshness=[CURRENT, OLD]).state == State.OK


def test_a_source_that_never_delivered_is_unknown_and_not_ok() -> None:
    finding = only(freshness(ALERTS), VIEW, freshness=[CURRENT, NEVER])
    assert (finding.state, finding.reason) == (State.UNKNOWN, "onprem has never delivered a row")

    firing = only(freshness(ALERTS), VIEW, freshness=[OLD, NEVER])
    assert firing.state == State.FIRING
    assert firing.reason.endswith("; onprem has never delivered a row")


def test_sources_by_name_are_asked_with_or_without_rows() -> None:
    named = freshness(f"sources: [aws, onprem, typo]\n{ALERTS}")
    finding = only(named, VIEW, freshness=[CURRENT, OLD, NEVER])

    assert finding.state == State.UNKNOWN
    assert finding.reason == "onprem has never delivered a row; no source 'typo' is configured"
    assert only(freshness(f"sources: [aws]\n{ALERTS}"), VIEW, freshness=[CURRENT, OLD, NEVER]).state == State.OK


def test_grouped_by_source_each_has_its_own_verdict() -> None:
    each = findings(freshness(f"group_by: [source]\n{ALERTS}"), VIEW, freshness=[CURRENT, OLD, NEVER])

    assert [(finding.group["source"], finding.state) for finding in each] == [
        ("aws", State.OK),
        ("azure", State.FIRING),
        ("onprem", State.UNKNOWN),
    ]


@pytest.mark.parametrize(("minimum", "state"), [("16 EUR", State.FIRING), ("18 EUR", State.OK)])
def test_a_small_source_may_be_late(minimum: str, state: State) -> None:
    spec = f"group_by: [source]\nminimum: {minimum}\n{ALERTS}"
    _, azure = findings(freshness(spec), VIEW, freshness=[CURRENT, OLD])

    assert azure.state == state


def test_a_failed_collection_is_told() -> None:
    failed = SourceFreshness("azure", "x", OLD.delivered_at, OLD.complete_through, up=False, error="access denied")
    finding = only(freshness(ALERTS), VIEW, freshness=[failed])

    assert finding.reason.endswith("(its last collection failed: access denied)")


def test_without_any_source_nothing_is_ok() -> None:
    finding = only(freshness(ALERTS), FakeView([]), freshness=[])

    assert (finding.state, finding.reason) == (State.UNKNOWN, "no configured source delivers this scope")


WEEK = (date(2026, 3, 1), date(2026, 3, 7))
LATE = replace(
    CURRENT,
    complete_through=AS_OF - timedelta(days=9),
    late=(("account late", AS_OF - timedelta(days=9)), ("provider Acme", AS_OF - timedelta(days=5))),
    on_time_through=CURRENT.complete_through,
)
ACCOUNTS = FakeView(
    [
        *days(*WEEK, 1, SubAccountId="early", team="a"),
        *days(*WEEK, 1, SubAccountId="late", team="b"),
        *days(*WEEK, 1, SubAccountId="shop", ServiceProviderName="Acme", team="c"),
    ]
)


@pytest.mark.parametrize(
    ("scope", "reaches"),
    [
        ("", LATE.complete_through),
        ("scope: SubAccountId = 'early'", LATE.on_time_through),
        ("scope: team = 'a'", LATE.on_time_through),
        ("scope: team <> 'a'", LATE.complete_through),
        ("scope: ServiceProviderName = 'Acme'", AS_OF - timedelta(days=5)),
        ("scope: ResourceId IS NULL", LATE.complete_through),
        ("scope: ResourceId IS NULL AND SubAccountId = 'early'", LATE.complete_through),
    ],
)
def test_a_late_account_holds_back_the_scopes_that_hold_it(scope: str, reaches: datetime) -> None:
    finding = only(freshness(f"{scope}\n{ALERTS}"), ACCOUNTS, freshness=[LATE])

    assert finding.value == (AS_OF - reaches) / timedelta(hours=1)


def test_a_late_account_holds_back_the_groups_that_hold_it() -> None:
    each = findings(freshness(f"group_by: [team]\n{ALERTS}"), ACCOUNTS, freshness=[LATE])

    assert [(one.group["team"], one.state) for one in each] == [
        ("a", State.OK),
        ("b", State.FIRING),
        ("c", State.FIRING),
    ]
    assert "account late reaches" in each[1].reason
    assert "account late" not in each[2].reason
    (whole,) = findings(freshness(f"group_by: [source]\n{ALERTS}"), ACCOUNTS, freshness=[LATE])
    assert whole.state == State.FIRING
