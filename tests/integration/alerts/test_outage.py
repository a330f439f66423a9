"""A web server that is away for two days gets one digest, not a storm."""

from __future__ import annotations

from pathlib import Path
from random import Random

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from finops.alert import Deliverer, apply
from finops.model.finding import Severity
from finops.model.finding import State as Verdict
from finops.model.route import Route
from finops.state import open_state
from finops_exporters.webhook import Webhook, WebhookOptions
from tests.support.verdicts import HOUR, T0, MovableClock, deliver_due, evaluation, link, verdict


def test_an_outage_of_two_days_ends_with_one_digest(tmp_path: Path, httpserver: HTTPServer) -> None:
    is_back, taken = False, []

    def answer(request: Request) -> Response:
        if not is_back:
            return Response("", 503)
        taken.append(request.get_json())
        return Response("")

    httpserver.expect_request("/hook").respond_with_handler(answer)
    clock = MovableClock()
    state = open_state("sqlite:///state.db", base=tmp_path, clock=clock)
    hook = Webhook("hook", WebhookOptions(url=httpserver.url_for("/hook")), base=tmp_path, clock=clock)
    deliverer = Deliverer(state.outbox, {"hook": hook}, clock, random=Random(1))
    for hour in range(49):
        clock.moment = T0 + hour * HOUR
        worse = Severity.CRITICAL if hour >= 30 else Severity.WARNING
        flapping = Verdict.FIRING if hour % 12 < 6 else Verdict.OK
        found = [
            verdict(severity=worse, group={"team": "a"}, owner="a", as_of=clock.now()),
            verdict(flapping, group={"team": "b"}, owner="b", as_of=clock.now()),
            verdict(Verdict.OK if hour else Verdict.FIRING, group={"team": "c"}, owner="c", as_of=clock.now()),
        ]
        apply(
            evaluation(found),
            state.alerts,
            routes=[Route({}, ("hook",), 24 * HOUR)],
            policies={"checkout-monthly"},
            link=link,
            now=clock.now(),
            limits={"hook": 100},
        )
        is_back = hour == 48
        deliver_due(deliverer)
    clock.advance(HOUR)
    deliver_due(deliverer)

    [digest] = taken
    told = {one["finding"]["group"]["team"]: one for one in digest["notices"]}
    assert {team: one["reason"] for team, one in told.items()} == {"a": "first", "b": "first", "c": "resolved"}
    assert told["a"]["finding"]["severity"] == "critical"
    assert [one["reason"] for one in told["a"]["earlier"]] == ["first", "repeat"]
    assert [one["reason"] for one in told["b"]["earlier"]] == ["first", "resolved"] * 4
    assert [one["reason"] for one in told["c"]["earlier"]] == ["first"]
    assert state.outbox.pending_counts() == {}
    assert state.outbox.parked_messages() == []
    state.close()
