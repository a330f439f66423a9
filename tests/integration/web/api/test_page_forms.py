"""The forms of the pages: only who may respond is shown one, and only its own reader can send it."""

from __future__ import annotations

import re
from datetime import date

import httpx
import pytest

from finops.web.api.alert_document import IncidentDocument
from tests.integration.web.api.test_alerts import alert_of, exact
from tests.integration.web.api.world import World, begin_incident

TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


def test_a_form_is_shown_to_responders_alone_and_sent_by_them_alone(own: World, client: httpx.Client) -> None:
    path = f"/alerts/{alert_of(client, 'by-service', ServiceName='Compute')['id']}"
    shown = client.get(path)
    token = TOKEN.findall(shown.text)[0]
    with own.client("viewer") as viewer:
        assert TOKEN.findall(viewer.get(path).text) == []
        refused = viewer.post(f"{path}/acknowledge", data={"note": "x", "form_token": token})
        assert refused.status_code == 403
    for data, headers in (
        ({"note": "x"}, {}),
        ({"note": "x", "form_token": token[:-2] + "xx"}, {}),
        ({"note": "x", "form_token": token}, {"Origin": "https://evil.example"}),
        ({"note": "x", "form_token": token}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        assert client.post(f"{path}/acknowledge", data=data, headers=headers).status_code == 403, (data, headers)

    same = {"Origin": own.url, "Sec-Fetch-Site": "same-origin"}
    sent = client.post(f"{path}/acknowledge", data={"note": "from a page", "form_token": token}, headers=same)

    assert (sent.status_code, sent.headers["location"]) == (303, path)
    [newest, *_] = client.get("/api/v1/audit").json()
    assert (newest["actor"], newest["proof"], newest["why"]) == ("responder-token", "token", "from a page")


def test_a_new_level_is_accepted_from_a_page_and_over_the_api(own: World, client: httpx.Client) -> None:
    alert = alert_of(client, "by-service", ServiceName="Compute")
    path = f"/alerts/{alert['id']}"
    for since in (date(2026, 3, 17), date(2026, 3, 10)):
        begin_incident(own, alert, since)
        token = TOKEN.findall(client.get(path).text)[0]
        if since.day == 17:
            missing = client.post(f"{path}/accept", data={"accepted": " ", "form_token": token})
            assert missing.status_code == 422
            sent = client.post(f"{path}/accept", data={"accepted": "larger", "form_token": token})
            assert (sent.status_code, sent.headers["location"]) == (303, path)
        else:
            with own.client("viewer") as viewer:
                assert viewer.post(f"/api/v1{path}/accept", json={"reason": "x"}).status_code == 403
            answer = client.post(f"/api/v1{path}/accept", json={"reason": "larger"})
            exact(IncidentDocument, answer.json())
            assert (answer.json()["end"], answer.json()["excess"]) == ("accepted", "80.125")
    assert client.post(f"/api/v1{path}/accept", json={"reason": "larger"}).status_code == 409
    listed = client.get("/api/v1/incidents", params={"alert": alert["id"], "open": False})
    assert [one["since"] for one in listed.json()] == ["2026-03-17", "2026-03-10"]
    assert [done["what"] for one in listed.json() for done in one["done"]][-1] == "level_accepted"
    assert client.get("/incidents?group=comput").text.count("New level accepted") >= 2
    [newest, *_] = client.get("/api/v1/audit").json()
    assert (newest["action"], newest["why"]) == ("level_accepted", "larger")


@pytest.mark.parametrize("typed", [{"for": "9999999999d"}, {"until": "9999-12-31"}, {"for": "soon"}, {"until": "x"}])
def test_an_end_that_is_none_is_told_on_the_page(client: httpx.Client, typed: dict[str, str]) -> None:
    path = f"/alerts/{alert_of(client, 'by-service', ServiceName='Compute')['id']}"
    token = TOKEN.findall(client.get(path).text)[0]
    answer = client.post(f"{path}/silence", data={"reason": "a move", "form_token": token, **typed})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_responders_collect_and_evaluate_now_from_pages(own: World, client: httpx.Client) -> None:
    state = own.container.state
    state.requested_jobs.done(state.requested_jobs.pending())
    with own.client("viewer") as viewer:
        assert [TOKEN.findall(viewer.get(path).text) for path in ("/", "/sources")] == [[], []]
    token = TOKEN.findall(client.get("/sources").text)[0]
    assert client.post("/collect", data={"source": "sample"}).status_code == 403
    assert state.requested_jobs.pending() == {}

    sent = client.post("/collect", data={"source": "sample", "form_token": token})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sources")
    assert set(state.requested_jobs.pending()) == {"source sample"}
    sent = client.post("/evaluate", data={"form_token": TOKEN.findall(client.get("/").text)[0]})
    assert (sent.status_code, sent.headers["location"]) == (303, "/")
    assert set(state.requested_jobs.pending()) == {"evaluate", "source sample"}
    newest = [(one["action"], one["actor"], one["target"]) for one in client.get("/api/v1/audit?limit=2").json()]
    assert newest == [
        ("evaluation_requested", "responder-token", ""),
        ("collection_requested", "responder-token", "sample"),
    ]

    unknown = client.post("/collect", data={"source": "sampel", "form_token": token})
    assert unknown.status_code == 422
    assert "no source is named &#39;sampel&#39;" in unknown.text
    assert client.post("/api/v1/sources/sampel/collect").status_code == 404
