"""The application over a real socket."""

from __future__ import annotations

import gzip
import http.client
import json
import re
from collections.abc import Iterator
from unittest.mock import Mock
from urllib.parse import urlsplit

import httpx
import pytest

from finops.errors import Unreachable
from finops.model.finding import Finding
from finops.publish.operational_families import operational_families
from finops.web import Access, HttpServer, PublishedState
from finops.web.api.finding_document import FindingDocument
from finops.web.edge.auth_middleware import Edge
from finops.web.lazy import LazyApp
from tests.integration.web.served import SITE, published, publisher, running, serving
from tests.support.snapshots import evaluation, findings, operations, snapshot

OPENMETRICS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


@pytest.fixture(scope="module")
def served() -> Iterator[httpx.Client]:
    with published(snapshot(), operations()) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture(scope="module")
def waiting() -> Iterator[httpx.Client]:
    """Nothing was evaluated yet."""
    with published(None, operations()) as url, httpx.Client(base_url=url) as client:
        yield client


def raw(client: httpx.Client, method: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    """One exchange without a library that adds headers or decodes."""
    connection = http.client.HTTPConnection(urlsplit(str(client.base_url)).netloc, timeout=30)
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_an_application_that_cannot_be_made_without_its_state_is_unavailable() -> None:
    away = Unreachable("connection refused", where="state (postgresql://db)", remedy="Check that it runs")
    board, publish = publisher()
    publish.publish(None, operations())
    edge = Edge(LazyApp(Mock(side_effect=away)), board, Access(), SITE)
    with running(HttpServer(edge, host="127.0.0.1", port=0)) as url:
        answer = httpx.get(f"{url}/alerts", headers={"Host": "finops.example.com"})
        metrics = httpx.get(f"{url}/metrics", headers={"Host": "finops.example.com"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "unreachable" in answer.text
    assert metrics.status_code == 200


def test_metrics_are_text_unless_openmetrics_is_asked_for(served: httpx.Client) -> None:
    text, _ = raw(served, "GET", "/metrics")
    openmetrics, body = raw(served, "GET", "/metrics", Accept=OPENMETRICS)
    assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert openmetrics.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert body.endswith(b"# EOF\n")


def test_metrics_are_gzipped_only_for_who_can_read_it(served: httpx.Client) -> None:
    plain, plain_body = raw(served, "GET", "/metrics")
    packed, packed_body = raw(served, "GET", "/metrics", Accept_Encoding="gzip")
    refused, _ = raw(served, "GET", "/metrics", Accept_Encoding="gzip;q=0, identity")
    assert plain.headers["content-encoding"] is None
    assert refused.headers["content-encoding"] is None
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert gzip.decompress(packed_body) == plain_body


def test_metrics_hold_both_parts(served: httpx.Client) -> None:
    body = served.get("/metrics").text
    for family in (*snapshot().families, *operational_families(operations(), snapshot())):
        assert (f"# TYPE {family.name} " in body) == (len(family) > 0)


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/healthz", "/readyz", "/api/v1/findings", "/api/openapi.json", "/static/finops.css"]
)
def test_head_is_get_without_a_body(served: httpx.Client, path: str) -> None:
    got, body = raw(served, "GET", path)
    head, nothing = raw(served, "HEAD", path)
    assert (head.status, nothing) == (got.status, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert int(head.headers["content-length"]) == len(body) > 0


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/healthz", "/readyz", "/api/v1/findings", "/static/finops.css", "/nowhere", "/api/x"]
)
def test_security_headers_are_on_every_answer(served: httpx.Client, path: str) -> None:
    headers = served.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/", "/metrics", "/readyz", "/healthz", "/api/v1/findings", "/static/finops.css"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_can_only_be_read_says_so(served: httpx.Client, method: str, path: str) -> None:
    answer = served.request(method, path)
    assert answer.status_code == 405
    assert "use GET or HEAD" in answer.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/static/", "/static/../finops.css", "/api/v1/nothing", "/docs", "/healthz/"]
)
def test_what_is_not_there_says_so_in_plain_words(served: httpx.Client, path: str) -> None:
    answer = served.get(path)
    assert answer.status_code == 404
    assert "Page not found." in answer.text
    assert answer.headers["content-type"].startswith(
        "application/problem+json" if path.startswith("/api/") else "text/plain"
    )


def test_health_and_readiness(served: httpx.Client, waiting: httpx.Client) -> None:
    assert served.get("/healthz").text == "alive\n"
    assert waiting.get("/healthz").status_code == 200
    assert served.get("/readyz").text == "ready: evaluated as of 2026-03-20T06:00:00Z, 300 seconds ago\n"
    not_ready = waiting.get("/readyz")
    assert (not_ready.status_code, not_ready.text) == (503, "not ready: no evaluation yet\n")


def test_before_the_first_evaluation_there_is_a_page_and_a_part_of_the_metrics(waiting: httpx.Client) -> None:
    assert "No verdicts yet." in waiting.get("/").text
    body = waiting.get("/metrics").text
    assert 'finops_source_up{kind="focus-files",source="datacentre"} 0.0' in body
    assert "finops_evaluation_timestamp_seconds" not in body
    assert waiting.get("/api/v1/findings").status_code == 503, "an empty list would say that all is well"


def test_before_anything_is_published_it_says_so() -> None:
    with serving(PublishedState()) as url:
        for path in ("/", "/metrics"):
            answer = httpx.get(f"{url}{path}")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert httpx.get(f"{url}/readyz").status_code == 503


def test_findings_are_those_of_the_snapshot(served: httpx.Client) -> None:
    answer = served.get("/api/v1/findings")
    assert answer.json() == [finding.to_json() for finding in findings()]
    assert [Finding.from_json(item) for item in answer.json()] == list(findings())
    assert answer.headers["x-total-count"] == "9"
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("policy=checkout-monthly", 2),
        ("state=firing", 4),
        ("kind=Budget&state=firing", 3),
        ("state=unknown&owner=infrastructure", 1),
        ("policy=nobody", 0),
    ],
)
def test_findings_are_filtered(served: httpx.Client, query: str, count: int) -> None:
    assert len(served.get(f"/api/v1/findings?{query}").json()) == count


