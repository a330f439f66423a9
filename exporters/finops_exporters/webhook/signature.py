"""Lets a receiver check that a message is ours and is new.

The signature is an HMAC-SHA256 over the timestamp, a full stop and the body's bytes as they came. A receiver verifies
it like this, in constant time, and refuses a timestamp that is more than some minutes off::

    import hashlib, hmac, time

    def is_genuine(secret: str, headers, body: bytes) -> bool:
        timestamp = headers["X-Finops-Timestamp"]
        expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        is_ours = hmac.compare_digest("sha256=" + expected, headers["X-Finops-Signature"])
        return is_ours and abs(time.time() - int(timestamp)) < 300

A message that is tried again has the same ``Idempotency-Key``, a new timestamp and so a new signature.
"""

from __future__ import annotations

import hashlib
import hmac


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the hexadecimal HMAC. ``timestamp``: whole seconds since 1970, UTC."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
