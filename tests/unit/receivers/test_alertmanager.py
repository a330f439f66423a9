"""What Alertmanager is told of an alert that is kept quiet."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_httpserver import HTTPServer

from finops.model.notice import NoticeReason
from finops_exporters.alertmanager import Alertmanager, AlertmanagerOptions
from tests.support.profiles import PROFILES
from tests.support.verdicts import MovableClock, notice


def test_the_end_of_a_silence_is_an_alert_of_its_own_and_leaves_the_silenced_one_alone(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v2/alerts").respond_with_data("")
    door = Alertmanager(
        "am", AlertmanagerOptions(url=httpserver.url_for("")), base=Path(), clock=MovableClock(), profiles=PROFILES
    )

    door.send([notice(NoticeReason.EXPIRES, note="The silence of ada ends")], idempotency_key="k")

    [(request, _)] = httpserver.log
    [alert] = json.loads(request.get_data())
    assert (alert["labels"]["alertname"], alert["labels"]["severity"]) == ("FinopsQuietEnds", "info")
    assert alert["endsAt"] == "2026-03-21T06:00:00+00:00"
    assert alert["annotations"]["note"] == "The silence of ada ends"
