"""Every receiver, behind one bench that makes its server answer as a test wants."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from finops.model.secret import Secret
from finops.ports.receiver import Receiver
from finops_exporters.alertmanager import Alertmanager, AlertmanagerOptions
from finops_exporters.apprise import Apprise, AppriseOptions
from finops_exporters.email import Email, EmailOptions
from finops_exporters.webhook import Webhook, WebhookOptions
from tests.servers.smtp import PASSWORD, USER, MailServer
from tests.support.profiles import PROFILES
from tests.support.verdicts import MovableClock

SECRET = PASSWORD
"""The secret of every bench: no error, answer or repr may hold it."""


@dataclass(frozen=True)
class Taken:
    """What arrived at a server: the idempotency key that it bears, and its whole text."""

    key: str
    text: str


class Bench(Protocol):
    """A receiver with its server. ``answers``: names of answers, and whether each is taken, tried again or refused."""

    answers: ClassVar[dict[str, str]]
    says_why: ClassVar[bool]
    """Whether the receiver learns what its server answered."""

    def receiver(self) -> Receiver: ...

    def receiver_of(self, *, host: str, port: int) -> Receiver: ...

    def answer(self, name: str) -> None: ...

    def hang(self) -> None: ...

    def taken(self) -> list[Taken]: ...


class WebhookBench:
    path: ClassVar[str] = "/hook"
    says_why: ClassVar[bool] = True
    answers: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["200", "201", "202", "204", "299"], "taken"),
        **dict.fromkeys(["408", "425", "429", "500", "502", "503", "504", "599"], "again"),
        **dict.fromkeys(
            ["301", "302", "307", "308", "400", "401", "403", "404", "405", "410", "413", "422"], "refused"
        ),
    }

    def __init__(self, server: HTTPServer, base: Path) -> None:
        self._server, self._base = server, base
        self._released = threading.Event()
        self._status, self._hangs = 200, False
        self._taken: list[Taken] = []
        server.expect_request(self.path).respond_with_handler(self._handle)

    def _handle(self, request: Request) -> Response:
        if self._hangs:
            self._released.wait(30)
        text = request.get_data(as_text=True)
        if self._status < 300:
            self._taken.append(Taken(request.headers["Idempotency-Key"], text))
        # a server that repeats what it was told in confidence
        echo = f"no: {request.headers.get('Authorization', '')} {SECRET}"
        return Response(echo, self._status, {"Location": "/elsewhere"} if 300 <= self._status < 400 else {})

    def receiver(self) -> Receiver:
        return self.receiver_of(host=self._server.host, port=self._server.port)

    def receiver_of(self, *, host: str, port: int) -> Receiver:
        options = WebhookOptions(
            url=f"http://{host}:{port}/hook?token=visible",
            secret=Secret(env="BENCH_SECRET"),
            headers={"Authorization": Secret(env="BENCH_SECRET")},
            timeout_seconds=_patience(hangs=self._hangs),
        )
        return Webhook.from_options("hook", options, base=self._base, clock=MovableClock())

    def answer(self, name: str) -> None:
        self._status = int(name)

    def hang(self) -> None:
        self._hangs = True

    def release(self) -> None:
        self._released.set()

    def taken(self) -> list[Taken]:
        return self._taken


class AlertmanagerBench(WebhookBench):
    """A server with Alertmanager's path."""

    path: ClassVar[str] = "/am/api/v2/alerts"

    def receiver_of(self, *, host: str, port: int) -> Receiver:
        options = AlertmanagerOptions.model_validate(
            {
                "url": f"http://{host}:{port}/am/?token=visible",
                "headers": {"Authorization": {"env": "BENCH_SECRET"}},
                "timeout_seconds": _patience(hangs=self._hangs),
            }
        )
        return Alertmanager.from_options("am", options, base=self._base, clock=MovableClock(), profiles=PROFILES)


