"""Never twice, never lost: processes die between every two steps, and what arrived is counted at a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from finops.alert.deliver import LEASE
from finops.model.alert import ChangeReason
from finops.model.finding import State as Verdict
from finops.model.message import DeliveryOutcome
from finops.state import State, open_state
from tests.integration.alerts.rounds import Death, Round, deliver_when_told, run
from tests.support.service_process import PROCESSES
from tests.support.verdicts import HOUR, T0, MovableClock, evaluation, verdict

KILLED = -9

SENT_TWICE = {Death.SENT, Death.MARK_WRITTEN}
"""Nobody can know whether a receiver took a message whose sender died before it wrote so down."""


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///state.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def state(state_url: str, tmp_path: Path) -> Iterator[State]:
    """The state as a third party sees it."""
    opened = open_state(state_url, base=tmp_path, clock=MovableClock())
    yield opened
    opened.close()


@pytest.fixture
def hook(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/hook").respond_with_data("")
    return httpserver


def in_a_process(plan: Round) -> int | None:
    process = PROCESSES.Process(target=run, args=(plan,))
    process.start()
    process.join(60)
    return process.exitcode


def keys(hook: HTTPServer) -> list[str]:
    return [request.headers["Idempotency-Key"] for request, _ in hook.log]


@pytest.mark.parametrize("death", Death, ids=lambda death: death.name.lower())
def test_a_death_anywhere_costs_no_notice_and_no_second_change(
    death: Death, state: State, state_url: str, tmp_path: Path, hook: HTTPServer
) -> None:
    firing = evaluation([verdict(group={"team": "a"}), verdict(group={"team": "b"})])
    url = hook.url_for("/hook")

    assert in_a_process(Round(state_url, tmp_path, url, T0, (firing,), death)) == KILLED
    assert in_a_process(Round(state_url, tmp_path, url, T0 + LEASE, (firing,))) == 0

    arrived = keys(hook)
    assert len(set(arrived)) == 1
    assert len(arrived) == (2 if death in SENT_TWICE else 1)
    for record in state.alerts.alerts():
        assert [change.reason for change in state.alerts.history(record.id)] == [ChangeReason.FIRED]
    assert len(state.alerts.alerts()) == 2
    assert state.outbox.pending_counts() == {}
    assert state.outbox.delivery_counts() == {("hook", DeliveryOutcome.DELIVERED): 1}


def test_a_life_full_of_deaths(state: State, state_url: str, tmp_path: Path, hook: HTTPServer) -> None:
    """Fires, and resolves an hour later; at each of the two, a process dies at every point, one after another."""
    url, now = hook.url_for("/hook"), T0
    for found in (verdict(), verdict(Verdict.OK, as_of=T0 + HOUR)):
        now = max(now, found.as_of)
        made = evaluation([found])
        exits = []
        for death in Death:
            exits.append(in_a_process(Round(state_url, tmp_path, url, now, (made,), death)))
            now += LEASE
        assert in_a_process(Round(state_url, tmp_path, url, now, (made,))) == 0
        # after the mark there is nothing left to die at: an evaluation applied before ends without a commit to die in
        assert exits.count(KILLED) >= 7

    [record] = state.alerts.alerts()
    assert [change.reason for change in state.alerts.history(record.id)] == [ChangeReason.FIRED, ChangeReason.RESOLVED]
    assert len(dict.fromkeys(keys(hook))) == 2
    bodies = [request.get_json()["notices"][0]["reason"] for request, _ in hook.log]
    assert bodies == sorted(bodies)  # every "first" came before every "resolved"
    assert state.outbox.pending_counts() == {}
    assert state.outbox.delivery_counts() == {("hook", DeliveryOutcome.DELIVERED): 2}


def test_two_deliverers_at_once_send_nothing_twice(
    state: State, state_url: str, tmp_path: Path, hook: HTTPServer
) -> None:
    count = 24
    rounds = tuple(
        evaluation([verdict(policy=f"policy-{number}", as_of=T0 + number * HOUR)]) for number in range(count)
    )
    later = T0 + timedelta(days=3)
    closed = "http://127.0.0.1:1/"  # this process only fills the outbox
    assert in_a_process(Round(state_url, tmp_path, closed, later - HOUR, rounds)) == 0
    ready, go = PROCESSES.Semaphore(0), PROCESSES.Event()
    plan = Round(state_url, tmp_path, hook.url_for("/hook"), later)
    deliverers = [PROCESSES.Process(target=deliver_when_told, args=(plan, ready, go)) for _ in range(2)]
    for process in deliverers:
        process.start()
    for _ in deliverers:
        assert ready.acquire(timeout=60)
    go.set()
    for process in deliverers:
        process.join(60)

    assert [process.exitcode for process in deliverers] == [0, 0]
    arrived = keys(hook)
    assert len(arrived) == len(set(arrived)) == len(hook.log)
    told = [notice["finding"]["policy"] for request, _ in hook.log for notice in request.get_json()["notices"]]
    assert len(told) == len(set(told)) == count
    assert state.outbox.pending_counts() == {}
