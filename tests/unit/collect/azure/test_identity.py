"""Signing in: azure-identity itself, against an endpoint of ours."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import TypeAdapter, ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from finops.collect.azure.export import AzureCostExport, AzureCostExportOptions
from finops.collect.azure.identity import EntraCredential, SignInOptions
from finops.errors import AccessDenied, Unreachable
from tests.support.verdicts import MovableClock

SCOPE = "https://storage.azure.com/.default"


def credential(base: Path = Path(), **options: Any) -> EntraCredential:
    given: SignInOptions = TypeAdapter(SignInOptions).validate_python(options)
    return EntraCredential(given, base=base, source="azure-prod")


@pytest.fixture
def identity(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """The endpoint of a managed identity as App Service offers it: learn.microsoft.com/azure/app-service/
    overview-managed-identity, "REST endpoint reference"."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", httpserver.url_for("/identity"))
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_KEY", raising=False)
    return httpserver


def test_a_managed_identity_signs_requests_to_the_store(identity: HTTPServer) -> None:
    expires = str(int(time.time()) + 3600)
    token = {"access_token": "of-the-machine", "expires_on": expires, "resource": "r", "token_type": "Bearer"}
    identity.expect_request("/identity", headers={"X-IDENTITY-HEADER": "header"}).respond_with_json(token)
    listing = '<?xml version="1.0"?><EnumerationResults><Blobs/><NextMarker/></EnumerationResults>'
    identity.expect_request("/ourbills/exports", headers={"Authorization": "Bearer of-the-machine"}).respond_with_data(
        listing, content_type="application/xml"
    )
    identity.expect_request("/ourbills/exports/").respond_with_data(listing, content_type="application/xml")
    options = AzureCostExportOptions(
        account_url="https://ourbills.blob.core.windows.net",
        container="exports",
        endpoint=identity.url_for("").rstrip("/"),
        sign_in={"method": "managed-identity"},  # type: ignore[arg-type]
    )
    (check,) = AzureCostExport.from_options("bills", options, base=Path(), clock=MovableClock()).check()
    assert "no files were found" in check.detail


def test_a_fault_of_entra_is_no_refusal(authority: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("azure.core.pipeline.policies.RetryPolicy.sleep", lambda *_args, **_more: None)
    authority.expect_request("/adfs/oauth2/token").respond_with_data("down", status=503)
    monkeypatch.setenv("AZURE_APP_SECRET", "hush")
    own = credential(method="secret", client_secret={"env": "AZURE_APP_SECRET"}, **APPLICATION)
    with pytest.raises(Unreachable, match="does not answer"):
        own.get_token(SCOPE)


def test_a_refused_identity_is_access_denied_with_what_to_do(identity: HTTPServer) -> None:
    identity.expect_request("/identity").respond_with_json({"error": "no identity"}, status=400)
    with pytest.raises(AccessDenied, match="issued no token") as caught:
        credential(method="managed-identity").get_token(SCOPE)
    assert caught.value.where == "azure-prod, sign_in: managed-identity"
    assert "managed identity" in caught.value.remedy


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    """A token endpoint over TLS, as AD FS offers it: Entra's own is the same but asks Microsoft who it is first.

    Shape: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
    """
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with HTTPServer("localhost", 0, ssl_context=context) as server:
        address = f"https://localhost:{server.port}"
        monkeypatch.setenv("AZURE_AUTHORITY_HOST", address)
        about = {
            "authorization_endpoint": f"{address}/adfs/oauth2/authorize",
            "token_endpoint": f"{address}/adfs/oauth2/token",
            "issuer": f"{address}/adfs",
        }
        server.expect_request("/adfs/.well-known/openid-configuration").respond_with_json(about)
        yield server


def asked_for(server: HTTPServer) -> dict[str, str]:
    """The form of the newest question for a token."""
    sent = [request.form.to_dict() for request, _ in server.log if request.path.endswith("/token")]
    return sent[-1]


TOKEN = {"access_token": "of-the-application", "expires_in": 3600, "token_type": "Bearer"}
APPLICATION: dict[str, Any] = {"tenant_id": "adfs", "client_id": "app"}


def test_a_secret_is_sent_and_a_rotated_one_picked_up(authority: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(request: Request) -> Response:
        if request.form["client_secret"] == "the-new-one":
            return Response(json.dumps(TOKEN), content_type="application/json")
        refused = {"error": "invalid_client", "error_description": "AADSTS7000222: The client secret is expired."}
        return Response(json.dumps(refused), 401, content_type="application/json")

    authority.expect_request("/adfs/oauth2/token").respond_with_handler(answer)
    own = credential(method="secret", client_secret={"env": "AZURE_APP_SECRET"}, **APPLICATION)
    monkeypatch.setenv("AZURE_APP_SECRET", "the-old-one")
    with pytest.raises(AccessDenied, match="expired") as caught:
        own.get_token(SCOPE)
    assert "{env: AZURE_APP_SECRET} has expired" in caught.value.remedy
    assert "the-old-one" not in str(caught.value)
    monkeypatch.setenv("AZURE_APP_SECRET", "the-new-one")
    assert own.get_token(SCOPE).token == "of-the-application"
    assert (asked_for(authority)["client_secret"], asked_for(authority)["scope"]) == ("the-new-one", SCOPE)


def test_a_certificate_signs_the_question(authority: HTTPServer, tmp_path: Path) -> None:
    authority.expect_request("/adfs/oauth2/token").respond_with_json(TOKEN)
    application = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("app.example", key_type=trustme.KeyType.RSA)
    application.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "app.pem"))
    own = credential(tmp_path, method="certificate", certificate="app.pem", **APPLICATION)
    assert own.get_token(SCOPE).token == "of-the-application"
    assert asked_for(authority)["client_assertion"].count(".") == 2


