"""A question to Azure, asked again after what may pass by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from finops.errors import Transient

Wait = Callable[[float], None]
"""Waits so many seconds."""

ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 120.0
"""A longer wish is left to the next collection: it must not hold up others."""

_FIRST_WAIT_SECONDS = 2.0

T = TypeVar("T")


def patiently(ask: Callable[[], T], wait: Wait) -> T:
    """What ``ask`` returns. Between tries it waits as long as Azure wishes, else twice as long each time.

    Raises what ``ask`` raised last, at once where trying again changes nothing.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return ask()
        except Transient as error:
            pause = error.retry_after_seconds
            if pause is None:
                pause = _FIRST_WAIT_SECONDS * 2 ** (attempt - 1)
            if attempt == ATTEMPTS or pause > LONGEST_WAIT_SECONDS:
                raise
            wait(pause)
    raise AssertionError("the last attempt returns or raises")  # pragma: no cover - tells the type checker
