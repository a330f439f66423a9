"""A viewer of some teams sees what is theirs on every route, and nothing that depends on what others spend."""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from finops.app.collection.source import collect
from finops.app.container import Container
from finops.app.exporters import pages_exporter
from finops.config.http_model import Auth
from finops.model.alert import alert_id
from finops.model.audit import Actor, AuditAction, Proof
from finops.model.incident import Incident, IncidentDay, IncidentEnd
from finops.model.operations import Operations
from finops.model.snapshot import Snapshot
from finops.ports.state import AlertStep
from finops.service import wiring
from finops.web import Access, PublishedState, Publisher, Site
from finops.web.application import api_of
from finops.web.edge.auth_middleware import Edge
from finops.web.team_app import PAGES
from finops_exporters.pages import PagesExporter
from finops_exporters.prometheus import PrometheusExporter
from tests.integration.web.project import make_project
from tests.support.focus_frames import bill
from tests.support.profiles import PROFILES
from tests.support.verdicts import T0, MovableClock

DAYS = [date(2026, 3, 1) + timedelta(days=offset) for offset in range(19)]
POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: search-monthly, owner: team-search, description: What search may spend}
spec:
  scope: team = 'search' AND ChargeCategory <> 'Tax'
  period: month
  amount: 20 EUR
  alerts: [{when: spent > 100%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: checkout-monthly, owner: team-checkout, description: What checkout may spend}
spec:
  scope: team = 'checkout'
  period: month
  amount: 77777 EUR
  alerts: [{when: spent > 100%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: by-team, owner: finance, description: What each may spend}
spec:
  scope: ChargeCategory = 'Usage'
  group_by: [team]
  period: month
  amount: 10 EUR
  alerts: [{when: spent > 50%, severity: warning}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: everything, owner: finance, description: What all may spend}
spec:
  period: month
  amount: 88888 EUR
  alerts: [{when: spent > 0%, severity: info}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: not-checkout, owner: finance, description: What the others may spend}
spec:
  scope: team <> 'checkout'
  period: month
  amount: 66671 EUR
  alerts: [{when: spent > 0%, severity: info}]
"""


def row(day: date, team: str, service: str, amount: str) -> dict[str, str]:
    return {
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ContractedCost", "ListCost"), amount),
        "BillingCurrency": "EUR",
        "BillingPeriodStart": "2026-03-01T00:00:00Z",
        "BillingPeriodEnd": "2026-04-01T00:00:00Z",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "ChargeCategory": "Usage",
        "ServiceName": service,
        "ResourceId": f"{team}-{service}",
        "Tags": json.dumps({"team": team}),
    }


OWN = [row(day, "search", "Compute", "1.25") for day in DAYS]


def others(seed: int) -> list[dict[str, str]]:
    """Rows of other teams: as many as it comes, of any size, with services that nobody else has."""
    draw = random.Random(seed)
    return [
        row(day, team, draw.choice(["Compute", f"Secret{seed}"]), f"{draw.randint(1, 10**6)}.{draw.randint(10, 99)}")
        for day in DAYS
        for team in ("checkout", "ml", "searching", "")
        for _ in range(draw.randint(1, 2))
    ]


class Client:
    """Asks an application without a server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def ask(self, method: str, path: str, token: str) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60) as client:
                return await client.request(method, path, headers={"Authorization": f"Bearer {token}"})

        with ThreadPoolExecutor(1) as thread:  # a browser's loop may run in this one
            return thread.submit(asyncio.run, asked()).result()


@contextmanager
def world(folder: Path, rows: list[dict[str, str]]) -> Iterator[tuple[Client, Container]]:
    """``Authorization: Bearer search`` is a viewer of search, ``all`` a responder, ``none`` a viewer of no team."""
    folder.mkdir()
    clock = MovableClock(T0)
    container = make_project(folder, clock)
    (folder / "policies" / "all.yaml").write_text(POLICIES, encoding="utf-8")
    bill(*rows).write_parquet(folder / "bills" / "march.parquet")
    run = collect(container.sources["sample"], container.lake, clock).run
    assert run.error == ""
    container.state.collections.record(run)
    board = PublishedState()
    publisher = Publisher(board, PrometheusExporter(), PagesExporter(), PROFILES)

    def operations(error: str) -> Operations:
        return wiring.operations_reader(container).read(leader=True, evaluation_error=error)

    verdicts = wiring.evaluations(container, publisher, operations)
    verdicts.scan(lambda: None)
    assert verdicts.evaluate() is not None, verdicts.error
    for scope in ("team = 'search'", "team <> 'checkout'", "team IN ('search', 'ml')", "ServiceName = 'Compute'"):
        container.savings.claim(scope, T0.date(), actor=Actor("anna", Proof.TERMINAL), key=scope)
    grants: dict[str, dict[str, Any]] = {
        "search": {"teams": ["search"]}, "none": {"teams": []}, "all": {"role": "responder"},
    }  # fmt: skip
    tokens = {}
    for name, grant in grants.items():
        (folder / f"{name}.token").write_text(name, encoding="utf-8")
        tokens[name] = {"token": {"file": f"{name}.token"}, **grant}
    access = Access.of(Auth.model_validate({"tokens": tokens}), folder)
    app = Edge(api_of(board, container, signing_key=lambda: bytes(32)), board, access, Site())
    try:
        yield Client(app), container
    finally:
        container.close()


def read(client: Client, path: str, token: str = "search") -> httpx.Response:
    return client.ask("GET", path, token)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Container]]:
    with world(tmp_path_factory.mktemp("teams") / "here", OWN + others(1)) as made:
        yield made


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Container]]:
    with world(tmp_path_factory.mktemp("teams") / "elsewhere", OWN + others(2)) as made:
        yield made


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Container]]:
    with world(tmp_path_factory.mktemp("teams") / "alone", OWN) as made:
        yield made


