"""What holds for every route: who may, in what form, and that an unchanged answer is not sent twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.web.api.world import World

Route = tuple[str, str, str]
"""Method, path with its parameters filled, the role that its description names."""


@pytest.fixture(scope="module")
def described(viewer: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = viewer.get("/api/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def nobody(served: World) -> Iterator[httpx.Client]:
    with served.client(None) as client:
        yield client


@pytest.fixture(scope="module")
def routes(described: dict[str, Any]) -> list[Route]:
    return [
        (method.upper(), path.format(id="ffff", name="nobody"), operation["x-finops-role"])
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if path != "/healthz"
    ]


def test_every_promised_route_is_there(described: dict[str, Any]) -> None:
    promised = ("findings", "alerts", "policies", "sources", "costs", "silences", "deliveries", "audit")
    assert {f"/api/v1/{name}" for name in promised} <= set(described["paths"])


def test_every_route_refuses_without_its_role(
    routes: list[Route], nobody: httpx.Client, viewer: httpx.Client, responder: httpx.Client
) -> None:
    assert {role for _, _, role in routes} == {"viewer", "responder"}
    for method, path, role in routes:
        assert nobody.request(method, path).status_code == 401, (method, path)
        refused = viewer.request(method, path).status_code == 403
        assert refused == (role == "responder"), (method, path)
        assert responder.request(method, path).status_code not in {401, 403}, (method, path)


def test_every_refusal_is_a_problem_document(routes: list[Route], nobody: httpx.Client) -> None:
    for method, path, _ in routes:
        if path.startswith("/api/"):
            answer = nobody.request(method, path)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == 401
            assert set(answer.json()) == {"type", "title", "status", "detail"}


def test_every_status_of_every_route_is_described(described: dict[str, Any]) -> None:
    for path, operations in described["paths"].items():
        for operation in operations.values():
            if not path.startswith("/api/"):
                continue
            assert {"401", "403", "500", "503"} <= set(operation["responses"]), path
            assert operation["summary"], path
            for status, response in operation["responses"].items():
                assert response["description"], (path, status)
                if int(status) >= 400:
                    [(kind, content)] = response["content"].items()
                    assert kind == "application/problem+json"
                    assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                elif status != "304":
                    assert response["content"]["application/json"]["schema"], (path, status)


def test_reads_are_not_sent_twice(routes: list[Route], responder: httpx.Client) -> None:
    read = 0
    for method, path, _ in routes:
        first = responder.request(method, path)
        if method != "GET" or not path.startswith("/api/v1/") or first.status_code == 404:
            continue
        read += 1
        tag = first.headers["etag"]
        for known in (tag, f'"other", {tag}', "*"):
            again = responder.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        assert responder.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200
    assert read >= 9


def test_head_is_get_without_a_body(routes: list[Route], responder: httpx.Client) -> None:
    for method, path, _ in routes:
        if method == "GET":
            got, head = responder.get(path), responder.head(path)
            assert (head.status_code, head.content) == (got.status_code, b""), path
            assert head.headers["content-type"] == got.headers["content-type"]


def test_options_and_unknown_methods_name_what_an_address_takes(routes: list[Route], responder: httpx.Client) -> None:
    taken: dict[str, set[str]] = {}
    for method, path, _ in routes:
        taken.setdefault(path, {"OPTIONS"}).update({"GET", "HEAD"} if method == "GET" else {method})
    for path, methods in taken.items():
        options, refused = responder.options(path), responder.request("PATCH", path)
        assert (options.status_code, refused.status_code) == (204, 405), path
        assert set(options.headers["allow"].split(", ")) == set(refused.headers["allow"].split(", ")) == methods


def test_big_answers_are_compressed_for_who_can_read_that(viewer: httpx.Client) -> None:
    packed = viewer.get("/api/v1/findings")
    plain = viewer.get("/api/v1/findings", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.headers["etag"] == plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(plain.content)


def test_answers_are_ascii_json_whatever_the_names(viewer: httpx.Client) -> None:
    for path in ("findings", "alerts", "costs?by=ServiceName", "deliveries", "sources", "policies"):
        body = viewer.get(f"/api/v1/{path}").content
        assert body.isascii(), path
        json.loads(body)


def test_a_body_that_is_too_big_is_refused_unread(responder: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"note": "'
        for _ in range(40):
            yield b"x" * 65536

    for content in (b"x" * 2_000_000, pieces()):
        answer = responder.post(
            "/api/v1/alerts/ffff/acknowledge", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
