"""Daily costs over HTTP: exact sums, their currency, their age, and a bound on what one answer holds."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from typer.testing import CliRunner

from finops.cli.app import app
from tests.integration.web.api.world import SERVICES, World

MARCH = "from=2026-03-01&to=2026-04-01"


def rows(client: httpx.Client, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/costs?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def test_every_day_is_summed_in_its_own_currency(viewer: httpx.Client) -> None:
    found = rows(viewer, MARCH)
    assert [(row["day"], row["currency"]) for row in found[:3]] == [
        ("2026-03-01", "EUR"),
        ("2026-03-01", "USD"),
        ("2026-03-02", "EUR"),
    ]
    assert found[0] == {
        "day": "2026-03-01",
        "group": {},
        "currency": "EUR",
        "costs": {"EffectiveCost": f"{len(SERVICES)}.00"},
    }


def test_groups_add_up_to_the_whole(viewer: httpx.Client) -> None:
    def total(query: str) -> Decimal:
        return sum((Decimal(row["costs"]["EffectiveCost"]) for row in rows(viewer, query)), Decimal(0))

    whole = total(f"{MARCH}&every=all")
    assert whole == 19 * (len(SERVICES) + 1)
    for query in ("by=ServiceName", "by=team&by=ServiceName", "every=month&by=team"):
        assert total(f"{MARCH}&{query}") == whole


def test_names_come_back_as_they_were_billed(viewer: httpx.Client) -> None:
    found = rows(viewer, f"{MARCH}&every=all&by=ServiceName")
    assert {row["group"]["ServiceName"] for row in found} == set(SERVICES.values())


def test_a_condition_and_several_costs(viewer: httpx.Client) -> None:
    query = {
        "from": "2026-03-01",
        "to": "2026-03-03",
        "by": "team",
        "scope": "team = 'checkout' AND ServiceName = 'Compute'",
        "cost": ["ListCost", "BilledCost"],
    }
    answer = viewer.get("/api/v1/costs", params=query).json()
    assert [(row["day"], row["group"], row["currency"]) for row in answer["rows"]] == [
        (day, {"team": "checkout"}, currency) for day in ("2026-03-01", "2026-03-02") for currency in ("EUR", "USD")
    ]
    assert answer["rows"][0]["costs"] == {"ListCost": "1.00", "BilledCost": "1.00"}


def test_an_answer_tells_the_age_of_its_data(viewer: httpx.Client) -> None:
    answer = viewer.get(f"/api/v1/costs?{MARCH}").json()
    assert answer["settled_through"] == "2026-03-17"
    [source] = answer["sources"]
    assert (source["source"], source["complete_through"]) == ("sample", "2026-03-20T00:00:00+00:00")
    assert answer["data_version"]["costs_daily"] == 0


def test_pages_join_to_the_whole(viewer: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, seen, offset = rows(viewer, f"{MARCH}&by=ServiceName"), [], 0
    monkeypatch.delattr("finops.app.costs.reader.CostReader.report")  # one report for all of its pages
    while offset < len(whole):
        answer = viewer.get(f"/api/v1/costs?{MARCH}&by=ServiceName&limit=200&offset={offset}")
        assert answer.headers["x-total-count"] == str(len(whole))
        assert len(answer.json()["rows"]) <= 200
        seen += answer.json()["rows"]
        offset += 200
    assert seen == whole


def test_what_was_known_at_a_moment(viewer: httpx.Client) -> None:
    answer = viewer.get("/api/v1/costs", params={"as_of": "2020-01-01T00:00:00Z"})
    assert answer.status_code == 404
    assert "no longer holds data" in answer.json()["detail"]
    assert viewer.get("/api/v1/costs", params={"as_of": "2100-01-01T00:00:00Z"}).status_code == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("by=tema", "Did you mean 'team'?"),
        ("by=team&by=team", "lists a column twice"),
        ("scope=tema%20%3D%20%27x%27", "Did you mean 'team'?"),
        ("by=team,team", "lists a column twice"),
        ("by=team%20%3D%20team", "unknown column"),
        ("compare=decade", "previous"),
        ("currency=EUR", "converted"),
        ("scope=team%20%3D", "character"),
        ("from=2026-03-02&to=2026-03-02", "ends before it starts"),
        ("from=2020-01-01&to=2026-03-02", "longer than 1100 days"),
        ("from=2020-01-01", "longer than 1100 days"),
        ("cost=Cost", "unknown value 'Cost'"),
        ("limit=10001", "limit"),
        ("as_of=2026-03-02", "as_of"),
        ("grop_by=team", "grop_by"),
    ],
)
def test_a_bad_question_is_answered_in_words(viewer: httpx.Client, query: str, said: str) -> None:
    answer = viewer.get(f"/api/v1/costs?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]


def test_unchanged_costs_are_not_read_again(viewer: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = viewer.get(f"/api/v1/costs?{MARCH}")

    def read(*_: object) -> None:
        raise AssertionError("the lake was read")

    monkeypatch.setattr("finops.app.costs.reader.sum_costs", read)
    again = viewer.get(f"/api/v1/costs?{MARCH}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_question_too_big_is_refused_before_it_is_asked(
    viewer: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finops.app.costs.sums.MOST_SUMS", 100)
    answer = viewer.get("/api/v1/costs?from=2026-03-02&to=2026-04-01&by=ServiceName")  # asked by nobody before
    assert answer.status_code == 422
    assert "Request fewer columns" in answer.json()["detail"]
    assert viewer.get(f"/api/v1/costs?{MARCH}&by=ServiceName&every=all").status_code == 200


@pytest.mark.parametrize(
    "view",
    [
        "by=team,ServiceName&every=week&compare=previous",
        "by=tags['team']&every=month&currency=billing",
        "every=quarter&compare=year&scope=BillingCurrency = 'EUR'",
    ],
)
def test_the_page_the_command_and_the_api_say_the_same(viewer: httpx.Client, served: World, view: str) -> None:
    asked = {"from": "2026-03-01", "to": "2026-04-01", "currency": "converted", **dict(parse_qsl(view))}
    document = viewer.get("/api/v1/costs", params={**asked, "limit": "10000"}).json()
    page = viewer.get("/costs.csv", params=asked)
    assert page.status_code == 200, page.text
    options = [f"--{name}={value}" for name, value in asked.items()]
    config = ["-c", str(served.folder / "finops.yaml")]
    runs = {form: CliRunner().invoke(app, [*config, "costs", *options, "--format", form]) for form in ("csv", "json")}
    assert {form: run.exit_code for form, run in runs.items()} == {"csv": 0, "json": 0}, runs["json"].output
    command = json.loads(runs["json"].stdout)
    assert command["totals"] == document["totals"]
    amounts = [{key: row.get(key) for key in ("day", "group", "costs", "compared")} for row in document["rows"]]
    assert [{key: row.get(key) for key in ("day", "group", "costs", "compared")} for row in command["rows"]] == amounts
    lines = [
        list(csv.DictReader(io.StringIO(text, newline=""))) for text in (page.text, runs["csv"].stdout_bytes.decode())
    ]
    for found in lines:
        assert [row["EffectiveCost"] or None for row in found] == [row["costs"]["EffectiveCost"] for row in amounts]
    assert amounts