ALERT = alert_id("search-monthly", {})
OPEN = [
    "/", "/?text=check", "/alerts", f"/alerts/{ALERT}", "/policies", "/policies?text=e", "/policies/search-monthly",
    "/policies/by-team?group=team%3Dsearch", "/policies/by-team", "/statements", "/statements/2026-03.csv",
    "/statements/2026-03.html", "/statements/2026-03.xlsx", "/statements/2026-03.csv?by=ServiceName",
    "/costs", "/costs?by=team", "/costs?by=ServiceName&scope=team+%3D+%27checkout%27", "/costs?by=ResourceId",
    "/costs?scope=1%3D1+OR+team+%3D+%27ml%27", "/costs.csv?by=team", "/costs.xlsx?by=team", "/costs.svg",
    "/api/v1/findings", "/api/v1/findings?policy=everything", "/api/v1/alerts", f"/api/v1/alerts/{ALERT}",
    f"/api/v1/alerts/{ALERT}/history", "/api/v1/costs", "/api/v1/costs?by=team&by=ServiceName&every=month",
    "/incidents", "/api/v1/incidents",
    "/api/v1/costs?by=ResourceId", "/api/v1/costs?compare=previous", "/api/openapi.json", "/static/finops.css",
    "/radar", "/radar?by=team", "/api/v1/radar", "/savings",
]  # fmt: skip
"""Addresses that a viewer of search may read."""
ROUTES_OPEN = {
    *PAGES, "/charts/{place}/{name}.svg", "/statements/{month}.{form}", "/healthz", "/readyz", "/api/openapi.json",
    "/api/v1/findings", "/api/v1/findings/{id}", "/api/v1/findings/{id}/days", "/api/v1/alerts",
    "/api/v1/alerts/{id}", "/api/v1/alerts/{id}/history", "/api/v1/costs", "/api/v1/incidents",
    "/api/v1/radar",
}  # fmt: skip
ROUTES_CLOSED = {
    "/sources", "/policies/{name}/tests", "/api/v1/silences", "/api/v1/silences/{id}", "/api/v1/deliveries",
    "/api/v1/policies", "/api/v1/policies/{name}", "/api/v1/policies/{name}/tests", "/api/v1/sources",
    "/api/v1/sources/{name}", "/api/v1/restatements", "/api/v1/evaluations/latest", "/api/v1/audit",
    "/api/v1/policy-faults", "/api/v1/sources/{name}/quality", "/budgets", "/budgets.xlsx", "/api/v1/budgets",
    "/api/v1/savings",
}  # fmt: skip


def routes(container: Container) -> set[str]:
    """Every address that can be read by somebody."""
    everybody = api_of(PublishedState(), container, signing_key=lambda: bytes(32))
    app: Any = getattr(everybody, "_everybody")  # noqa: B009 - the test looks behind the dispatcher
    pages = {route.path for route in app.routes if "GET" in (getattr(route, "methods", None) or ())}
    return pages | {path for path, methods in app.openapi()["paths"].items() if "get" in methods}


def test_every_route_is_open_to_viewers_of_teams_or_closed_on_purpose(here: tuple[Client, Container]) -> None:
    client, container = here
    found = routes(container)
    assert found - ROUTES_OPEN - ROUTES_CLOSED == set(), "decide who may read these, see finops/web/team_app.py"
    assert set(PAGES) <= set(pages_exporter().paths)
    for path in found - ROUTES_OPEN:
        answer = read(client, re.sub(r"\{\w+\}", "search-monthly", path))
        assert answer.status_code == 403, path
        assert "its teams only" in answer.text
    assert read(client, "/metrics").status_code == 403
    assert read(client, "/metrics", "all").status_code == 200


@pytest.mark.parametrize("path", OPEN)
def test_what_others_spend_changes_nothing(
    path: str,
    here: tuple[Client, Container],
    elsewhere: tuple[Client, Container],
    alone: tuple[Client, Container],
) -> None:
    answers = [read(client, path) for client, _ in (here, elsewhere, alone)]

    assert [one.status_code for one in answers] == [200, 200, 200], answers[0].text
    first, *rest = (content(one, path) for one in answers)
    assert rest == [first, first]
    for secret in ("77777", "88888", "66671", "Secret1", "checkout-Compute"):
        assert secret not in json.dumps(first)
    if path in {"/costs?by=team", "/api/v1/costs", "/statements/2026-03.csv", "/api/v1/findings"}:
        assert "23.75" in json.dumps(first) or "1.25" in json.dumps(first)