def test_a_pods_federated_token_is_sent(authority: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.expect_request("/adfs/oauth2/v2.0/token").respond_with_json(TOKEN)
    (tmp_path / "token").write_text("of-the-service-account")
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
    own = credential(method="workload-identity", **APPLICATION)
    assert own.get_token(SCOPE).token == "of-the-application"
    assert asked_for(authority)["client_assertion"] == "of-the-service-account"


def test_a_secret_that_is_not_set_is_named_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_APP_SECRET", raising=False)
    own = credential(method="secret", tenant_id="t", client_id="c", client_secret={"env": "AZURE_APP_SECRET"})
    with pytest.raises(AccessDenied, match="environment variable is not set"):
        own.get_token(SCOPE)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_certificate_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "app.pem").write_bytes(content)
    own = credential(tmp_path, method="certificate", tenant_id="t", client_id="c", certificate="app.pem")
    with pytest.raises(AccessDenied) as caught:
        own.get_token(SCOPE)
    assert "app.pem" in caught.value.remedy


def test_a_pod_without_a_federated_token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AccessDenied) as caught:
        credential(method="workload-identity").get_token(SCOPE)
    assert "azure.workload.identity/use" in caught.value.remedy


@pytest.mark.parametrize(
    "options",
    [
        {"method": "password"},
        {"method": "secret", "tenant_id": "t", "client_id": "c", "client_secret": "inline"},
        {"method": "certificate", "tenant_id": "t", "client_id": "c"},
        {"method": "managed-identity", "tenant": "t"},
    ],
)
def test_mistyped_options_are_faults(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        credential(**options)


@pytest.mark.parametrize(
    ("url", "endpoint", "expected"),
    [
        ("https://ourbills.blob.core.windows.net/", None, None),
        ("https://ourbills.blob.core.chinacloudapi.cn", None, "https://ourbills.blob.core.chinacloudapi.cn"),
        ("http://127.0.0.1:10000/ourbills", None, "http://127.0.0.1:10000/ourbills"),
        ("https://ourbills.blob.core.windows.net", "http://127.0.0.1:10000", "http://127.0.0.1:10000"),
    ],
)
def test_addresses_of_accounts(url: str, endpoint: str | None, expected: str | None) -> None:
    location = AzureCostExportOptions(account_url=url, container="c", endpoint=endpoint).location("bills", Path())
    assert location.uri == "abfss://c@ourbills.dfs.core.windows.net"
    assert location.endpoint == expected
