"""Real mail servers on loopback: plain, STARTTLS and TLS, with login, and with answers that a test chooses."""

from __future__ import annotations

import asyncio
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "finops", "correct horse battery staple"


@dataclass
class Mailbox:
    """What a server took, and what it answers. ``hang``: DATA waits until ``released`` is set."""

    data_answer: str = "250 Message accepted for delivery"
    rcpt_answers: dict[str, str] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    hang: bool = False
    envelopes: list[Envelope] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(cast("bytes", envelope.content), policy=default) for envelope in self.envelopes]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.rcpt_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.hang:
            await server.loop.run_in_executor(None, self.released.wait, 30)
        if self.data_answer.startswith("250"):
            self.envelopes.append(envelope)
        return self.data_answer


class _OnFreePort(Controller):
    """Port 0 is any free one; aiosmtpd connects to the port once to see that it is up, so it must know which."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's own

    def factory(self) -> Any:
        with warnings.catch_warnings():
            # where the whole connection is TLS, aiosmtpd does not know of it and warns of a login in plain
            warnings.simplefilter("ignore", UserWarning)
            return super().factory()  # type: ignore[no-untyped-call]  # aiosmtpd's own


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    mailbox: Mailbox
    ca_file: Path


@pytest.fixture(scope="session")
def certificate_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(certificate_authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def mail_server(certificate_authority: trustme.CA, ca_file: Path) -> Iterator[Callable[..., MailServer]]:
    """``mail_server(security="none" | "starttls" | "tls", login=False)`` starts one; all end with the test."""
    with ExitStack() as stack:

        def start(security: str = "none", *, login: bool = False) -> MailServer:
            mailbox = Mailbox()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate_authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
            options: dict[str, Any] = {}
            if security == "starttls":
                options |= {"tls_context": context, "require_starttls": True}
            if security == "tls":
                options |= {"ssl_context": context}
            if login:
                options |= {
                    "authenticator": _is_ours,
                    "auth_required": True,
                    "auth_require_tls": security == "starttls",
                }
            controller = _OnFreePort(mailbox, hostname="127.0.0.1", port=0, **options)
            controller.start()
            stack.callback(controller.stop)
            stack.callback(mailbox.released.set)
            return MailServer("127.0.0.1", controller.port, mailbox, ca_file)

        yield start


def _is_ours(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)
