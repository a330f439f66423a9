"""A mail server, a web server and an Alertmanager hear of each change once, whatever dies, with two replicas."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from finops.alert.deliver import LEASE
from finops.model.finding import Severity
from finops.model.finding import State as Verdict
from finops.model.message import DeliveryOutcome
from finops.state import open_state
from tests.integration.alerts.rounds import Death, Round, run
from tests.integration.alerts.test_kill import KILLED
from tests.servers.alertmanager import Start
from tests.servers.smtp import MailServer
from tests.support.service_process import PROCESSES
from tests.support.verdicts import HOUR, MovableClock, evaluation, verdict

LIFE = (
    (verdict(), (Death.APPLY_WRITTEN, Death.CLAIMED)),
    (verdict(severity=Severity.CRITICAL), (Death.SENT, Death.APPLIED)),
    (verdict(Verdict.OK), (Death.MARK_WRITTEN, Death.DECIDED)),
)
"""What happens, and where a process dies of it, one after another."""


def test_firing_escalation_and_resolve_reach_every_real_server_once_each(
    postgres_database: str,
    tmp_path: Path,
    httpserver: HTTPServer,
    mail_server: Callable[..., MailServer],
    alertmanager: Start,
) -> None:
    told: queue.Queue[tuple[str, str]] = queue.Queue()

    def hear(request: Request) -> Response:
        for alert in request.get_json()["alerts"]:
            told.put((alert["labels"]["severity"], alert["status"]))
        return Response("")

    httpserver.expect_request("/told").respond_with_handler(hear)
    httpserver.expect_request("/hook").respond_with_data("")
    mails, server = mail_server(), alertmanager(httpserver.url_for("/told"))
    # Alertmanager goes by its own clock: all of this has happened when the test runs
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=12)
    plan = Round(postgres_database, tmp_path, httpserver.url_for("/hook"), now)
    plan = replace(plan, smtp_port=mails.port, alertmanager_url=server.url)
    heard: list[set[tuple[str, str]]] = []
    exits: list[int | None] = []
    for hour, (finding, deaths) in enumerate(LIFE):
        now = max(now, plan.now + hour * HOUR)
        made = (evaluation([replace(finding, as_of=now)]),)
        for death in deaths:
            process = PROCESSES.Process(target=run, args=(replace(plan, now=now, evaluations=made, death=death),))
            process.start()
            process.join(60)
            exits.append(process.exitcode)
            now += LEASE
        replicas = [PROCESSES.Process(target=run, args=(replace(plan, now=now, evaluations=made),)) for _ in range(2)]
        for process in replicas:
            process.start()
        for process in replicas:
            process.join(60)
        assert [process.exitcode for process in replicas] == [0, 0]
        heard.append({told.get(timeout=30) for _ in range(2 if hour == 1 else 1)})

    # an evaluation that was applied before a death is not decided again: there is nothing left to die at
    assert exits.count(KILLED) >= 5
    # each change under one key, in order; a repeat after a death in between has the key of the first
    requests: list[Any] = [request.get_json() for request, _ in httpserver.log if request.path == "/hook"]
    keys = {body["idempotency_key"]: body["notices"][0]["reason"] for body in requests}
    assert list(keys.values()) == ["first", "escalated", "resolved"]
    subjects = {mail["Message-ID"]: mail["Subject"].partition(":")[0] for mail in mails.mailbox.messages}
    first, *later = subjects.values()
    assert "is spending 29 % faster than planned in March" in first
    assert later == ["Escalated to critical", "Resolved"]
    assert heard == [
        {("warning", "firing")},
        {("critical", "firing"), ("warning", "resolved")},
        {("critical", "resolved")},
    ]
    assert told.empty()
    state = open_state(postgres_database, base=tmp_path, clock=MovableClock(now))
    assert state.outbox.pending_counts() == {}
    assert state.outbox.delivery_counts() == {(name, DeliveryOutcome.DELIVERED): 3 for name in ("hook", "mail", "prom")}
    state.close()
