"""Every error that a user of finops can meet.

::

    FinopsError                 what, where, and how to fix it
    ├── Terminal                trying again changes nothing
    │   ├── BadArguments        exit 2   a command line that cannot be carried out
    │   ├── Malformed           exit 2   faults of finops.yaml or of policy files, all at once
    │   ├── UnknownFinding      exit 2   explain was asked for a finding that nobody made
    │   ├── UnknownAlert        exit 2   an alert that the state does not hold
    │   ├── UnknownSilence      exit 2   a silence that the state does not hold
    │   ├── UnknownSaving       exit 2   a claim of a saving that the state does not hold
    │   ├── RefusedBatch        exit 4   a bill whose meaning is not certain: nothing of it is taken
    │   ├── AccessDenied        exit 4   credentials are missing, expired or not allowed
    │   ├── NotFound            exit 4   a file, bucket, container or table that is not there
    │   ├── BrokenStore         exit 4   the lake or the state holds what this program never writes
    │   │   └── ReplacedStore   exit 4   the state was lost, emptied or replaced under a running process
    │   ├── CurrencyMismatch    exit 4   two currencies were about to be added
    │   ├── MissingRate         exit 3   no rate for a currency on a day
    │   └── DeliveryRefused     exit 4   a receiver refuses a message for good
    └── Transient               the same call may succeed later
        ├── Unreachable         exit 4   no connection, time-out, a server's own fault
        ├── Throttled           exit 4   the other side asks to wait
        ├── LimitReached        exit 4   our own limit of request cost: nothing was asked
        ├── LakeConflict        exit 4   another writer was faster, more often than we retry
        ├── DeliveryFailed      exit 4   a receiver did not take a message this time
        ├── DeadlineExceeded    exit 4   a run took longer than its total deadline, or was stopped: it writes no more
        └── NotLeading          exit 4   another replica is now the leader: nothing was written

An error never holds a secret: whoever raises one names the reference (``env: HOOK_SECRET``), not the value.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import ClassVar, Protocol

__all__ = [
    "AccessDenied",
    "BadArguments",
    "BrokenStore",
    "CurrencyMismatch",
    "DeadlineExceeded",
    "DeliveryFailed",
    "DeliveryRefused",
    "FinopsError",
    "InvalidValue",
    "LakeConflict",
    "LimitReached",
    "Malformed",
    "MissingRate",
    "NotFound",
    "NotLeading",
    "RefusedBatch",
    "ReplacedStore",
    "Terminal",
    "Throttled",
    "Transient",
    "UnknownAlert",
    "UnknownFinding",
    "UnknownSaving",
    "UnknownSilence",
    "Unreachable",
    "fault_place",
]


class FinopsError(Exception):
    """What went wrong, where, and how to fix it. ``exit_status`` is the command line's answer."""

    exit_status: ClassVar[int] = 4

    def __init__(self, what: str, *, where: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        """An error of another process arrives as it was."""
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[FinopsError], arguments: tuple[object, ...]) -> FinopsError:
    return kind.__new__(kind, *arguments)


class Terminal(FinopsError):
    """Trying the same again changes nothing."""


class Transient(FinopsError):
    """The same call may succeed later. ``retry_after_seconds`` is the other side's own wish, where it has one."""

    def __init__(self, what: str, *, where: str, remedy: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.retry_after_seconds = retry_after_seconds


class BadArguments(Terminal):
    """A command line that cannot be carried out."""

    exit_status = 2


class InvalidValue(ValueError):
    """A text that does not say what it should. Whoever knows its place makes a fault or a ``BadArguments`` of it.

    ``what``: what is wrong, ``remedy``: what to write instead. pydantic validators raise it like any ``ValueError``.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


class _HasPlace(Protocol):
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    def __str__(self) -> str: ...


class Malformed(Terminal):
    """All faults of one or more files, each as ``file:line:column: message``."""

    exit_status = 2

    def __init__(self, faults: Sequence[_HasPlace]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        super().__init__(
            f"{count} error{'s' if count != 1 else ''}",
            where="configuration",
            remedy="Fix the listed lines",
        )

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)


class UnknownFinding(Terminal):
    """A finding id that the state does not hold."""

    exit_status = 2


class UnknownAlert(Terminal):
    """An alert id that the state does not hold."""

    exit_status = 2


class UnknownSilence(Terminal):
    """A silence id that the state does not hold."""

    exit_status = 2


class UnknownSaving(Terminal):
    """A claim of a saving that the state does not hold."""

    exit_status = 2


class RefusedBatch(Terminal):
    """A bill that contradicts itself. The lake stays as it was.

    ``where`` is ``file, row N, column C``; rows count from 1, the header excluded.
    """


class AccessDenied(Terminal):
    """Credentials are missing, expired or lack a permission; ``remedy`` names the permission."""


class NotFound(Terminal):
    """A file, bucket, container, prefix or table that is not there."""


class BrokenStore(Terminal):
    """The lake or the state database holds what this program never writes."""


class ReplacedStore(BrokenStore):
    """The state database is gone, or is another one than the process has opened: it must not go on from that one."""


class CurrencyMismatch(Terminal):
    """Two amounts of different currencies were about to be added or compared."""


class MissingRate(Terminal):
    """No exchange rate for a currency on a day; a verdict becomes ``unknown``, never 1:1."""

    exit_status = 3


class DeliveryRefused(Terminal):
    """A receiver refuses a message for good: it is parked where people see it."""


class Unreachable(Transient):
    """No connection, a time-out, or the server's own fault."""


class Throttled(Transient):
    """The other side asks to wait."""


class LimitReached(Transient):
    """A limit of our own (request cost a day) would be passed: the request was not sent."""


class LakeConflict(Transient):
    """Another writer was faster, more often than we retry."""


class DeliveryFailed(Transient):
    """A receiver did not take a message this time."""


class DeadlineExceeded(Transient):
    """A run took longer than its total deadline, or was stopped. What it does from now on is discarded."""


class NotLeading(Transient):
    """Another replica leads now; the transaction was rolled back."""


def fault_place(error: BaseException) -> str:
    """``TypeError at finops/lake/write/rollup.py:88``: enough to report it; the message stays out, it may hold data."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "finops" in frame.filename] or list(frames)
    if not own:
        return type(error).__name__
    parts = own[-1].filename.replace("\\", "/").split("/")
    name = "/".join(parts[-3:]) if len(parts) >= 3 else own[-1].filename
    return f"{type(error).__name__} at {name}:{own[-1].lineno}"
