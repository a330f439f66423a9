"""Chat and pagers, through the services that apprise knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from finops.errors import AccessDenied, DeliveryFailed
from finops.model.finding import Severity, group_label
from finops.model.kind_profile import Profiles
from finops.model.notice import Notice
from finops.model.secret import Secret
from finops.ports.clock import Clock
from finops_exporters import wording, words
from finops_exporters.changed import leading_drivers
from finops_exporters.headline import figures_in_words, headline_of, mark_of, subject_of
from finops_exporters.reason import reason_of


class AppriseOptions(BaseModel):
    """One address of a service, as https://github.com/caronc/apprise/wiki describes them: Slack, Teams, PagerDuty …"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Secret = Field(
        description="Service URL, by reference, because it contains a token", examples=[{"env": "PAGER_URL"}]
    )
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="Timeout of each step", examples=[10])


MOST_NOTICES = 10
"""A chat message is read on a telephone; what is more is counted, with the link to all."""


_LOOK_ALIKES = str.maketrans(
    {"<": "‹", ">": "›", "*": "∗", "`": "ˋ", "[": "⟦", "]": "⟧", "~": "∼", "|": "∣", "@": "＠", "#": "＃", "!": "ǃ"}
)
"""What chats read as markup, mentions or pictures becomes a sign that looks alike and means nothing to them."""

_MOST_EARLIER = 5


def harmless(text: str) -> str:
    """Text of anybody for a chat: one line, no markup, nobody mentioned, no link to press."""
    return wording.plain(text).translate(_LOOK_ALIKES).replace("://", ":∕∕")


def title_of(notices: Sequence[Notice], profiles: Profiles) -> str:
    first = notices[0]
    profile = profiles.of(first.finding.kind)
    if len(notices) == 1:
        return f"{mark_of(notices)}{harmless(subject_of(first, profile))}"
    return f"{mark_of(notices)}finops: {len(notices)} alerts, first {harmless(headline_of(first.finding, profile))}"


def body_of(notices: Sequence[Notice], profiles: Profiles, idempotency_key: str) -> str:
    alone = len(notices) == 1
    blocks = ["\n".join(_lines(notice, profiles, alone=alone)) for notice in notices[:MOST_NOTICES]]
    if len(notices) > MOST_NOTICES:
        blocks.append(f"and {len(notices) - MOST_NOTICES} more: {_all_names(notices[MOST_NOTICES:])}")
    return "\n\n".join([*blocks, f"message {idempotency_key}"])


def _lines(notice: Notice, profiles: Profiles, *, alone: bool) -> Iterator[str]:
    finding = notice.finding
    profile = profiles.of(finding.kind)
    group = harmless(group_label(finding.group))
    if not alone:
        yield harmless(subject_of(notice, profile))
    yield f"{words.state(finding)} · {harmless(finding.policy)}{f' · {group}' if group else ''}"
    yield harmless(reason_of(finding, profile))
    yield harmless(figures_in_words(finding, profile))
    for driver in leading_drivers(finding):
        yield f"{driver.amount} {harmless(driver.known_as)} ({harmless(driver.what)})".replace("\u00a0", " ")
    yield f"owner {harmless(finding.owner)} · {wording.period(finding.period)}"
    yield f"amounts as of {wording.minute(finding.as_of)}"
    yield f"data complete through {wording.age_of_data(finding.complete_through, finding.as_of)}"
    for said in wording.earlier(notice)[-_MOST_EARLIER:]:
        yield f"before: {harmless(said)}"
    if notice.note:
        yield harmless(notice.note)
    if link := wording.safe_link(notice.link):
        yield link


def _all_names(notices: Sequence[Notice]) -> str:
    return harmless(", ".join(dict.fromkeys(notice.finding.policy for notice in notices)))


class Apprise:
    """Kind ``apprise``.

    apprise says whether a service took a message, not why it did not: whatever it refuses is tried again, until the
    message is given up and parked. Its own log may hold the address with its token, so nothing of it is shown.
    """

    kind: str = "apprise"
    most_notices: ClassVar[int | None] = None
    Options: ClassVar[type[AppriseOptions]] = AppriseOptions

    def __init__(self, name: str, options: AppriseOptions, *, base: Path, clock: Clock, profiles: Profiles) -> None:
        del clock  # the services stamp messages themselves
        self._profiles = profiles
        self.name = name
        self._options = options
        self._base = base

    @classmethod
    def from_options(
        cls, name: str, options: AppriseOptions, *, base: Path, clock: Clock, profiles: Profiles
    ) -> Apprise:
        return cls(name, options, base=base, clock=clock, profiles=profiles)

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """One message for all notices. Raises ``DeliveryFailed``."""
        import apprise  # noqa: PLC0415 - slow to import, and only for chat

        service = apprise.Apprise.instantiate(self._address(), suppress_exceptions=True)
        if service is None or not isinstance(service, apprise.NotifyBase):
            raise self._failed(
                "the secret for url is not an address that apprise supports", "See the services that apprise supports"
            )
        service.socket_connect_timeout = service.socket_read_timeout = self._options.timeout_seconds
        box = apprise.Apprise()
        box.add(service)
        taken = box.notify(
            body=body_of(notices, self._profiles, idempotency_key),
            title=title_of(notices, self._profiles),
            notify_type=_type(notices),
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
        )
        if not taken:
            raise self._failed(
                "the service did not accept the message (connection, address or token)",
                "Delivery is retried; check the address",
            )
        return f"accepted by {service.service_name}"

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
    if all(notice.reason.ends for notice in notices):
        return "success"
    worst = max(
        (notice.finding.severity for notice in notices if notice.finding.severity),
        key=lambda one: one.rank,
        default=None,
    )
    return {Severity.CRITICAL: "failure", Severity.WARNING: "warning"}.get(worst, "info") if worst else "info"


__all__ = ["Apprise", "AppriseOptions"]
