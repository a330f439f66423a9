"""Alerts over HTTP: what fires, saying that one knows, silences, who was told, and who did what."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from finops.web.api.alert_document import (
    AlertDocument,
    AuditDocument,
    ChangeOfAlertDocument,
    DeliveryDocument,
    SilenceDocument,
)
from finops.web.api.finding_document import OneFindingDocument
from tests.integration.web.api.world import SERVICES, World


def alert_of(client: httpx.Client, policy: str, **group: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = client.get("/api/v1/alerts", params={"policy": policy}).json()
    return next(one for one in found if one["group"] == group)


def exact(model: type[BaseModel], item: dict[str, Any]) -> None:
    """``item`` is what ``model`` describes, key by key."""
    model.model_validate_json(json.dumps(item))
    assert set(item) == {field.alias or name for name, field in model.model_fields.items()}


def test_alerts_are_listed_and_filtered(viewer: httpx.Client) -> None:
    answer = viewer.get("/api/v1/alerts")
    assert answer.headers["x-total-count"] == str(len(SERVICES) + 1)
    by_service = viewer.get("/api/v1/alerts?policy=by-service&severity=warning&owner=platform").json()
    assert {one["group"]["ServiceName"] for one in by_service} == set(SERVICES.values())
    assert viewer.get("/api/v1/alerts?status=resolved").json() == []
    assert len(viewer.get("/api/v1/alerts?limit=2&offset=1").json()) == 2


def test_acknowledging_stops_the_repeats_and_is_written_down(client: httpx.Client) -> None:
    alert = alert_of(client, "everything")
    path = f"/api/v1/alerts/{alert['id']}"
    before = client.get("/api/v1/audit").headers["x-total-count"]

    for _ in range(2):  # the same words again change nothing
        answer = client.post(f"{path}/acknowledge", json={"note": "we <b>know</b> \u202e"})
        assert answer.status_code == 200
        assert answer.json()["status"] == "acknowledged"

    exact(AlertDocument, answer.json())
    *_, last = client.get(f"{path}/history").json()
    exact(ChangeOfAlertDocument, last)
    assert (last["actor"], last["reason"], last["note"]) == (
        "responder-token",
        "acknowledged",
        "we <b>know</b> \u202e",
    )
    audit = client.get("/api/v1/audit")
    assert int(audit.headers["x-total-count"]) == int(before) + 1
    exact(AuditDocument, audit.json()[0])
    assert {key: audit.json()[0][key] for key in ("actor", "proof", "address", "action", "target", "subject")} == {
        "actor": "responder-token",
        "proof": "token",
        "address": "127.0.0.1",
        "action": "acknowledged",
        "target": alert["id"],
        "subject": "everything",
    }


def test_what_cannot_be_acknowledged(client: httpx.Client) -> None:
    assert client.post("/api/v1/alerts/ffff/acknowledge", json={}).status_code == 404
    assert client.post("/api/v1/alerts/x%00y/acknowledge", json={}).status_code == 404
    path = f"/api/v1/alerts/{alert_of(client, 'by-service', ServiceName='Compute')['id']}/acknowledge"
    bodies: tuple[Any, ...] = ({"note": "x" * 2001}, {"note": 1}, {"nite": "x"}, [])
    for body in bodies:
        answer = client.post(path, json=body)
        assert answer.status_code == 422, body
        assert answer.json()["faults"][0]["at"].startswith("body")
    assert client.post(path, content=b"{").status_code == 422


def test_a_silence_is_made_once_for_one_key_and_lifted_once(client: httpx.Client) -> None:
    body = {"matcher": {"ServiceName": ["Compute"]}, "reason": "a migration", "for": "2h"}
    key = {"Idempotency-Key": "k-1"}
    made = client.post("/api/v1/silences", json=body, headers=key)
    again = client.post("/api/v1/silences", json=body, headers=key)
    assert (made.status_code, again.status_code) == (201, 201)
    assert made.json() == again.json()
    exact(SilenceDocument, made.json())
    assert client.get(made.headers["location"]).json() == made.json()
    assert alert_of(client, "by-service", ServiceName="Compute")["status"] == "silenced"
    other = client.post("/api/v1/silences", json={**body, "reason": "another"}, headers=key)
    assert (other.status_code, "new key" in other.json()["detail"]) == (422, True)

    lift = f"{made.headers['location']}/lift"
    lifted = client.post(lift, json={"note": "done"})
    assert (lifted.status_code, lifted.json()["lifted_by"]) == (200, "responder-token")
    assert client.post(lift, json={"note": "again"}).json() == lifted.json()
    assert made.json()["id"] not in {one["id"] for one in client.get("/api/v1/silences").json()}
    assert made.json()["id"] in {one["id"] for one in client.get("/api/v1/silences?everything=true").json()}
    done = client.get("/api/v1/audit", params={"actor": "responder-token"}).json()
    assert [one["action"] for one in done if one["target"] == made.json()["id"]] == ["lifted", "silenced"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"matcher": {}}, "matcher"),
        ({"matcher": {"tema": ["x"]}}, "Did you mean 'team'?"),
        ({"matcher": {"policy": ["by-servce"]}}, "Did you mean 'by-service'?"),
        ({"matcher": {"severity": ["critcal"]}}, "Did you mean 'critical'?"),
        ({"matcher": {"team": []}}, "team"),
        ({"reason": " "}, "reason"),
        ({"for": "2 hours"}, "is not a valid duration"),
        ({"for": "9" * 5000 + "d"}, "longer than a hundred years"),
        ({"for": "400d"}, "within a year"),
        ({"until": "2026-03-25T00:00:00Z"}, "either until or for"),
        ({"for": None, "until": "2026-03-19T00:00:00Z"}, "in the future"),
        ({"for": None, "until": "2026-03-25T00:00:00"}, "until"),
        ({"for": None, "until": "9999-12-31T23:59:59-14:00"}, "until"),
        ({"forever": True}, "forever"),
    ],
)
def test_a_silence_with_a_fault_is_refused_in_words(client: httpx.Client, changed: dict[str, Any], said: str) -> None:
    body = {"matcher": {"team": ["x"]}, "reason": "why", "for": "1h", **changed}
    answer = client.post("/api/v1/silences", json=body)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]


def test_who_was_told_is_listed(viewer: httpx.Client) -> None:
    alert = alert_of(viewer, "everything")
    [told] = viewer.get("/api/v1/deliveries", params={"alert": alert["id"]}).json()
    exact(DeliveryDocument, told)
    assert (told["receiver"], told["state"], told["attempts"]) == ("finance", "pending", 0)
    assert alert["id"] in told["alerts"]
    assert viewer.get("/api/v1/deliveries?receiver=nobody").json() == []
    assert viewer.get("/api/v1/deliveries?state=parked").headers["x-total-count"] == "0"


def test_a_finding_has_its_days_while_it_is_new_and_is_found_later(own: World, client: httpx.Client) -> None:
    [old] = client.get("/api/v1/findings?policy=everything").json()
    whole = client.get(f"/api/v1/findings/{old['id']}").json()
    exact(OneFindingDocument, whole)
    assert len(whole["track"]["spent"]) == 19  # bills reach the end of the day before
    assert whole["track"]["currency"] == "EUR"

    own.clock.advance(own.container.config.evaluate_every)
    assert own.verdicts.evaluate() is not None

    [new] = client.get("/api/v1/findings?policy=everything").json()
    assert new["id"] != old["id"]
    assert client.get(f"/api/v1/findings/{old['id']}").json() == {**old, "track": None}
    assert client.get("/api/v1/findings/zzz").status_code == 404
    latest = client.get("/api/v1/evaluations/latest").json()
    assert latest["states"] == {"ok": 0, "firing": len(SERVICES) + 1, "unknown": 0}
