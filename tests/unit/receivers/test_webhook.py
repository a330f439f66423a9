"""What is the webhook's own."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from finops.errors import DeliveryFailed, DeliveryRefused
from finops_exporters import webhook
from finops_exporters.webhook import Webhook, WebhookOptions
from tests.support.verdicts import T0, MovableClock, notice

SECRET = "correct horse battery staple"


def hook_at(server: HTTPServer, base: Path, clock: MovableClock | None = None, **options: Any) -> Webhook:
    parsed = WebhookOptions.model_validate({"url": server.url_for("/hook"), **options})
    return Webhook.from_options("hook", parsed, base=base, clock=clock or MovableClock())


def test_a_receiver_can_verify_the_signature_as_documented(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    httpserver.expect_request("/hook", method="POST").respond_with_data("")
    assert webhook.__doc__
    snippet = webhook.__doc__.split("::\n", 1)[1].split("A retried message", 1)[0]
    documented: dict[str, Any] = {}
    exec(re.sub(r"^    ", "", snippet, flags=re.MULTILINE), documented)
    monkeypatch.setattr("time.time", lambda: T0.timestamp() + 5)

    hook_at(httpserver, tmp_path, secret={"file": "secret"}).send([notice()], idempotency_key="k")

    [(request, _)] = httpserver.log
    body = request.get_data()
    assert documented["is_genuine"](SECRET, request.headers, body)
    assert not documented["is_genuine"]("another", request.headers, body)
    assert not documented["is_genuine"](SECRET, request.headers, body + b" ")
    stale = {**request.headers, "X-Finops-Timestamp": "1000000000"}
    assert not documented["is_genuine"](SECRET, stale, body)


def test_a_second_try_is_signed_anew_under_the_same_key(httpserver: HTTPServer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    httpserver.expect_request("/hook").respond_with_data("")
    clock = MovableClock()
    receiver = hook_at(httpserver, tmp_path, clock, secret={"file": "secret"})

    receiver.send([notice()], idempotency_key="k")
    clock.advance(timedelta(days=1))
    receiver.send([notice()], idempotency_key="k")

    first, second = (request.headers for request, _ in httpserver.log)
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == "k"
    assert int(second["X-Finops-Timestamp"]) - int(first["X-Finops-Timestamp"]) == 86_400
    assert first["X-Finops-Signature"] != second["X-Finops-Signature"]


def test_the_body_holds_every_notice_whole(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/hook").respond_with_data("")
    sent = [notice(note="one"), notice(alert_id="b" * 16)]

    hook_at(httpserver, tmp_path).send(sent, idempotency_key="k")

    [(request, _)] = httpserver.log
    body = json.loads(request.get_data())
    assert {key: body[key] for key in ("version", "idempotency_key", "sent_at", "test")} == {
        "version": 1,
        "idempotency_key": "k",
        "sent_at": "2026-03-20T06:00:00+00:00",
        "test": False,
    }
    assert body["notices"] == [one.to_json() for one in sent]
    assert "X-Finops-Signature" not in request.headers


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Fri, 20 Mar 2026 06:10:00 GMT", 600.0),
        ("Fri, 20 Mar 2020 06:10:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("9" * 30, None),
    ],
)
def test_retry_after(httpserver: HTTPServer, tmp_path: Path, value: str, seconds: float | None) -> None:
    httpserver.expect_request("/hook").respond_with_data("", 429, {"Retry-After": value})

    with pytest.raises(DeliveryFailed) as caught:
        hook_at(httpserver, tmp_path).send([notice()], idempotency_key="k")

    assert caught.value.retry_after_seconds == seconds


def test_a_redirect_is_not_followed(httpserver: HTTPServer, tmp_path: Path) -> None:
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request("/hook").respond_with_data("", 307, {"Location": elsewhere})
    httpserver.expect_request("/elsewhere").respond_with_data("")

    with pytest.raises(DeliveryRefused, match="307"):
        hook_at(httpserver, tmp_path).send([notice()], idempotency_key="k")

    assert [request.path for request, _ in httpserver.log] == ["/hook"]


def test_a_refusal_says_what_the_server_said_in_one_short_line(httpserver: HTTPServer, tmp_path: Path) -> None:
    httpserver.expect_request("/hook").respond_with_data("the field 'x'\r\n\x1b[31mis missing " + "…" * 5000, 422)

    with pytest.raises(DeliveryRefused) as caught:
        hook_at(httpserver, tmp_path).send([notice()], idempotency_key="k")

    assert caught.value.what.startswith("HTTP 422 Unprocessable Entity: the field 'x' \ufffd[31mis missing …")
    assert len(caught.value.what) < 260


def test_a_url_by_reference_shows_only_its_name(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = httpserver.url_for("/services/T0/B0/s3cr3t")
    monkeypatch.setenv("HOOK_URL", url.replace("http://", "http://me:pass@") + "?key=hidden")
    httpserver.expect_request("/services/T0/B0/s3cr3t").respond_with_data("not /services/T0/B0/s3cr3t?key=hidden", 404)

    with pytest.raises(DeliveryRefused) as caught:
        hook_at(httpserver, tmp_path, url={"env": "HOOK_URL"}).send([notice()], idempotency_key="k")

    assert "receiver hook ({env: HOOK_URL})" in str(caught.value)
    for hidden in ("s3cr3t", "hidden", "pass"):
        assert hidden not in str(caught.value)


def test_a_secret_that_is_no_url_can_be_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_URL", "s3cr3t")
    options = WebhookOptions.model_validate({"url": {"env": "HOOK_URL"}})

    with pytest.raises(DeliveryFailed) as caught:
        Webhook.from_options("hook", options, base=tmp_path, clock=MovableClock()).send([notice()], idempotency_key="k")

    assert "s3cr3t" not in str(caught.value)


def test_a_header_secret_with_a_line_break_reaches_nobody(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_TOKEN", "a\r\nX-Evil: 1")

    with pytest.raises(DeliveryFailed) as caught:
        hook_at(httpserver, tmp_path, headers={"Authorization": {"env": "HOOK_TOKEN"}}).send(
            [notice()], idempotency_key="k"
        )

    assert "X-Evil" not in str(caught.value)
    assert httpserver.log == []


def test_a_certificate_is_verified_and_its_authority_can_be_named(
    tmp_path: Path, certificate_authority: Any, ca_file: Path
) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate_authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/hook").respond_with_data("")
        with pytest.raises(DeliveryFailed, match="certificate is not trusted"):
            hook_at(server, tmp_path).send([notice()], idempotency_key="k")
        assert hook_at(server, tmp_path, ca_file=ca_file.name).send([notice()], idempotency_key="k") == "HTTP 200 OK"
        with pytest.raises(DeliveryFailed, match=r"ca_file \S*nowhere\.pem cannot be read"):
            hook_at(server, tmp_path, ca_file="nowhere.pem").send([notice()], idempotency_key="k")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "ftp://example.com"}, "this is not the URL of a web server"),
        ({"url": "example.com/hook"}, "this is not the URL of a web server"),
        ({"url": "https://me:pass@example.com"}, "must not be written inline"),
        ({"url": "https://e.com", "secret": "abc"}, "must not be written inline"),
        ({"url": "https://e.com", "headers": {"Host": "x"}}, "is set by finops"),
        ({"url": "https://e.com", "headers": {"a b": "x"}}, "not a valid header name"),
        ({"url": "https://e.com", "headers": {"X-A": "x\ny"}}, "printable ASCII"),
        ({"url": "https://e.com", "timeout_seconds": 0}, "greater than 0"),
        ({"url": "https://e.com", "retries": 3}, "not permitted"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        WebhookOptions.model_validate(options)


def test_the_signature_is_the_standard_hmac() -> None:
    expected = hmac.new(b"s", b"1.{}", hashlib.sha256).hexdigest()

    assert webhook.sign("s", "1", b"{}") == f"sha256={expected}"
