"""Sends notices by mail."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar

from finops.errors import AccessDenied, DeliveryFailed, DeliveryRefused, InvalidValue
from finops.model.kind_profile import Profiles
from finops.model.notice import Notice
from finops.model.team_digest import TeamDigest
from finops.model.wording import count_text
from finops.ports.clock import Clock
from finops.ports.documents import NamedDocument
from finops_exporters.email.options import EmailOptions, parse_address
from finops_exporters.email.smtp_faults import refusals, to_delivery_error


class Email:
    """Kind ``email``."""

    kind: str = "email"
    most_notices: ClassVar[int | None] = None
    Options: ClassVar[type[EmailOptions]] = EmailOptions

    def __init__(self, name: str, options: EmailOptions, *, base: Path, clock: Clock, profiles: Profiles) -> None:
        self.name = name
        self._options = options
        self._base = base
        self._clock = clock
        self._profiles = profiles
        self._sender = options.effective_sender
        self._to = [parse_address(text) for text in options.to]
        self._where = f"receiver {name} ({options.smtp.host}:{options.smtp.effective_port})"

    @classmethod
    def from_options(cls, name: str, options: EmailOptions, *, base: Path, clock: Clock, profiles: Profiles) -> Email:
        return cls(name, options, base=base, clock=clock, profiles=profiles)

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """One mail to all recipients. It counts as delivered when the server takes it for at least one of them:
        sending it again would reach those twice. The answer names the others, and why."""
        from finops_exporters.email.compose import compose  # noqa: PLC0415 - what draws takes a second to import

        message = compose(
            notices,
            receiver=self.name,
            sender=self._sender,
            to=self._to,
            idempotency_key=idempotency_key,
            sent_at=self._clock.now(),
            profiles=self._profiles,
        )
        return self._deliver(message)

    def send_documents(
        self, subject: str, lines: Sequence[str], documents: Sequence[NamedDocument], *, idempotency_key: str
    ) -> str:
        """One mail with the files attached; see ``send``."""
        from finops_exporters.email.compose import compose_documents  # noqa: PLC0415 - what draws takes a second to import

        message = compose_documents(
            subject,
            lines,
            documents,
            sender=self._sender,
            to=self._to,
            idempotency_key=idempotency_key,
            sent_at=self._clock.now(),
        )
        return self._deliver(message)

    def send_digest(self, digest: TeamDigest, to: Sequence[str], *, site: str, idempotency_key: str) -> str:
        """One mail to the owners of a team, not to this receiver's own recipients; see ``send``."""
        from finops_exporters.email.team_digest import compose_digest  # noqa: PLC0415 - what draws takes a second to import

        try:
            owners = [parse_address(text) for text in to]
        except InvalidValue as error:
            raise DeliveryRefused(error.what, where=self._where, remedy=error.remedy) from None
        message = compose_digest(
            digest,
            site=site,
            sender=self._sender,
            to=owners,
            idempotency_key=idempotency_key,
            sent_at=self._clock.now(),
            profiles=self._profiles,
        )
        return self._deliver(message, owners)

    def _deliver(self, message: EmailMessage, to: Sequence[Address] = ()) -> str:
        """``to``: instead of the receiver's own recipients."""
        recipients = list(dict.fromkeys(address.addr_spec for address in (to or self._to)))
        password = self._password()
        try:
            refused = self._hand_over(message, password, recipients)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise to_delivery_error(error, where=self._where, password=password) from None
        taken = len(recipients) - len(refused)
        answer = f"accepted for {count_text(taken, 'recipient')}"
        return f"{answer}; refused: {refusals(refused, password)}" if refused else answer

    def _hand_over(
        self, message: EmailMessage, password: str, recipients: Sequence[str]
    ) -> dict[str, tuple[int, bytes]]:
        """The recipients that the server refused."""
        smtp = self._connect()
        try:
            if self._options.smtp.security == "starttls":
                smtp.starttls(context=self._trust())
            if self._options.smtp.user is not None:
                smtp.login(self._options.smtp.user, password)
            refused = smtp.send_message(message, self._sender.addr_spec, recipients)
            # the mail is taken: a fault in saying goodbye must not send it again
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            return refused
        finally:
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        options, timeout = self._options.smtp, self._options.timeout_seconds
        # without a name of our own, smtplib would look one up, which can hang
        own_name = self._sender.domain
        if options.security == "tls":
            return smtplib.SMTP_SSL(
                options.host, options.effective_port, own_name, timeout=timeout, context=self._trust()
            )
        return smtplib.SMTP(options.host, options.effective_port, own_name, timeout=timeout)

    def _trust(self) -> ssl.SSLContext:
        ca_file = self._options.smtp.ca_file
        if ca_file is None:
            return ssl.create_default_context()
        try:
            return ssl.create_default_context(cafile=self._base / ca_file)
        except OSError as error:
            raise DeliveryFailed(
                f"ca_file cannot be read ({error.strerror})", where=self._where, remedy=f"Check {ca_file}"
            ) from None

    def _password(self) -> str:
        secret = self._options.smtp.password
        if secret is None:
            return ""
        try:
            return secret.reveal(self._base)
        except AccessDenied as error:
            # an operator can repair it, and the message is still wanted then
            raise DeliveryFailed(error.what, where=f"{self._where}, {error.where}", remedy=error.remedy) from None
