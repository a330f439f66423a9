"""Notices -> one mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from finops.model.finding import group_label
from finops.model.notice import Notice, NoticeReason
from finops_exporters import wording
from finops_exporters.email.section import section_of

_NAMED = 3
"""Policies that a subject names before it only counts."""

_NOT_IN_AN_ID = re.compile(r"[^0-9A-Za-z._-]")


def compose(
    notices: Sequence[Notice],
    *,
    receiver: str,
    sender: Address,
    to: Sequence[Address],
    idempotency_key: str,
    sent_at: datetime,
) -> EmailMessage:
    """Text and HTML with the same content. The same key gives the same Message-ID: mailboxes drop the repeat."""
    subject = subject_of(notices)
    message = addressed(subject, sender=sender, to=to, idempotency_key=idempotency_key, sent_at=sent_at)
    if len(notices) == 1:
        # mail programs then show an alert and its resolve as one conversation
        message["References"] = f"<alert-{_NOT_IN_AN_ID.sub('', notices[0].alert_id)}@{sender.domain}>"
    facts = {
        "subject": subject,
        "test": _is_test(notices),
        "sections": [section_of(notice) for notice in notices],
        "receiver": wording.plain(receiver),
    }
    templates = _templates()
    message.set_content(templates.get_template("message.txt.j2").render(facts))
    message.add_alternative(templates.get_template("message.html.j2").render(facts), subtype="html")
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
    """``FIRING critical: checkout-monthly (team=a), 9,500.00 of 12,000.00 EUR``; several are named and counted."""
    first = notices[0]
    heading = wording.HEADINGS[first.reason]
    if len(notices) == 1:
        finding = first.finding
        severity = (
            f" {finding.severity.value}" if finding.severity and first.reason is not NoticeReason.RESOLVED else ""
        )
        group = f" ({group_label(finding.group)})" if finding.group else ""
        text = f"{heading}{severity}: {finding.policy}{group}, {wording.headline(finding)}"
    else:
        policies = list(dict.fromkeys(notice.finding.policy for notice in notices))
        more = f" and {len(policies) - _NAMED} more" if len(policies) > _NAMED else ""
        text = f"{heading}: {len(notices)} alerts: {', '.join(policies[:_NAMED])}{more}"
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
