"""Failed sign-ins: how long the next attempt has to wait, and what of them the audit log keeps.

An address and a name each have a few attempts, then longer and longer pauses, in which no password is compared. Nobody
can lock others out with that: a name can still be used from where it was proven before, as can a proven token.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import Counter
from datetime import datetime
from typing import Literal, NamedTuple

from cachetools import LRUCache, TTLCache

from finops.model.audit import Actor, AuditAction, AuditEntry, Proof
from finops.ports.clock import Monotonic, since_boot
from finops.web.edge.refusals import Refusal, Refusals

FREE_ATTEMPTS = 5
LONGEST_PAUSE_SECONDS = 60.0
_FORGOTTEN_AFTER_SECONDS = 900.0
_MOST_REMEMBERED = 4096
_MOST_ENTRIES = 100
_SAME_ATTEMPTS = 4

Scheme = Literal["bearer", "basic"]
_UNKNOWN = "unknown"
_ELSEWHERE = "several"


class SignInsPaused(Exception):
    """Too many failed; the next may come after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Attempt(NamedTuple):
    """``name``: as given, empty with a token. ``carried``: the token, or ``name:password``."""

    address: str
    scheme: Scheme
    name: bytes
    carried: bytes


class _Failures(NamedTuple):
    """``latest``: digests of what was tried; a client that repeats one wrong secret guesses nothing."""

    number: int
    last_at: float
    latest: tuple[bytes, ...]


class SignIns:
    """Remembers a bounded number of addresses and names. Safe to use from any thread."""

    def __init__(self, refusals: Refusals | None = None, monotonic: Monotonic = since_boot) -> None:
        self._refusals = refusals or Refusals()
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._failures: TTLCache[str | bytes, _Failures] = TTLCache(
            _MOST_REMEMBERED, _FORGOTTEN_AFTER_SECONDS, timer=monotonic
        )
        self._proven: LRUCache[tuple[str, bytes], bool] = LRUCache(_MOST_REMEMBERED)
        self._unrecorded: Counter[tuple[str, str, Scheme]] = Counter()

    def check(self, attempt: Attempt) -> None:
        """Raises ``SignInsPaused`` while ``attempt`` has to wait."""
        with self._lock:
            proven = (attempt.address, self._identity(attempt)) in self._proven
            if attempt.scheme == "bearer":
                seconds = 0.0 if proven else self._pause(attempt.address)
            else:
                of_name = 0.0 if proven else self._pause(self._digest(attempt.name))
                seconds = max(self._pause(attempt.address), of_name)
        if seconds > 0:
            self._refusals.add(Refusal.SIGN_IN_PAUSED, attempt.address)
            raise SignInsPaused(seconds)

    def failed(self, attempt: Attempt, known_name: str) -> None:
        """``known_name``: the name where it is a configured one. Others are not kept: some are passwords."""
        self._refusals.add(Refusal.SIGN_IN, attempt.address)
        tried = self._digest(attempt.carried)
        with self._lock:
            keys: tuple[str | bytes, ...] = (attempt.address,)
            if attempt.scheme == "basic":
                keys = (*keys, self._digest(attempt.name))
            for key in keys:
                before = self._failures.get(key, _Failures(0, 0.0, ()))
                if tried not in before.latest:
                    latest = (*before.latest, tried)[-_SAME_ATTEMPTS:]
                    self._failures[key] = _Failures(before.number + 1, self._monotonic(), latest)
            entry = attempt.address, known_name or _UNKNOWN, attempt.scheme
            full = len(self._unrecorded) >= _MOST_ENTRIES and entry not in self._unrecorded
            self._unrecorded[(_ELSEWHERE, _UNKNOWN, attempt.scheme) if full else entry] += 1

    def succeeded(self, attempt: Attempt) -> None:
        identity = self._identity(attempt)
        with self._lock:
            self._proven[attempt.address, identity] = True
            if attempt.scheme == "basic":
                self._failures.pop(identity, None)

    def unrecorded(self, now: datetime) -> tuple[AuditEntry, ...]:
        """Entries for the audit log since the last call: one for each address, name and scheme, a hundred at most and
        then one for all others."""
        with self._lock:
            counts, self._unrecorded = self._unrecorded, Counter()
        return tuple(
            AuditEntry(
                now,
                AuditAction.SIGN_IN_FAILED,
                Actor(name, Proof.FAILED, address),
                "",
                f"{count} with a wrong {'token' if scheme == 'bearer' else 'password'}",
                "",
            )
            for (address, name, scheme), count in counts.items()
        )

    def _pause(self, key: str | bytes) -> float:
        failures = self._failures.get(key)
        if failures is None or failures.number < FREE_ATTEMPTS:
            return 0.0
        pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** min(failures.number - FREE_ATTEMPTS, 10))
        return failures.last_at + pause - self._monotonic()

    def _identity(self, attempt: Attempt) -> bytes:
        return self._digest(attempt.carried if attempt.scheme == "bearer" else attempt.name)

    def _digest(self, secret: bytes) -> bytes:
        """Worth nothing outside this process."""
        return hashlib.blake2b(secret, key=self._key, digest_size=16).digest()
