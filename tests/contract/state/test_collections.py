"""The log of collections, on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from finops.model.collection import CollectionOutcome, CollectionRun
from finops.model.source_freshness import SourceFreshness
from finops.state import State
from tests.support.verdicts import HOUR, T0


def run(run_id: str, ended_at: datetime = T0, **changes: Any) -> CollectionRun:
    values: dict[str, Any] = {
        "run_id": run_id,
        "source": "aws",
        "kind": "focus-files",
        "started_at": ended_at - timedelta(minutes=2),
        "ended_at": ended_at,
        "outcome": CollectionOutcome.OK,
    }
    return CollectionRun(**{**values, **changes})


FULL = run(
    "r1",
    rows=1000,
    periods=(date(2026, 2, 1), date(2026, 3, 1)),
    notes=("7 values repaired", "nul \x00 and half a pair \ud800"),
    requests=3,
    throttled=1,
    request_cost_usd=Decimal("0.01"),
    complete_through=datetime(2026, 3, 19, tzinfo=UTC),
    restated={"EUR": Decimal("-12.340000000000001"), "USD": Decimal("1E+3")},
)
PARTLY_LATE = replace(
    FULL, late={"account 4711": datetime(2026, 3, 19, tzinfo=UTC)}, on_time_through=T0 + timedelta(days=10)
)


def test_a_run_comes_back_as_it_went_in(state: State) -> None:
    state.collections.record(FULL)

    assert state.collections.sources()["aws"].latest == FULL


def test_what_the_provider_estimates_is_kept_and_told(state: State) -> None:
    estimated = run("r1", complete_through=T0, estimated_from=date(2026, 3, 2))
    state.collections.record(estimated)
    state.collections.record(run("r2", T0 + HOUR, outcome=CollectionOutcome.FAILED, error="no route to host"))

    (standing,) = state.collections.freshness({"aws": "aws-cost-explorer"})
    assert standing.estimated_from == date(2026, 3, 2)
    assert state.collections.sources()["aws"].latest_success == estimated


def test_a_run_is_recorded_once(state: State) -> None:
    state.collections.record(FULL)
    state.collections.record(FULL)

    history = state.collections.sources()["aws"]
    assert (history.requests, history.throttled, history.request_cost_usd) == (3, 1, Decimal("0.01"))


def test_the_latest_run_success_and_delivery_are_told_apart(state: State) -> None:
    state.collections.record(FULL)
    unchanged = run("r2", T0 + HOUR, outcome=CollectionOutcome.UNCHANGED, requests=2)
    failed = run("r3", T0 + 2 * HOUR, outcome=CollectionOutcome.FAILED, error="no route to host", requests=1)
    state.collections.record(failed)
    state.collections.record(unchanged)

    history = state.collections.sources()["aws"]

    assert history.latest == failed
    assert history.latest_success == unchanged
    assert history.latest_delivery == FULL
    assert history.requests == 6


def test_the_totals_of_requests_never_fall(state: State, clock: Any) -> None:
    for number in range(5):
        state.collections.record(run(f"r{number}", T0 + number * HOUR, requests=2, request_cost_usd=Decimal("0.1")))
    clock.advance(timedelta(days=500))

    assert state.prune(keep=timedelta(days=400)).collection_runs == 4

    history = state.collections.sources()["aws"]
    assert (history.requests, history.request_cost_usd) == (10, Decimal("0.5"))


def test_a_source_that_never_ran_has_delivered_nothing(state: State) -> None:
    assert state.collections.sources() == {}
    assert state.collections.freshness({"aws": "focus-files"}) == [SourceFreshness("aws", "focus-files", None, None)]


def test_a_failure_keeps_what_was_delivered_before(state: State) -> None:
    state.collections.record(FULL)
    state.collections.record(run("r2", T0 + HOUR, outcome=CollectionOutcome.FAILED, error="no route to host"))

    [standing] = state.collections.freshness({"aws": "focus-files"})

    reach = datetime(2026, 3, 19, tzinfo=UTC)
    assert standing == SourceFreshness("aws", "focus-files", T0, reach, up=False, error="no route to host")


def test_a_run_without_news_keeps_the_reach_and_is_a_delivery(state: State) -> None:
    state.collections.record(FULL)
    state.collections.record(run("r2", T0 + HOUR, outcome=CollectionOutcome.UNCHANGED))

    [standing] = state.collections.freshness({"aws": "focus-files"})

    assert (standing.delivered_at, standing.complete_through) == (T0 + HOUR, datetime(2026, 3, 19, tzinfo=UTC))


def test_the_reach_is_never_later_than_the_delivery(state: State) -> None:
    state.collections.record(run("r1", complete_through=T0 + timedelta(days=10)))

    [standing] = state.collections.freshness({"aws": "focus-files"})

    assert standing.complete_through == T0


def test_what_is_late_is_told_with_how_far_the_others_reach(state: State) -> None:
    state.collections.record(PARTLY_LATE)

    assert state.collections.sources()["aws"].latest == PARTLY_LATE
    [standing] = state.collections.freshness({"aws": "focus-files"})

    assert standing.late == (("account 4711", datetime(2026, 3, 19, tzinfo=UTC)),)
    assert standing.on_time_through == standing.delivered_at


def test_standings_as_they_were_known_on_a_day(state: State) -> None:
    state.collections.record(FULL)
    state.collections.record(run("r2", T0 + HOUR, outcome=CollectionOutcome.FAILED, error="down"))
    state.collections.record(run("r3", T0 + 2 * HOUR, complete_through=T0 + HOUR))
    kinds = {"aws": "focus-files", "azure": "focus-files"}

    before, _ = state.collections.freshness(kinds, at=T0 - HOUR)
    then, azure = state.collections.freshness(kinds, at=T0 + HOUR)

    assert before.delivered_at is None
    assert (then.delivered_at, then.up) == (T0, False)
    assert azure.delivered_at is None


def test_requests_of_no_run_count_in_the_totals(state: State) -> None:
    state.collections.count("aws", 2, 1, Decimal("0.02"))
    state.collections.record(FULL)
    state.collections.count("aws", 1, 0, Decimal("0.01"))

    history = state.collections.sources()["aws"]
    assert (history.requests, history.throttled, history.request_cost_usd) == (6, 2, Decimal("0.04"))