def content(answer: httpx.Response, path: str) -> Mapping[str, str]:
    """What a reader sees. Of a workbook, its parts; of a page, without the time that the evaluation took."""
    if ".xlsx" in path:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            return {name: book.read(name).decode() for name in book.namelist() if "docProps" not in name}
    return {"text": re.sub(r"\d+\.\d s", "", answer.text)}


def test_findings_and_alerts_of_others_are_not_found_by_their_ids(here: tuple[Client, Container]) -> None:
    client, _ = here
    everything = read(client, "/api/v1/findings", "all").json()
    own = {one["id"] for one in read(client, "/api/v1/findings").json()}
    seen = {(one["policy"], one["group"].get("team", "")) for one in everything if one["id"] in own}
    assert seen == {("search-monthly", ""), ("by-team", "search")}
    for one in everything:
        expected = 200 if one["id"] in own else 404
        assert read(client, f"/api/v1/findings/{one['id']}").status_code == expected
        assert read(client, f"/api/v1/findings/{one['id']}/days").status_code == expected
        alert = alert_id(one["policy"], one["group"])
        assert read(client, f"/api/v1/alerts/{alert}").status_code in {expected, 404}
        assert read(client, f"/alerts/{alert}").status_code in {expected, 404}
        if expected == 404:
            assert read(client, f"/api/v1/findings/{one['id'][:8]}").status_code == 404
            assert read(client, f"/alerts/{alert}").status_code == 404
    assert read(client, "/policies/everything").status_code == 404


def test_incidents_are_seen_by_their_own_team(here: tuple[Client, Container]) -> None:
    client, container = here
    day = {date(2026, 3, 17): IncidentDay(Decimal(180), Decimal(100))}
    begun = [
        Incident(
            f"i-{team}", "by-team", "Anomaly", "", {"team": team}, "finance", alert_id("by-team", {"team": team}),
            date(2026, 3, 17), "EUR", day, T0,
        )
        for team in ("search", "ml")
    ]  # fmt: skip
    container.state.alerts.respond(T0, lambda _: AlertStep(incidents=tuple(begun)))
    try:
        for token, seen in (("search", ["search"]), ("all", ["ml", "search"]), ("none", [])):
            found = read(client, "/api/v1/incidents", token)
            assert sorted(one["group"]["team"] for one in found.json()) == seen
            assert found.headers["x-total-count"] == str(len(seen))
            page = read(client, "/incidents", token).text
            assert [team for team in ("ml", "search") if f"<bdi>{team}</bdi>" in page] == seen
    finally:
        ended = [replace(one, end=IncidentEnd.WITHDRAWN, ended_at=T0 - timedelta(days=900)) for one in begun]
        container.state.alerts.respond(T0, lambda _: AlertStep(incidents=tuple(ended)))
        container.state.prune(keep=timedelta(days=800))


def test_pages_offer_no_way_to_what_is_closed(here: tuple[Client, Container]) -> None:
    client, _ = here
    for path in ("/", "/statements", "/costs"):
        theirs, everybodys = read(client, path).text, read(client, path, "all").text
        for closed in ('href="/sources"', 'href="/metrics"'):
            assert closed in everybodys
            assert closed not in theirs
    assert "No source is set up" not in read(client, "/").text


def test_a_viewer_of_no_team_sees_nothing_and_changes_nothing(here: tuple[Client, Container]) -> None:
    client, _ = here
    assert read(client, "/api/v1/findings", "none").json() == []
    assert read(client, "/api/v1/costs", "none").json()["rows"] == []
    assert read(client, "/statements/2026-03.csv", "none").status_code == 404
    refused = client.ask("POST", "/evaluate", "search")
    assert refused.status_code == 403


def test_what_is_refused_is_in_the_audit_log_once(here: tuple[Client, Container]) -> None:
    client, container = here
    for _ in range(3):
        assert read(client, "/sources?x=1").status_code == 403
    entries = container.state.audit.page(limit=100, action=AuditAction.REFUSED).entries
    assert [(str(one.actor), one.subject, one.why) for one in entries if one.subject == "/sources"] == [
        ("search (token from 127.0.0.1)", "/sources", "sees search only")
    ]


def test_a_part_that_a_snapshot_gains_is_taken_over_on_purpose() -> None:
    taken_over = {
        "as_of", "evaluated_seconds", "data_version", "timezone", "findings", "tracks", "sources", "policies", "radar",
    }  # fmt: skip
    everybodys = {"families", "folded", "month"}
    assert set(Snapshot.__dataclass_fields__) == taken_over | everybodys, "decide in finops/app/team_sight.py"
