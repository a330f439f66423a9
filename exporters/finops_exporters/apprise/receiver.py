"""Sends notices through apprise (https://github.com/caronc/apprise)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from finops.errors import AccessDenied, DeliveryFailed
from finops.model.finding import Severity
from finops.model.notice import Notice, NoticeReason
from finops.ports.clock import Clock
from finops_exporters.apprise.options import AppriseOptions
from finops_exporters.apprise.text import body_of, title_of


class Apprise:
    """Kind ``apprise``.

    apprise says whether a service took a message, not why it did not: whatever it refuses is tried again, until the
    message is given up and parked. Its own log may hold the address with its token, so nothing of it is shown.
    """

    kind: str = "apprise"
    most_notices: ClassVar[int | None] = None
    Options: ClassVar[type[AppriseOptions]] = AppriseOptions

    def __init__(self, name: str, options: AppriseOptions, *, base: Path, clock: Clock) -> None:
        del clock  # the services stamp messages themselves
        self.name = name
        self._options = options
        self._base = base

    @classmethod
    def from_options(cls, name: str, options: AppriseOptions, *, base: Path, clock: Clock) -> Apprise:
        return cls(name, options, base=base, clock=clock)

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """One message for all notices. Raises ``DeliveryFailed``."""
        import apprise  # noqa: PLC0415 - slow to import, and only for chat

        service = apprise.Apprise.instantiate(self._address(), suppress_exceptions=True)
        if service is None or not isinstance(service, apprise.NotifyBase):
            raise self._failed("the URL's secret holds no address that apprise knows", "See apprise's own list")
        service.socket_connect_timeout = service.socket_read_timeout = self._options.timeout_seconds
        box = apprise.Apprise()
        box.add(service)
        taken = box.notify(
            body=body_of(notices, idempotency_key),
            title=title_of(notices),
            notify_type=_type(notices),
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
        )
        if not taken:
            raise self._failed(
                "the service did not take it (its connection, address or token)", "It is tried again; check the address"
            )
        return f"taken by {service.service_name}"

    def _address(self) -> str:
        try:
            return self._options.url.reveal(self._base)
        except AccessDenied as error:
            # an operator can repair it, and the message is still wanted then
            raise DeliveryFailed(error.what, where=f"{self._where}, {error.where}", remedy=error.remedy) from None

    @property
    def _where(self) -> str:
        return f"receiver {self.name} ({self._options.url})"

    def _failed(self, what: str, remedy: str) -> DeliveryFailed:
        return DeliveryFailed(what, where=self._where, remedy=remedy)


def _type(notices: Sequence[Notice]) -> str:
    """apprise's own kinds, which services show as colours."""
    if all(notice.reason is NoticeReason.RESOLVED for notice in notices):
        return "success"
    worst = max(
        (notice.finding.severity for notice in notices if notice.finding.severity),
        key=lambda one: one.rank,
        default=None,
    )
    return {Severity.CRITICAL: "failure", Severity.WARNING: "warning"}.get(worst, "info") if worst else "info"
