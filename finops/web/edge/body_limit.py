"""Nobody has to send more than a form: a bigger body is refused before it fills the memory."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.types import Message, Receive

from finops.web.protocol.negotiation import Fields, value

MOST_BYTES = 1024 * 1024
TOO_BIG = f"The body has more than {MOST_BYTES:,} bytes."


def announces_too_much(fields: Fields) -> bool:
    """Whether ``Content-Length`` says so before anything is read."""
    length = value(fields, b"content-length")
    return length.isdigit() and int(length[:20]) > MOST_BYTES


def limited(receive: Receive) -> Receive:
    """``receive`` that counts, for bodies of an unknown length. Raises ``HTTPException`` 413 in the handler."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MOST_BYTES:
            raise HTTPException(413, TOO_BIG)
        return message

    return counted
