"""Notices -> one mail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TypedDict

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from finops.model.kind_profile import Profiles
from finops.model.notice import Notice
from finops.ports.documents import NamedDocument
from finops_exporters import wording
from finops_exporters.email.chart import Picture, chart_of
from finops_exporters.email.digest import MOST_DETAILED, counts_of, digest_of
from finops_exporters.email.section import section_of
from finops_exporters.headline import headline_of, mark_of, subject_of

_MOST_BYTES = 98_000
"""Of the whole mail, as it travels."""

_MOST_BYTES_OF_CHARTS = 36_000
"""With the third that base64 adds, and all the words, a mail stays below 100 kB."""

TONES = {
    "critical": "#a1170f",
    "warning": "#8a4b00",
    "info": "#1d4f91",
    "ok": "#1a6638",
    "unknown": "#4d5562",
}
"""The colours of the pages, which mails must name one by one: no mail program reads a style sheet."""

_LONGEST_LINE = 5000
"""Of a message with documents: an address of costs has its place in it whole."""

_NOT_IN_AN_ID = re.compile(r"[^0-9A-Za-z._-]")


def compose(
    notices: Sequence[Notice],
    *,
    receiver: str,
    sender: Address,
    to: Sequence[Address],
    idempotency_key: str,
    sent_at: datetime,
    profiles: Profiles,
) -> EmailMessage:
    """Text and HTML with the same content. The same key gives the same Message-ID: mailboxes drop the repeat.

    Pictures are left out where names are so long that the mail would become too large with them.
    """
    charts = _charts(notices, idempotency_key, sender.domain, profiles)
    facts: _Envelope = {"sender": sender, "to": to, "idempotency_key": idempotency_key, "sent_at": sent_at}
    message = _composed(notices, charts, receiver, facts, profiles)
    if len(bytes(message)) <= _MOST_BYTES:
        return message
    return _composed(notices, [(cid, None) for cid, _ in charts], receiver, facts, profiles)


class _Envelope(TypedDict):
    sender: Address
    to: Sequence[Address]
    idempotency_key: str
    sent_at: datetime


def _composed(
    notices: Sequence[Notice],
    charts: Sequence[tuple[str, Picture | None]],
    receiver: str,
    envelope: _Envelope,
    profiles: Profiles,
) -> EmailMessage:
    subject, sender, key = subject_of_all(notices, profiles), envelope["sender"], envelope["idempotency_key"]
    message = addressed(subject, **envelope)
    if len(notices) == 1:
        # mail programs then show an alert and its resolve as one conversation
        message["References"] = f"<alert-{_NOT_IN_AN_ID.sub('', notices[0].alert_id)}@{sender.domain}>"
    facts = {
        "subject": subject,
        "test": bool(mark_of(notices)),
        "digest": digest_of(notices, profiles),
        "tones": TONES,
        "sections": [
            section_of(
                notice,
                profiles.of(notice.finding.kind),
                chart=chart.title if chart else "",
                cid=cid if chart else "",
            )
            for notice, (cid, chart) in zip(notices, charts, strict=False)
        ],
        "receiver": wording.plain(receiver),
    }
    fill(message, "message", facts, idempotency_key=key)
    pictures = [(cid, chart) for cid, chart in charts if chart is not None]
    if pictures:
        _, html = message.iter_parts()
        for cid, chart in pictures:
            html.add_related(chart.png, "image", "png", cid=f"<{cid}>", filename=f"{cid.partition('@')[0]}.png")
        html.set_boundary(f"{_boundary(key)}-pictures")
    return message


def _charts(notices: Sequence[Notice], key: str, domain: str, profiles: Profiles) -> list[tuple[str, Picture | None]]:
    """For each notice that is told in full its picture and the picture's id, as far as they may weigh."""
    found: list[tuple[str, Picture | None]] = []
    left = _MOST_BYTES_OF_CHARTS
    for number, notice in enumerate(notices[:MOST_DETAILED], start=1):
        chart = chart_of(notice, profiles)
        if chart is not None and len(chart.png) > left:
            chart = None
        left -= len(chart.png) if chart is not None else 0
        found.append((f"chart-{number}-{_NOT_IN_AN_ID.sub('', key)}@{domain}", chart))
    return found


def compose_documents(
    subject: str,
    lines: Sequence[str],
    documents: Sequence[NamedDocument],
    *,
    sender: Address,
    to: Sequence[Address],
    idempotency_key: str,
    sent_at: datetime,
) -> EmailMessage:
    """A few lines of text, the files attached. The same arguments give the same bytes."""
    message = addressed(wording.plain(subject), sender=sender, to=to, idempotency_key=idempotency_key, sent_at=sent_at)
    message.set_content("\n".join(wording.plain(line, _LONGEST_LINE) for line in lines) + "\n")
    for document in documents:
        main, _, sub = document.content_type.partition(";")[0].partition("/")
        message.add_attachment(document.body, maintype=main, subtype=sub, filename=document.name)
    message.set_boundary(_boundary(idempotency_key))
    return message


def addressed(
    subject: str, *, sender: Address, to: Sequence[Address], idempotency_key: str, sent_at: datetime
) -> EmailMessage:
    """A mail that has its headers and no content yet."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = list(to)
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = f"<{_NOT_IN_AN_ID.sub('', idempotency_key)}@{sender.domain}>"
    # no "out of office" comes back: https://www.rfc-editor.org/rfc/rfc3834
    message["Auto-Submitted"] = "auto-generated"
    return message


def fill(message: EmailMessage, template: str, facts: Mapping[str, object], *, idempotency_key: str) -> None:
    """Text and HTML with the same content, of the two forms of ``template``."""
    made = _templates()
    message.set_content(made.get_template(f"{template}.txt.j2").render(facts))
    message.add_alternative(made.get_template(f"{template}.html.j2").render(facts), subtype="html")
    message.set_boundary(_boundary(idempotency_key))


def _boundary(idempotency_key: str) -> str:
    """The same for the same key, so that a mail that is sent again has the same bytes."""
    return f"=_{_NOT_IN_AN_ID.sub('', idempotency_key)}"


def subject_of_all(notices: Sequence[Notice], profiles: Profiles) -> str:
    """``Checkout is 2,745 EUR over its November budget (123 %)``; several are counted, and the first is named."""
    first = notices[0]
    profile = profiles.of(first.finding.kind)
    if len(notices) == 1:
        return f"{mark_of(notices)}{subject_of(first, profile)}"
    named = wording.plain(headline_of(first.finding, profile), 200)
    return f"{mark_of(notices)}{counts_of(notices)}: {named}, and {len(notices) - 1} more"


def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("finops_exporters.email"),
        autoescape=select_autoescape(["html.j2"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