def test_pages_of_findings_join_to_the_whole(served: httpx.Client) -> None:
    seen, path = [], "/api/v1/findings?kind=Budget&limit=3"
    while path:
        answer = served.get(path)
        seen += answer.json()
        assert answer.headers["x-total-count"] == "8"
        following = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        path = following[1] if following else ""
    assert seen == served.get("/api/v1/findings?kind=Budget").json()


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=99999", "offset=-1", "state=perhaps", "staet=firing"])
def test_a_bad_question_is_answered_in_words(served: httpx.Client, query: str) -> None:
    answer = served.get(f"/api/v1/findings?{query}")
    assert answer.status_code == 422
    problem = answer.json()
    name = query.split("=", 1)[0]
    assert problem["detail"].startswith(name)
    assert [fault["at"] for fault in problem["faults"]] == [f"query/{name}"]


def test_findings_are_as_described(served: httpx.Client) -> None:
    for item in served.get("/api/v1/findings").json():
        document = FindingDocument.model_validate_json(json.dumps(item))
        assert set(item) == {field.alias or name for name, field in FindingDocument.model_fields.items()}
        assert document.id == item["id"]


def test_an_unchanged_page_is_not_sent_again(served: httpx.Client) -> None:
    first = served.get("/")
    again = served.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_refresh_shows_at_once_and_keeps_the_snapshot() -> None:
    board, publish = publisher()
    publish.publish(snapshot(evaluation(tracks=False)), operations())
    with serving(board) as url:
        before = httpx.get(f"{url}/metrics").text
        publish.refresh(type(operations())(leader=False))
        after = httpx.get(f"{url}/metrics").text
    assert "finops_leader 1.0" in before
    assert "finops_leader 0.0" in after
    assert "finops_source_up" not in after
    assert [line for line in before.splitlines() if "finops_budget_" in line and "family=" not in line] == [
        line for line in after.splitlines() if "finops_budget_" in line and "family=" not in line
    ]


def test_a_fault_of_our_own_is_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(finding: Finding) -> dict[str, object]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Finding, "to_json", broken)
    with published(snapshot(evaluation(tracks=False)), operations()) as url:
        answer = httpx.get(f"{url}/api/v1/findings")
    assert answer.status_code == 500
    assert answer.json()["detail"] == "Internal error. See the log of the service."
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/", "/metrics", "/readyz", "/api/v1/findings"])
def test_options_names_what_an_address_takes(served: httpx.Client, path: str) -> None:
    answer = served.options(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert served.options("/nowhere").status_code == 404
