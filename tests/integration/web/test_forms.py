"""No other site can make a signed-in person's browser change something."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Request
from starlette.datastructures import FormData

from finops.app.clock import FixedClock
from finops.config.http_model import Auth
from finops.model.audit import Actor, Proof
from finops.web import Access, HttpServer, PublishedState, Site
from finops.web.edge.auth_middleware import Edge
from finops.web.edge.csrf import Forms, form_token, posted_form
from tests.integration.web.served import CLOCK, published
from tests.support.snapshots import operations

ANNA = Actor("anna", Proof.BASIC, "10.0.0.9")
KEY = b"k" * 32


def forms(key: bytes = KEY, later: timedelta = timedelta()) -> Forms:
    return Forms(lambda: key, FixedClock(CLOCK.now() + later))


def test_a_token_is_good_for_its_actor_in_every_replica() -> None:
    token = forms().token(ANNA)
    assert forms().is_valid(ANNA, token)
    assert forms(later=timedelta(hours=23)).is_valid(Actor("anna", Proof.BASIC, "10.0.0.7"), token)


def test_a_token_is_good_for_nobody_else() -> None:
    token = forms().token(ANNA)
    whose, made, signature = token.split(".")
    other, later, _ = forms(later=timedelta(hours=1)).token(Actor("bert", Proof.BASIC)).split(".")
    assert not forms().is_valid(Actor("bert", Proof.BASIC), token)
    assert not forms().is_valid(Actor("anna", Proof.TOKEN), token)
    assert not forms(b"x" * 32).is_valid(ANNA, token)
    assert not forms(later=timedelta(hours=25)).is_valid(ANNA, token)
    for forged in (
        "",
        ".",
        "1.",
        f"{whose}.{later}.{signature}",
        f"{other}.{made}.{signature}",
        f"{whose}.{made}.{signature}x",
        f"{whose}.{made}.é",
        f"{whose}.٣.{signature}",
        f"{whose}.{signature}",
    ):
        assert not forms().is_valid(ANNA, forged), forged


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Two people, one of whom is only a viewer, before a form."""
    app = FastAPI()
    app.state.forms = forms()

    @app.get("/form")
    def shown(request: Request) -> str:
        return form_token(request)

    @app.post("/form")
    def sent(form: Annotated[FormData, Depends(posted_form)]) -> str:
        return str(form["said"])

    proxy = {"addresses": ["127.0.0.1"], "header": "X-User", "role": "responder"}
    access = Access.of(Auth.model_validate({"proxy": proxy}), Path())
    server = HttpServer(
        Edge(app, PublishedState(), access, Site.of("https://finops.example.com")), host="127.0.0.1", port=0
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.wait_until_serving(timeout_seconds=30)
    yield server.url
    server.stop()
    thread.join(30)


def post(url: str, who: str, token: str | None, **headers: str) -> httpx.Response:
    data = {"said": "hello", **({"form_token": token} if token is not None else {})}
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.post(f"{url}/form", data=data, headers={"X-User": who, **fields})


def test_our_own_form_is_taken(url: str) -> None:
    token = httpx.get(f"{url}/form", headers={"X-User": "anna"}).json()
    own: tuple[dict[str, str], ...] = (
        {},
        {"Sec_Fetch_Site": "same-origin", "Origin": "null"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": url},
        {"Origin": "https://finops.example.com"},
        {"Origin": "https://FINOPS.example.com"},
    )
    for headers in own:
        assert post(url, "anna", token, **headers).json() == "hello", headers


def test_a_form_of_another_site_is_refused_even_with_a_token(url: str) -> None:
    token = httpx.get(f"{url}/form", headers={"X-User": "anna"}).json()
    foreign = (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Origin": url},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": "https://finops.example.com.evil.example"},
    )
    for headers in foreign:
        answer = post(url, "anna", token, **headers)
        assert answer.status_code == 403, headers
        assert "another site" in answer.text


def test_without_its_own_token_a_form_is_refused(url: str) -> None:
    others = httpx.get(f"{url}/form", headers={"X-User": "bert"}).json()
    for token in (None, "", "1.x", others):
        answer = post(url, "anna", token)
        assert answer.status_code == 403
        assert "Reload the page" in answer.text


def test_a_form_that_is_none_is_a_bad_request(url: str) -> None:
    kind = {"X-User": "anna", "Content-Type": "multipart/form-data; boundary=x"}
    assert httpx.post(f"{url}/form", content=b"nonsense", headers=kind).status_code == 400
    big = {"said": "x" * 100_000, "form_token": "x"}
    assert httpx.post(f"{url}/form", files={"f": b"x"}, data=big, headers={"X-User": "anna"}).status_code == 400


def test_where_nobody_signs_in_a_foreign_name_leads_nowhere() -> None:
    """A page of evil.example may point its own name at 127.0.0.1, and would read everything."""
    with published(None, operations()) as url:
        for host, status in {
            "evil.example": 421,
            "evil.example:9700": 421,
            "localhost:9700": 200,
            "[::1]:9700": 200,
            "127.0.0.1": 200,
            "finops.example.com": 200,
        }.items():
            assert httpx.get(f"{url}/", headers={"Host": host}).status_code == status, host


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/api/v1/alerts", "/nothing"])
@pytest.mark.parametrize(
    "fields",
    [
        {"Host": "["},
        {"Host": "[::1"},
        {"Host": "]"},
        {"Host": "[x]"},
        {"Host": "a:b"},
        {"Host": "a:99999"},
        {"Host": "a/b"},
        {"Host": "a@b"},
        {"Origin": "http://["},
        {"Origin": "http://[x]"},
        {"Origin": "http://a:99999"},
    ],
    ids=str,
)
def test_a_malformed_address_is_a_bad_request(malformed: str, path: str, fields: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(method, f"{malformed}{path}", headers=fields)
        assert answer.status_code == 400, answer.text
        assert "malformed" in answer.text


@pytest.fixture(scope="module")
def malformed() -> Iterator[str]:
    with published(None, operations()) as url:
        yield url


def test_what_breaks_before_the_application_is_logged_without_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> bool:
        raise ValueError("secret-of-a-caller")

    monkeypatch.setattr(Site, "is_foreign_host", broken)
    with published(None, operations()) as url:
        answer = httpx.get(f"{url}/")
    assert answer.status_code == 500
    assert "See the log of the service" in answer.text
    told = capsys.readouterr()
    assert "secret-of-a-caller" not in told.out + told.err
