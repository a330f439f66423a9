"""A call that may hang, bounded as a whole: time-outs of libraries bound a read, not an exchange."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from finops.errors import DeadlineExceeded, DeliveryFailed
from finops.model.notice import Notice
from finops.model.team_digest import TeamDigest
from finops.ports.documents import DigestReceiver, DocumentReceiver, NamedDocument
from finops.ports.receiver import Receiver

T = TypeVar("T")

SEND_SECONDS = 60.0
"""For one message to one receiver: shorter than the lease of a message."""


MOST_LEFT_BEHIND = 3
"""Messages to one receiver that hang: until one of them has ended no other is tried, so that they do not pile up."""


def within(
    seconds: float, call: Callable[[], T], *, where: str, late: Callable[[threading.Thread], None] = lambda _: None
) -> T:
    """What ``call`` returns or raises, if it does so in time. It runs in a daemon thread, which is left behind else:
    then ``late`` is called with it.

    Raises ``DeadlineExceeded``.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised by the thread that waits
            outcome.set_exception(error)

    thread = threading.Thread(target=run, name=f"within {where}", daemon=True)
    thread.start()
    try:
        return outcome.result(seconds)
    except TimeoutError:
        if outcome.done():
            raise
        late(thread)
        raise DeadlineExceeded(
            f"no complete response within {seconds:g} seconds",
            where=where,
            remedy="Check the server and the network",
        ) from None


@dataclass(frozen=True, slots=True)
class BoundedReceiver:
    """A receiver whose every message has a total deadline: ``finops.ports.receiver.Receiver`` around another one."""

    receiver: Receiver
    seconds: float = SEND_SECONDS
    _left_behind: list[threading.Thread] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.receiver.name

    @property
    def kind(self) -> str:
        return self.receiver.kind

    @property
    def most_notices(self) -> int | None:
        return self.receiver.most_notices

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        return self._within(partial(self.receiver.send, notices, idempotency_key=idempotency_key))

    def send_digest(self, digest: TeamDigest, to: Sequence[str], *, site: str, idempotency_key: str) -> str:
        """Of a receiver that writes to owners: finops.yaml names no other where digests are sent."""
        assert isinstance(self.receiver, DigestReceiver)  # noqa: S101 - as the check of finops.yaml has told
        return self._within(partial(self.receiver.send_digest, digest, to, site=site, idempotency_key=idempotency_key))

    def send_documents(
        self, subject: str, lines: Sequence[str], documents: Sequence[NamedDocument], *, idempotency_key: str
    ) -> str:
        """As of a receiver that takes documents; finops.yaml is refused where another one is asked to."""
        assert isinstance(self.receiver, DocumentReceiver)  # noqa: S101 - checked when finops.yaml is read
        send = partial(self.receiver.send_documents, subject, lines, documents, idempotency_key=idempotency_key)
        return self._within(send)

    def _within(self, send: Callable[[], str]) -> str:
        self._left_behind[:] = [thread for thread in self._left_behind if thread.is_alive()]
        where = f"receiver {self.name}"
        if len(self._left_behind) >= MOST_LEFT_BEHIND:
            raise DeliveryFailed(
                f"{len(self._left_behind)} earlier messages still hang",
                where=where,
                remedy="Check the other side and the network",
            )
        try:
            return within(self.seconds, send, where=where, late=self._left_behind.append)
        except DeadlineExceeded as error:
            raise DeliveryFailed(error.what, where=error.where, remedy=error.remedy) from error
