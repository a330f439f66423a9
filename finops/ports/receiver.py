"""Notifications."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from finops.model.notice import Notice
from finops.ports.clock import Clock


class Receiver(Protocol):
    """Construction does no I/O. A secret never appears in an error."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def most_notices(self) -> int | None:
        """The most notices that one message may hold; None where people read a digest of any number."""
        ...

    def send(self, notices: Sequence[Notice], *, idempotency_key: str) -> str:
        """Delivers one message; returns what the receiver answered, in one line.

        Raises ``DeliveryFailed`` (worth trying again) or ``DeliveryRefused`` (for good). It bounds its own time.
        """
        ...


class ReceiverKind(Protocol):
    """The class behind an entry point of the group ``finops.receivers``."""

    most_notices: ClassVar[int | None]

    @property
    def Options(self) -> type[BaseModel]:  # noqa: N802 - the attribute of every plug-in class
        """What finops.yaml may say of a receiver of this kind."""
        ...

    def from_options(self, name: str, options: Any, *, base: Path, clock: Clock) -> Receiver:
        """A receiver called ``name``. ``options`` is an ``Options``; relative paths in it count from ``base``.

        ``clock``: messages say when they were sent, and signatures are bound to that moment.
        """
        ...
