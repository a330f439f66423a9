"""docs/api.md says what the routes are, and its examples run.

``FINOPS_WRITE_GOLDEN=1`` writes the generated part anew.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from tests.integration.web.api.api_page import EXAMPLES, Example, generated, routes_of
from tests.integration.web.api.world import World, begin_incident

PAGE = Path(__file__).parents[4] / "docs" / "api.md"
MARK = "<!-- generated: the routes -->\n"


def test_the_page_lists_every_route(viewer: httpx.Client) -> None:
    made = generated(viewer.get("/api/openapi.json").json())
    written, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
    if os.environ.get("FINOPS_WRITE_GOLDEN"):
        PAGE.write_text(f"{written}{MARK}\n{made}", encoding="utf-8")
        return
    assert rest == f"\n{made}", "FINOPS_WRITE_GOLDEN=1 writes it anew"


def test_every_route_has_an_example_that_runs(own: World, client: httpx.Client) -> None:
    begin_incident(own, client.get("/api/v1/alerts").json()[0], date(2026, 3, 12))
    described: dict[str, Any] = client.get("/api/openapi.json").json()
    assert {route for route, _ in routes_of(described)} == {example.route for example in EXAMPLES}
    # a silence and a claim are there to be looked at
    first = {"POST /api/v1/silences": -1, "POST /api/v1/savings": -1, "POST /api/v1/silences/{id}/lift": 1}
    for example in sorted(EXAMPLES, key=lambda one: first.get(one.route, 0)):
        _run(client, example)


def _run(client: httpx.Client, example: Example) -> None:
    """What curl would send, with the first thing of its list for ``ID`` and ``NAME``."""
    path = example.path
    if "ID" in path or "NAME" in path:
        listed = client.get(path.partition("/ID")[0].partition("/NAME")[0]).json()
        first = listed[0] if isinstance(listed, list) else listed["savings"][0]
        path = path.replace("ID", first.get("id", "")).replace("NAME", first.get("name", ""))
    method = example.route.partition(" ")[0]
    headers = dict(header.split(": ", 1) for header in example.headers)
    answer = client.request(method, path, json=example.body, headers=headers)
    assert answer.status_code in {200, 201, 202}, (example.curl, answer.text)
