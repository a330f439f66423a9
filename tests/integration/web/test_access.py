"""Nothing is shown to somebody without a role, and no secret shows anywhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from finops.app.exporters import pages_exporter
from finops.config.http_model import Auth
from finops.errors import AccessDenied
from finops.web import Access, Role
from finops.web.edge.sign_ins import SignIns
from tests.integration.web.served import published
from tests.support.snapshots import evaluation, operations, snapshot

VIEWER, RESPONDER, PASSWORD = "viewer-token-7Qz", "responder-token-9Kd", "pässword: with colon"
EVERY_ROUTE = [
    "/",
    "/metrics",
    "/readyz",
    "/api/v1/findings",
    "/api/openapi.json",
    "/static/finops.css",
    "/static/icon.svg",
    "/nowhere",
    "/api/nowhere",
]

PAGES = [
    *(re.sub(r"\{\w+\}", "x", path) for path in pages_exporter().paths),
    "/charts/x/y.svg",
    "/statements/2026-03.csv",
]
FORMS = ["/alerts/x/acknowledge", "/alerts/x/silence", "/silences/x/lift", "/collect", "/evaluate"]


def settings(folder: Path) -> Auth:
    (folder / "responder").write_text(f"{RESPONDER}\n", encoding="utf-8")
    return Auth.model_validate(
        {
            "tokens": {
                "grafana": {"token": {"env": "VIEWER_TOKEN"}},
                "pager": {"token": {"file": "responder"}, "role": "responder"},
            },
            "basic": {"anna": {"password": {"env": "ANNA_PASSWORD"}}},
        }
    )


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    folder = tmp_path_factory.mktemp("secrets")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIEWER_TOKEN", VIEWER)
        patch.setenv("ANNA_PASSWORD", PASSWORD)
        # an hour between any two attempts: none has to wait
        yield Access.of(settings(folder), folder, SignIns(monotonic=count(step=3600).__next__))


@pytest.fixture(scope="module")
def url(access: Access) -> Iterator[str]:
    with published(snapshot(evaluation(tracks=False)), operations(), access) as served:
        yield served


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


WRONG: list[dict[str, Any]] = [
    {},
    bearer("wrong"),
    {"Authorization": "Bearer"},
    bearer(VIEWER[:-1]),
    bearer(VIEWER + "x"),
    {"Authorization": b"Bearer anna:" + PASSWORD.encode()},
    basic("anna", "wrong"),
    basic("", PASSWORD),
    basic("grafana", VIEWER),
    basic("bert", PASSWORD),
    {"Authorization": "Basic not-base64!"},
    {"Authorization": f"Digest {VIEWER}"},
    {"Authorization": VIEWER},
]


@pytest.mark.parametrize("path", EVERY_ROUTE)
def test_every_route_refuses_without_a_role(url: str, path: str) -> None:
    for headers in WRONG:
        for method in ("GET", "HEAD", "POST"):
            answer = httpx.request(method, f"{url}{path}", headers=headers)
            assert answer.status_code == 401, (method, headers)
            assert ("Authentication required: a token or a login." in answer.text) == (method != "HEAD")
            challenges = answer.headers.get_list("www-authenticate")
            assert sorted(challenge.split(" ")[0] for challenge in challenges) == ["Basic", "Bearer"]


@pytest.mark.parametrize("path", [*PAGES, *FORMS])
def test_pages_and_forms_refuse_without_their_role(url: str, path: str) -> None:
    for headers in WRONG[:2]:
        assert httpx.get(f"{url}{path}", headers=headers).status_code == 401
        assert httpx.post(f"{url}{path}", headers=headers).status_code == 401
    refused = httpx.post(f"{url}{path}", headers=bearer(VIEWER))
    assert refused.status_code == 403
    assert "responder" in refused.text


def test_liveness_needs_no_role(url: str) -> None:
    assert httpx.get(f"{url}/healthz").text == "alive\n"


@pytest.mark.parametrize("headers", [bearer(VIEWER), bearer(RESPONDER), basic("anna", PASSWORD)])
@pytest.mark.parametrize("path", EVERY_ROUTE)
def test_a_viewer_reads(url: str, path: str, headers: dict[str, str]) -> None:
    assert httpx.get(f"{url}{path}", headers=headers).status_code == (404 if "nowhere" in path else 200)


@pytest.mark.parametrize("path", EVERY_ROUTE)
def test_a_viewer_changes_nothing(url: str, path: str) -> None:
    answer = httpx.post(f"{url}{path}", headers=bearer(VIEWER))
    assert answer.status_code == 403
    assert "responder" in answer.text
    assert httpx.post(f"{url}{path}", headers=bearer(RESPONDER)).status_code in {404, 405}


def test_no_secret_shows(url: str, access: Access, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (*EVERY_ROUTE, "/healthz"):
        for headers in (bearer(VIEWER), basic("anna", PASSWORD), basic("anna", "wrong")):
            answer = httpx.get(f"{url}{path}", headers=headers)
            shown = answer.text + str(answer.headers)
            assert not any(secret in shown for secret in (VIEWER, RESPONDER, PASSWORD))
    captured = capsys.readouterr()
    for secret in (VIEWER, RESPONDER, PASSWORD):
        assert secret not in captured.out + captured.err + repr(access)


def role(access: Access, authorization: str) -> Role | None:
    caller = access.caller({"client": ("10.0.0.9", 1), "headers": [(b"authorization", authorization.encode())]})
    return caller.role if caller else None


def test_a_rotated_secret_counts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIEWER_TOKEN", "old")
    monkeypatch.setenv("ANNA_PASSWORD", PASSWORD)
    access = Access.of(settings(tmp_path), tmp_path)
    assert role(access, "Bearer old") is Role.VIEWER
    monkeypatch.setenv("VIEWER_TOKEN", "new")
    assert role(access, "Bearer old") is None
    assert role(access, "bearer  new ") is Role.VIEWER


def test_a_secret_that_vanishes_lets_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIEWER_TOKEN", VIEWER)
    monkeypatch.setenv("ANNA_PASSWORD", PASSWORD)
    access = Access.of(settings(tmp_path), tmp_path)
    (tmp_path / "responder").write_text("\n", encoding="utf-8")
    assert role(access, "Bearer ") is None
    (tmp_path / "responder").unlink()
    assert role(access, f"Bearer {RESPONDER}") is None
    assert role(access, f"Bearer {VIEWER}") is Role.VIEWER


def test_a_secret_that_is_missing_or_empty_keeps_the_service_from_starting(tmp_path: Path) -> None:
    auth = Auth.model_validate({"tokens": {"x": {"token": {"env": "NOT_SET_ANYWHERE"}}}})
    with pytest.raises(AccessDenied, match="NOT_SET_ANYWHERE"):
        Access.of(auth, tmp_path)
    (tmp_path / "empty").touch()
    auth = Auth.model_validate({"tokens": {"x": {"token": {"file": "empty"}}}})
    with pytest.raises(AccessDenied, match="the secret is empty"):
        Access.of(auth, tmp_path)


def test_everybody_has_a_name_and_a_proof(access: Access) -> None:
    proven = {
        "Bearer " + VIEWER: "grafana (token from 10.0.0.9)",
        "Bearer " + RESPONDER: "pager (token from 10.0.0.9)",
        basic("anna", PASSWORD)["Authorization"]: "anna (basic from 10.0.0.9)",
    }
    for authorization, actor in proven.items():
        caller = access.caller({"client": ("10.0.0.9", 1), "headers": [(b"authorization", authorization.encode())]})
        assert caller is not None
        assert str(caller.actor) == actor


def test_without_auth_everybody_may_and_the_history_says_so(tmp_path: Path) -> None:
    caller = Access.of(None, tmp_path).caller({"client": ("127.0.0.1", 1), "headers": []})
    assert caller is not None
    assert caller.may_respond
    assert str(caller.actor) == "anybody (open from 127.0.0.1)"
