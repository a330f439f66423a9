"""The time, injected: what a calendar says, and how long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, aware, in UTC. It may step in both directions, whenever somebody sets the machine's clock."""
        ...


Monotonic = Callable[[], float]
"""Seconds since some moment. It never steps: waits, deadlines and leases are measured by it."""


def since_boot() -> float:
    """``Monotonic`` of this machine. Where the system offers it (Linux), time spent suspended counts."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
