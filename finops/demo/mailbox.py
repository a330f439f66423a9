"""The demo's mailbox: an SMTP server on loopback that keeps each mail as files, so that a newcomer can read it.

``index.html`` lists them, the newest first.
"""

from __future__ import annotations

import base64
import html
import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_TOP = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mails of the demo</title>'
    '<body style="font-family:system-ui,sans-serif;line-height:1.6;margin:24px">'
    "<h1>Mails of the demo</h1><ol reversed>\n"
)


class Mailbox:
    """Keeps each mail as ``0001.eml``, and beside it what a mail program shows: ``0001.html`` and ``0001.txt``."""

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
        for form, ending in (("html", "html"), ("plain", "txt")):
            body = mail.get_body((form,))
            if body is not None:
                text = _with_pictures(str(body.get_content()), mail) if form == "html" else str(body.get_content())
                (self._folder / f"{name}.{ending}").write_text(text, encoding="utf-8")
        self._list(name, mail)
        return "250 kept"

    def _list(self, name: str, mail: EmailMessage) -> None:
        """One more line of the list."""
        page = self._folder / "index.html"
        line = (
            f'<li><a href="{name}.html">{html.escape(str(mail["Subject"]))}</a> · '
            f'<a href="{name}.txt">as text</a> · to {html.escape(str(mail["To"]))}</li>\n'
        )
        known = page.read_text(encoding="utf-8").partition(_TOP)[2] if page.exists() else ""
        page.write_text(f"{_TOP}{line}{known}", encoding="utf-8")


def _with_pictures(body: str, mail: EmailMessage) -> str:
    """A browser knows nothing of ``cid:``: the pictures stand in the page itself."""
    for part in mail.walk():
        cid = str(part["Content-ID"] or "").strip("<>")
        if cid and part.get_content_maintype() == "image":
            data = base64.b64encode(part.get_content()).decode("ascii")
            body = body.replace(f"cid:{cid}", f"data:{part.get_content_type()};base64,{data}")
    return body


def _free_port() -> int:
    """aiosmtpd calls itself on the port it was given, so that one must be known beforehand."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
