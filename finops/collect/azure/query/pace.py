"""Keeps requests inside Cost Management's quotas, so that it need not refuse any.

Query processing units (QPU) of a tenant: 12 in 10 seconds, 60 in a minute, 600 in an hour; a query costs one QPU for
each month of data. Source: "Rate limits" of learn.microsoft.com/azure/cost-management-billing/automate/
get-small-usage-datasets-on-demand.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

from finops.collect.azure.patience import Wait
from finops.ports.clock import Clock

QUOTAS = ((timedelta(seconds=10), 12), (timedelta(minutes=1), 60), (timedelta(hours=1), 600))
"""(window, QPU)."""


class Pace:
    """Of one source. Other users of the tenant are not seen: what they use up shows as throttling."""

    def __init__(self, clock: Clock, wait: Wait) -> None:
        self._clock = clock
        self._wait = wait
        self._spent: deque[datetime] = deque()
        self._lock = threading.Lock()

    def take(self, units: int) -> None:
        """Waits until ``units`` QPU may be spent, and spends them."""
        with self._lock:
            now = self._clock.now()
            moment = max([now, *(self._free(window, quota, units) for window, quota in QUOTAS)])
            self._spent.extend([moment] * units)
            while self._spent and self._spent[0] <= moment - QUOTAS[-1][0]:
                self._spent.popleft()
        if moment > now:
            self._wait((moment - now).total_seconds())

    def _free(self, window: timedelta, quota: int, units: int) -> datetime:
        """When the unit that must have left the window leaves it; long ago where none has to."""
        position = len(self._spent) + units - quota - 1
        return (
            self._spent[position] + window if position >= 0 else datetime.min.replace(tzinfo=self._clock.now().tzinfo)
        )
