"""Files -> one mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from finops.ports.documents import NamedDocument
from finops_exporters.email.compose import addressed, boundary
from finops_exporters.wording import plain


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
    message = addressed(plain(subject), sender=sender, to=to, idempotency_key=idempotency_key, sent_at=sent_at)
    message.set_content("\n".join(plain(line) for line in lines) + "\n")
    for document in documents:
        main, _, sub = document.content_type.partition(";")[0].partition("/")
        message.add_attachment(document.body, maintype=main, subtype=sub, filename=document.name)
    message.set_boundary(boundary(idempotency_key))
    return message
