"""A real Alertmanager takes our alerts, tells of each change once, and forgets what is resolved."""

from __future__ import annotations

import queue
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from finops.model.finding import Severity, State
from finops.model.notice import Notice, NoticeReason
from finops_exporters.alertmanager import Alertmanager, AlertmanagerOptions
from tests.servers.alertmanager import AlertmanagerServer, Start
from tests.support.profiles import PROFILES
from tests.support.verdicts import MovableClock, notice, verdict

Told = queue.Queue[dict[str, Any]]


@pytest.fixture
def told() -> Told:
    return queue.Queue()


@pytest.fixture
def server(alertmanager: Start, httpserver: HTTPServer, told: Told) -> AlertmanagerServer:
    def hear(request: Request) -> Response:
        for alert in request.get_json()["alerts"]:
            told.put(alert)
        return Response("")

    path = f"/told/{uuid.uuid4()}"  # an Alertmanager that is just ending may still tell of the test before
    httpserver.expect_request(path).respond_with_handler(hear)
    return alertmanager(httpserver.url_for(path))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime.now(UTC))  # Alertmanager has a clock of its own


def receiver(server: AlertmanagerServer, clock: MovableClock) -> Alertmanager:
    options = AlertmanagerOptions.model_validate({"url": server.url, "labels": {"cluster": "billing"}})
    return Alertmanager.from_options("am", options, base=Path(), clock=clock, profiles=PROFILES)


def of(reason: NoticeReason, severity: Severity, clock: MovableClock, **changes: Any) -> Notice:
    state = State.OK if reason is NoticeReason.RESOLVED else State.FIRING
    finding = verdict(
        state, severity=severity if state is State.FIRING else None, group={"team-name": "ä\nb"}, **changes
    )
    since = clock.now() - timedelta(minutes=10)
    return Notice("alert-1", reason, finding, since, clock.now(), "https://finops.example.com/#x")


def next_told(told: Told) -> tuple[str, str]:
    alert = told.get(timeout=30)
    return alert["labels"]["severity"], alert["status"]


def test_firing_escalation_and_resolve_are_told_once_each(
    server: AlertmanagerServer, clock: MovableClock, told: Told
) -> None:
    door = receiver(server, clock)
    door.send([of(NoticeReason.FIRST, Severity.WARNING, clock)], idempotency_key="1")
    door.send([of(NoticeReason.FIRST, Severity.WARNING, clock)], idempotency_key="1")  # the same again, after a crash
    assert next_told(told) == ("warning", "firing")
    [active] = server.alerts()
    assert active["labels"] == {
        "alertname": "FinopsBudget",
        "policy": "checkout-monthly",
        "kind": "Budget",
        "owner": "team-checkout",
        "severity": "warning",
        "finops_alert": "alert-1",
        "team_name": "ä b",
        "cluster": "billing",
    }
    assert active["generatorURL"] == "https://finops.example.com/#x"
    assert "29 % faster than planned" in active["annotations"]["summary"]
    assert "9,500.00" in active["annotations"]["figures"]

    door.send([of(NoticeReason.ESCALATED, Severity.CRITICAL, clock)], idempotency_key="2")
    assert sorted([next_told(told), next_told(told)]) == [("critical", "firing"), ("warning", "resolved")]
    assert [alert["labels"]["severity"] for alert in server.alerts()] == ["critical"]

    door.send([of(NoticeReason.RESOLVED, Severity.CRITICAL, clock)], idempotency_key="3")
    assert next_told(told) == ("critical", "resolved")
    assert server.alerts() == []
    assert told.empty()


def test_what_is_not_told_again_ends_by_itself(server: AlertmanagerServer, clock: MovableClock) -> None:
    receiver(server, clock).send([of(NoticeReason.FIRST, Severity.WARNING, clock)], idempotency_key="1")
    [active] = server.alerts()
    ends = datetime.fromisoformat(active["endsAt"])
    assert abs(ends - (clock.now() + timedelta(days=7))) < timedelta(minutes=1)


def test_a_trial_is_marked_and_short(server: AlertmanagerServer, clock: MovableClock, told: Told) -> None:
    receiver(server, clock).send([notice(NoticeReason.TEST, verdict())], idempotency_key="t")
    alert = told.get(timeout=30)
    assert alert["annotations"]["summary"].startswith("[TEST]")
