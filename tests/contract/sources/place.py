"""A provider that the suite can fill with bills and break. It speaks of bills, never of files or requests.

A new source adds ``tests/contract/sources/<kind>.py`` with ``KIND`` and ``PLACES``; nothing else has to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Protocol

from finops.errors import AccessDenied, FinopsError, RefusedBatch, Throttled, Transient
from finops.ports.source import Source

ACCOUNT = "000123456789"
"""Whose bills they are: as text, or the zeros are lost."""

NAME = "bills"
"""The name of every source of the suite."""

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


@dataclass(frozen=True)
class Line:
    """One charge of one day. ``cost`` in the place's currency has at most two digits behind the point."""

    day: date
    cost: Decimal
    service: str = "Compute"
    correction: bool = False


class Case(Enum):
    """What may happen to a bill. A place that cannot have it names the reason in its ``gaps``."""

    ACCOUNT = "the bill names the account, with leading zeros"
    CORRECTED = "a correction row is added to a month"
    EMPTY = "a month that had rows has none any more"
    VANISHED = "a month that was delivered is not offered any more"
    ELSEWHERE = "the configuration points at a place without bills"
    THROTTLED = "the provider asks to wait"
    COUNTED = "requests that were throttled are counted"
    PART_MISSING = "the delivery announces a part that is not there"
    HALF_WRITTEN = "the delivery is being written while it is read"
    TRUNCATED = "a part is cut off"
    WRONG_DIGEST = "a part has not the content that the delivery announces"
    WRONG_ROW_COUNT = "the delivery announces another number of rows"
    EXPIRED = "the credentials have expired"
    DENIED = "the credentials lack a permission"
    CUT = "the network is cut in the middle of an answer"


FAULTS: Mapping[Case, tuple[type[FinopsError], ...]] = {
    Case.THROTTLED: (Throttled,),
    Case.PART_MISSING: (Transient, RefusedBatch),
    Case.HALF_WRITTEN: (Transient, RefusedBatch),
    Case.TRUNCATED: (Transient, RefusedBatch),
    Case.WRONG_DIGEST: (Transient, RefusedBatch),
    Case.WRONG_ROW_COUNT: (Transient, RefusedBatch),
    Case.EXPIRED: (AccessDenied,),
    Case.DENIED: (AccessDenied,),
    Case.CUT: (Transient,),
}
"""Cases that a place brings about on demand, and what a collection may fail with meanwhile."""


class Place(Protocol):
    """A provider on a test server, with credentials that work, and no bills yet."""

    @property
    def gaps(self) -> Mapping[Case, str]:
        """Cases that cannot happen here, each with its reason in a sentence."""
        ...

    @property
    def killed(self) -> str:
        """The test that kills a collection of this kind in mid-bill: ``tests/…/test_x.py::test_y``."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that no message and no manifest may show."""
        ...

    def source(self) -> Source:
        """A new source called ``NAME``, as after a restart."""
        ...

    def elsewhere(self) -> Source:
        """One that points at a place of this provider without bills; its messages say ``elsewhere``."""
        ...

    def bill(self, month: date, *lines: Line) -> None:
        """The provider bills this for the month, whole: a first delivery, a restatement, or an emptied month."""
        ...

    def withdraw(self, month: date) -> None:
        """The month is not offered any more (``Case.VANISHED``)."""
        ...

    def fault(self, case: Case, month: date) -> AbstractContextManager[None]:
        """While inside, the provider has this fault; ``month`` is the one that was billed last. Left, all is well."""
        ...
