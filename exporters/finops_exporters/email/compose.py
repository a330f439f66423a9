"""Notices -> one mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TypedDict

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from finops.model.finding import group_label
from finops.model.kind_profile import Profiles
from finops.model.notice import Notice, NoticeReason
from finops.ports.documents import NamedDocument
from finops_exporters import wording
from finops_exporters.email.chart import Picture, chart_of
from finops_exporters.email.digest import MOST_DETAILED, counts_of, digest_of
from finops_exporters.email.section import section_of

_MOST_BYTES = 98_000
"""Of the whole mail, as it travels."""

_MOST_BYTES_OF_CHARTS = 36_000
"""With the third that base64 adds, and all the words, a mail stays below 100 kB."""

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
    message = _composed(notices, charts, receiver, facts)
    if len(bytes(message)) <= _MOST_BYTES:
        return message
    return _composed(notices, [(cid, None) for cid, _ in charts], receiver, facts)


class _Envelope(TypedDict):
    sender: Address
    to: Sequence[Address]
    idempotency_key: str
    sent_at: datetime


def _composed(
    notices: Sequence[Notice], charts: Sequence[tuple[str, Picture | None]], receiver: str, envelope: _Envelope
) -> EmailMessage:
    subject, sender, key = subject_of(notices), envelope["sender"], envelope["idempotency_key"]
    message = addressed(subject, **envelope)
    if len(notices) == 1:
        # mail programs then show an alert and its resolve as one conversation
        message["References"] = f"<alert-{_NOT_IN_AN_ID.sub('', notices[0].alert_id)}@{sender.domain}>"
    facts = {
        "subject": subject,
        "test": _is_test(notices),
        "digest": digest_of(notices),
        "sections": [
            section_of(notice, chart=chart.title if chart else "", cid=cid if chart else "")
            for notice, (cid, chart) in zip(notices, charts, strict=False)
        ],
        "receiver": wording.plain(receiver),
    }
    templates = _templates()
    message.set_content(templates.get_template("message.txt.j2").render(facts))
    message.add_alternative(templates.get_template("message.html.j2").render(facts), subtype="html")
    message.set_boundary(boundary(key))
    pictures = [(cid, chart) for cid, chart in charts if chart is not None]
    if pictures:
        _, html = message.iter_parts()
        for cid, chart in pictures:
            html.add_related(chart.png, "image", "png", cid=f"<{cid}>", filename=f"{cid.partition('@')[0]}.png")
        html.set_boundary(f"{boundary(key)}-pictures")
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
    message.set_content("\n".join(wording.plain(line) for line in lines) + "\n")
    for document in documents:
        main, _, sub = document.content_type.partition(";")[0].partition("/")
        message.add_attachment(document.body, maintype=main, subtype=sub, filename=document.name)
    message.set_boundary(boundary(idempotency_key))
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


def boundary(idempotency_key: str) -> str:
    """The same for the same key, so that a mail that is sent again has the same bytes."""
    return f"=_{_NOT_IN_AN_ID.sub('', idempotency_key)}"


def subject_of(notices: Sequence[Notice]) -> str:
    """``FIRING critical: checkout-monthly (team=a), 9,500.00 of 12,000.00 EUR``; several are counted,
    and the first is named."""
    first = notices[0]
    if len(notices) == 1:
        heading = wording.HEADINGS[first.reason]
        finding = first.finding
        severity = f" {finding.severity.value}" if finding.severity and not first.reason.ends else ""
        group = f" ({group_label(finding.group)})" if finding.group else ""
        text = f"{heading}{severity}: {finding.policy}{group}, {wording.headline(finding)}"
    else:
        worst = f", worst {first.finding.severity.value}" if first.finding.severity else ""
        owners = list(dict.fromkeys(notice.finding.owner for notice in notices))
        whose = f" ({wording.plain(owners[0], 60)})" if len(owners) == 1 else ""
        named = f"{wording.plain(first.finding.policy, 80)}, {wording.headline(first.finding)}"
        text = f"{counts_of(notices)}{worst}{whose}: {named} and {len(notices) - 1} more"
    return wording.plain(f"[TEST] {text}" if _is_test(notices) else text)


def _is_test(notices: Sequence[Notice]) -> bool:
    return all(notice.reason is NoticeReason.TEST for notice in notices)


def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("finops_exporters.email"),
        autoescape=select_autoescape(["html.j2"], default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
