"""A header names a person only where a trusted proxy sends it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML
from structlog.testing import capture_logs

from finops.config.http_model import Auth, Http
from finops.web import Access, Caller, Role
from tests.integration.web.served import published
from tests.support.snapshots import operations

PROXY: dict[str, Any] = {
    "addresses": ["10.0.0.5", "fd00::/64"],
    "header": "X-Forwarded-User",
    "responders": ["anna@example.com"],
    "groups_header": "X-Forwarded-Groups",
    "responder_groups": ["on-call"],
}


def access(**changed: Any) -> Access:
    return Access.of(Auth.model_validate({"proxy": {**PROXY, **changed}}), Path())


def caller(peer: str, *fields: tuple[bytes, bytes], of: Access | None = None) -> Caller | None:
    return (of or access()).caller({"client": (peer, 1), "headers": list(fields)})


def user(name: str) -> tuple[bytes, bytes]:
    return (b"x-forwarded-user", name.encode())


def groups(names: str) -> tuple[bytes, bytes]:
    return (b"x-forwarded-groups", names.encode())


@pytest.mark.parametrize("peer", ["10.0.0.5", "fd00::1:2", "::ffff:10.0.0.5"])
def test_whom_a_trusted_proxy_names_is_believed(peer: str) -> None:
    named = caller(peer, user("bert@example.com"))
    assert named is not None
    assert (str(named.actor), named.role) == (f"bert@example.com (proxy from {peer})", Role.VIEWER)


def test_responders_are_named_or_of_a_named_group() -> None:
    roles = [
        found.role if found else None
        for found in (
            caller("10.0.0.5", user("anna@example.com")),
            caller("10.0.0.5", user("bert"), groups("finance, on-call")),
            caller("10.0.0.5", user("bert"), groups("on-call-2")),
            caller("10.0.0.5", user("bert"), groups("finance"), groups("on-call")),
            caller("10.0.0.5", groups("on-call")),
            caller("10.0.0.5", user("bert"), of=access(role="responder")),
        )
    ]
    assert roles == [Role.RESPONDER, Role.RESPONDER, Role.VIEWER, Role.VIEWER, None, Role.RESPONDER]


@pytest.mark.parametrize("peer", ["10.0.0.6", "127.0.0.1", "fd01::1", "", "somewhere"])
def test_from_anybody_else_the_header_is_ignored_and_that_is_logged(peer: str) -> None:
    with capture_logs() as logs:
        assert caller(peer, user("anna@example.com"), groups("on-call")) is None
    assert [(line["event"], line["peer"]) for line in logs] == [("http.proxy_header_ignored", peer)]


@pytest.mark.parametrize("names", [["a", "b"], ["a", "a"], [""], ["  "], ["a\x01"], ["\u202etxt"], ["x" * 300]])
def test_a_header_that_does_not_name_one_person_names_nobody(names: list[str]) -> None:
    with capture_logs() as logs:
        assert caller("10.0.0.5", *map(user, names)) is None
    assert [line["event"] for line in logs] == ["http.proxy_header_unclear"]


@pytest.mark.parametrize(
    ("hops", "address"),
    [
        (["203.0.113.9"], "203.0.113.9 via 10.0.0.5"),
        (["198.51.100.1, 203.0.113.9, 10.0.0.5"], "203.0.113.9 via 10.0.0.5"),
        (["198.51.100.1", "203.0.113.9"], "203.0.113.9 via 10.0.0.5"),
        (["2001:db8::1"], "2001:db8::1 via 10.0.0.5"),
        (["<script>"], "10.0.0.5"),
        (["10.0.0.5"], "10.0.0.5"),
        ([], "10.0.0.5"),
    ],
)
def test_the_person_s_own_address_is_the_last_that_a_proxy_heard(hops: list[str], address: str) -> None:
    named = caller("10.0.0.5", user("bert"), *((b"x-forwarded-for", hop.encode()) for hop in hops))
    assert named is not None
    assert named.actor.address == address


def test_tokens_work_beside_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRAPER", "secret")
    both = Access.of(Auth.model_validate({"proxy": PROXY, "tokens": {"prom": {"token": {"env": "SCRAPER"}}}}), Path())
    token = (b"authorization", b"Bearer secret")
    direct, through = caller("10.9.9.9", token, of=both), caller("10.0.0.5", token, user("bert"), of=both)
    assert direct is not None
    assert through is not None
    assert [direct.actor.name, through.actor.name] == ["prom", "bert"]


def test_past_the_proxy_nobody_comes_in() -> None:
    with published(None, operations(), access()) as url:
        answer = httpx.get(f"{url}/", headers={"X-Forwarded-User": "anna@example.com"})
    assert (answer.status_code, answer.text) == (403, "Sign in through the proxy in front of this service.\n")
    with published(None, operations(), access(addresses=["127.0.0.1"])) as url:
        assert httpx.get(f"{url}/", headers={"X-Forwarded-User": "bert"}).status_code == 200
        assert httpx.post(f"{url}/", headers={"X-Forwarded-User": "bert"}).status_code == 403
        assert httpx.post(f"{url}/", headers={"X-Forwarded-User": "anna@example.com"}).status_code == 405


def test_the_page_about_access_shows_a_configuration_that_holds() -> None:
    page = (Path(__file__).parents[3] / "docs" / "access.md").read_text(encoding="utf-8")
    block = next(block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if block.startswith("http:"))
    auth = Http.model_validate(YAML(typ="safe").load(block)["http"]).auth
    assert auth is not None
    assert auth.proxy is not None
    assert (set(auth.tokens), set(auth.basic)) == ({"prometheus", "pager"}, {"anna"})


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"addresses": ["proxy.internal"]}, "'proxy.internal' is not an IP address or network"),
        ({"addresses": ["0.0.0.0/0"]}, "'0.0.0.0/0' matches everybody"),
        ({"addresses": []}, "at least 1 item"),
        ({"header": "Authorization"}, "'Authorization' cannot be the header that names the user"),
        ({"header": "X User"}, "'X User' cannot be the header that names the user"),
        ({"groups_header": None}, "go together"),
    ],
)
def test_a_proxy_that_cannot_be_trusted_is_a_fault(changed: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        access(**changed)
