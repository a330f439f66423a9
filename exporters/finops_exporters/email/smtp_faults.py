"""What smtplib raises -> what it means for a message."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping

from finops.errors import DeliveryFailed, DeliveryRefused
from finops_exporters import wording

_AGAIN = "Delivery is retried; check the server and the receiver's smtp: entry"


def to_delivery_error(error: Exception, *, where: str, password: str) -> DeliveryFailed | DeliveryRefused:
    """4xx and everything below SMTP (connection, TLS, time-out) is tried again; 5xx is for good."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # what the server says to a login may repeat the login
        what = f"the server rejects the login (SMTP {error.smtp_code})"
        return _by_code(error.smtp_code, what, where, "Check user and password of the receiver")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        what = f"all recipients were rejected: {refusals(error.recipients, password)}"
        return _by_code(min(codes, default=0), what, where, "Check the addresses in to:")
    if isinstance(error, smtplib.SMTPResponseException):
        what = reply(error.smtp_code, error.smtp_error, password)
        return _by_code(error.smtp_code, what, where, "See the server's reply")
    if isinstance(error, UnicodeError):
        what = "user or password contain characters beyond ASCII, which SMTP logins do not support"
        return DeliveryRefused(what, where=where, remedy="Use an ASCII password")
    what, remedy = _below_smtp(error)
    return DeliveryFailed(what, where=where, remedy=remedy)


def _below_smtp(error: Exception) -> tuple[str, str]:
    """What went wrong before the server could say anything about the mail, and the remedy."""
    match error:
        case smtplib.SMTPServerDisconnected():
            return "the server closed the connection", _AGAIN
        case smtplib.SMTPNotSupportedError():
            what = "the server does not support what this receiver needs (STARTTLS, a login, or addresses beyond ASCII)"
            return what, "Check security: and user: of the receiver"
        case ssl.SSLCertVerificationError():
            what = f"the server's certificate is not trusted ({error.verify_message})"
            return what, "Set ca_file: to the authority that signed it"
        case ssl.SSLError():
            return f"the TLS handshake failed ({error.reason or 'TLS failed'})", "Check security: and port:"
        case TimeoutError():
            return "no answer in time", _AGAIN
        case _:
            return f"no connection ({getattr(error, 'strerror', None) or type(error).__name__})", _AGAIN


def refusals(recipients: Mapping[str, tuple[int, bytes | str]], password: str) -> str:
    """``a@example.com (SMTP 550 no such user)``, sorted."""
    return ", ".join(
        f"{wording.plain(address)} ({reply(code, text, password)})"
        for address, (code, text) in sorted(recipients.items())
    )


def reply(code: int, text: bytes | str, password: str) -> str:
    """A server's reply as one harmless line."""
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if password:
        decoded = decoded.replace(password, "***")
    return f"SMTP {code} {wording.plain(decoded)}".rstrip()


def _by_code(code: int, what: str, where: str, remedy: str) -> DeliveryFailed | DeliveryRefused:
    if 500 <= code < 600:
        return DeliveryRefused(what, where=where, remedy=remedy)
    return DeliveryFailed(what, where=where, remedy=remedy)