class AppriseBench(WebhookBench):
    """apprise's service ``json``: a token in the address, and no word on why a message was not taken."""

    answers: ClassVar[dict[str, str]] = {
        **dict.fromkeys(["200", "201", "202", "204"], "taken"),
        **dict.fromkeys(["400", "401", "403", "404", "408", "429", "500", "502", "503"], "again"),
    }
    says_why: ClassVar[bool] = False

    def _handle(self, request: Request) -> Response:
        if self._hangs:
            self._released.wait(30)
        text = " ".join(str(request.get_json()[field]) for field in ("title", "message"))
        if self._status < 300:
            self._taken.append(Taken(text.rpartition("message ")[2], text))
        return Response(SECRET, self._status)

    def receiver_of(self, *, host: str, port: int) -> Receiver:
        os.environ["BENCH_SECRET"] = f"json://{quote(SECRET)}:pass@{host}:{port}/hook"
        options = AppriseOptions(url=Secret(env="BENCH_SECRET"), timeout_seconds=_patience(hangs=self._hangs))
        return Apprise.from_options("oncall", options, base=self._base, clock=MovableClock(), profiles=PROFILES)


class EmailBench:
    says_why: ClassVar[bool] = True
    answers: ClassVar[dict[str, str]] = {
        "250 queued": "taken",
        **dict.fromkeys([f"421 {SECRET}", "450 greylisted", "451 local error", "452 full"], "again"),
        **dict.fromkeys(["550 no", "552 too big", f"554 spam {SECRET}"], "refused"),
    }

    def __init__(self, server: MailServer, base: Path) -> None:
        self._server, self._base = server, base

    def receiver(self) -> Receiver:
        return self.receiver_of(host=self._server.host, port=self._server.port)

    def receiver_of(self, *, host: str, port: int) -> Receiver:
        options = EmailOptions.model_validate(
            {
                "to": ["finance@example.com"],
                "from": "FinOps <finops@example.com>",
                "timeout_seconds": _patience(hangs=self._server.mailbox.hang),
                "smtp": {
                    "host": host,
                    "port": port,
                    "security": "starttls",
                    "ca_file": self._server.ca_file,
                    "user": USER,
                    "password": {"env": "BENCH_SECRET"},
                },
            }
        )
        return Email.from_options("finance", options, base=self._base, clock=MovableClock(), profiles=PROFILES)

    def answer(self, name: str) -> None:
        self._server.mailbox.data_answer = name

    def hang(self) -> None:
        self._server.mailbox.hang = True

    def taken(self) -> list[Taken]:
        return [
            Taken(message["Message-ID"].removeprefix("<").partition("@")[0], _text_of(message))
            for message in self._server.mailbox.messages
        ]


def _patience(*, hangs: bool) -> float:
    """Seconds: short only where nothing will come, so that a busy machine fails no test."""
    return 0.5 if hangs else 30


def _text_of(message: Any) -> str:
    return str(message["Subject"]) + "".join(message.get_body((form,)).get_content() for form in ("plain", "html"))


BENCHES: dict[str, type[Bench]] = {
    "webhook": WebhookBench,
    "email": EmailBench,
    "alertmanager": AlertmanagerBench,
    "apprise": AppriseBench,
}
OVER_HTTP: dict[str, type[WebhookBench]] = {
    "webhook": WebhookBench,
    "alertmanager": AlertmanagerBench,
    "apprise": AppriseBench,
}


@pytest.fixture(params=BENCHES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bench(
    kind: str,
    httpserver: HTTPServer,
    mail_server: Callable[..., MailServer],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Bench]:
    monkeypatch.setenv("BENCH_SECRET", SECRET)
    if kind in OVER_HTTP:
        http = OVER_HTTP[kind](httpserver, tmp_path)
        yield http
        http.release()
    else:
        yield EmailBench(mail_server("starttls", login=True), tmp_path)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on and nobody else gets meanwhile."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]
