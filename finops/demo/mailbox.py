"""The demo's mailbox: an SMTP server on loopback that keeps each mail as files, so that a newcomer can read it."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Keeps each mail as ``0001.eml``, and its HTML part as ``0001.html`` for a browser."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = _free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """One mail has arrived."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{len(list(self._folder.glob('*.eml'))) + 1:04}"
        (self._folder / f"{name}.eml").write_bytes(content)
        mail = message_from_bytes(content, policy=policy.default)
        body = mail.get_body(("html",))
        if body is not None:
            (self._folder / f"{name}.html").write_text(str(body.get_content()), encoding="utf-8")
        return "250 kept"


def _free_port() -> int:
    """aiosmtpd calls itself on the port it was given, so that one must be known beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
