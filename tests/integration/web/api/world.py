"""A service with bills, verdicts, alerts and messages behind a real socket, and people with roles in front of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from finops.app.collection.source import collect
from finops.app.container import Container
from finops.config.http_model import Auth
from finops.model.incident import Incident, IncidentDay
from finops.model.operations import Operations
from finops.ports.state import AlertStep
from finops.service import wiring
from finops.service.evaluation import Evaluations
from finops.web import Access, HttpServer, PublishedState, Publisher, Site
from finops.web.application import api_of
from finops.web.edge.auth_middleware import Edge
from finops_exporters.prometheus import PrometheusExporter
from tests.integration.web.project import make_project
from tests.integration.web.served import PAGES
from tests.support.focus_frames import bill
from tests.support.hostile_names import HOSTILE_NAMES
from tests.support.profiles import PROFILES
from tests.support.verdicts import T0, MovableClock

TOKENS = {"viewer": "viewer-token-7Qz", "responder": "responder-token-9Kd"}
SERVICES = {
    "compute": "Compute",
    **{kind: name for kind, name in HOSTILE_NAMES.items() if kind not in {"controls", "path"}},
}
"""Kind of name -> the name. A bill with NUL in it is no text that PostgreSQL or Delta would keep."""

POLICIES = """\
apiVersion: finops/v1
kind: Budget
metadata: {name: everything, owner: finance, description: All that is billed}
spec:
  scope: BillingCurrency = 'EUR'
  period: month
  amount: 1 EUR
  alerts: [{when: spent > 80%, severity: critical}]
---
apiVersion: finops/v1
kind: Budget
metadata: {name: by-service, owner: platform}
spec:
  scope: BillingCurrency = 'EUR'
  group_by: [ServiceName]
  period: month
  amount: 20 EUR
  alerts: [{when: spent > 50%, severity: warning}]
"""
TEST = """\
policy: everything
now: 2026-03-20T06:00:00Z
costs: |
  day,EffectiveCost
  2026-03-01..2026-03-19,1
expect: [{state: firing, severity: critical}]
"""


@dataclass(frozen=True)
class World:
    url: str
    container: Container
    clock: MovableClock
    verdicts: Evaluations
    folder: Path

    def client(self, role: str | None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {TOKENS[role]}"} if role else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


@dataclass(frozen=True)
class Judged:
    """A project whose bill was collected and judged. ``board``: what that made public."""

    container: Container
    clock: MovableClock
    verdicts: Evaluations
    board: PublishedState


def begin_incident(world: World, alert: Mapping[str, Any], since: date) -> None:
    """An open incident of an alert, one day long."""
    incident = Incident(
        id=f"incident-{since}",
        policy=alert["policy"],
        kind="Anomaly",
        policy_digest="",
        group=alert["group"],
        owner=alert["owner"],
        alert_id=alert["id"],
        since=since,
        currency="EUR",
        days={since: IncidentDay(Decimal("180.25"), Decimal("100.125"))},
        seen_at=T0,
    )
    world.container.state.alerts.respond(T0, lambda _: AlertStep(incidents=(incident,)))


@contextmanager
def judged(folder: Path) -> Iterator[Judged]:
    """Twenty days of March 2026 as of the 20th; every service costs 1 EUR a day, compute 1 USD as well."""
    clock = MovableClock(T0)
    container = make_project(folder, clock)
    (folder / "policies" / "all.yaml").write_text(POLICIES, encoding="utf-8")
    (folder / "policies" / "all.test.yaml").write_text(TEST, encoding="utf-8")
    _bill().write_parquet(folder / "bills" / "march.parquet")
    run = collect(container.sources["sample"], container.lake, clock).run
    assert run.error == ""
    container.state.collections.record(run)
    board = PublishedState()
    publisher = Publisher(board, PrometheusExporter(), PAGES, PROFILES)

    def operations(error: str) -> Operations:
        return wiring.operations_reader(container).read(leader=True, evaluation_error=error)

    verdicts = wiring.evaluations(container, publisher, operations)
    verdicts.scan(lambda: None)
    assert verdicts.evaluate() is not None, verdicts.error
    try:
        yield Judged(container, clock, verdicts, board)
    finally:
        container.close()


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """The same behind a server."""
    with judged(folder) as made:
        app = Edge(
            api_of(made.board, made.container, signing_key=lambda: bytes(32)), made.board, _access(folder), Site()
        )
        server = HttpServer(app, host="127.0.0.1", port=0)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            assert server.wait_until_serving(timeout_seconds=30)
            yield World(server.url, made.container, made.clock, made.verdicts, folder)
        finally:
            server.stop()
            thread.join(30)


def _access(folder: Path) -> Access:
    tokens = {}
    for role, token in TOKENS.items():
        (folder / f"{role}.token").write_text(token, encoding="utf-8")
        tokens[f"{role}-token"] = {"token": {"file": f"{role}.token"}, "role": role}
    return Access.of(Auth.model_validate({"tokens": tokens}), folder)


def _bill() -> pl.DataFrame:
    days = [date(2026, 3, 1) + timedelta(days=offset) for offset in range(19)]
    rows = [_row(day, name) for day in days for name in SERVICES.values()]
    return bill(*rows, *(_row(day, "Compute", "USD") for day in days))


def _row(day: date, service: str, currency: str = "EUR") -> dict[str, str]:
    return {
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ContractedCost", "ListCost"), "1"),
        "BillingCurrency": currency,
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ChargePeriodEnd": f"{day + timedelta(days=1)}T00:00:00Z",
        "ServiceName": service,
        "Tags": json.dumps({"team": "checkout" if service == "Compute" else "search"}),
    }
